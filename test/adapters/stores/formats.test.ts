import { createHash } from "node:crypto";
import { readFileSync, unlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { MINUTE } from "../../../src/core/index.ts";
import { deliveryOf, deviceOf, entry, inviteOf, messageOf, NOON, phone, sessionOf } from "../../contracts/pairing-store.ts";
import { crashCopy, FILES, freshFolder, JOURNAL, openIn, read } from "./folder.ts";
import { contentOf, FORMATS, folderOfFormat, sweepUpgrade } from "./formats.ts";

const startError = async (folder: string): Promise<string> =>
  openIn(folder).then(
    () => "opened",
    (cause: Error) => cause.message,
  );

describe.each(FORMATS)("a folder of format %i", (format) => {
  it("is taken over whole, and is of this format from then on", async () => {
    const folder = folderOfFormat(format);
    const store = await openIn(folder);
    const before = await contentOf(store);
    for (const half of ["f-", "j-"]) {
      expect((await store.findDevices(`${half}paired`))[0]?.status).toBe("active");
      expect(await store.findByTokenId(`jti-${half}revoked`)).toMatchObject({ device: { status: "revoked" }, revoked: true });
      expect(await store.findSession(`session-${half}qr`)).toMatchObject({ otp: { hash: "right", wrong: 2 } });
      const pending = { status: "pending", textId: `session-${half}pending`, expiresAt: NOON + 20 * MINUTE };
      expect(await store.findSession(`session-${half}pending`)).toMatchObject(pending);
      expect(await store.findText(`session-${half}pending`)).toEqual({
        id: `session-${half}pending`,
        purpose: "invite",
        to: "+14155550101",
        baseUrl: "https://pair.example.com",
        sends: [NOON, NOON + MINUTE],
        delivery: deliveryOf("delivered", { at: NOON + 1000, provider: "twilio" }),
        sessionId: `session-${half}pending`,
        userId: "ada",
      });
      expect((await store.findText(`session-${half}lost`))?.delivery?.state).toBe("failed");
      if (format === 1) continue;
      expect(await store.listApprovalTexts({ approvalId: `approval-${half}` })).toMatchObject([
        { purpose: "approval", deviceId: `${half}paired`, sends: [NOON] },
      ]);
      expect((await store.findMessage(`message-${half}`))?.deliveries).toHaveLength(1);
    }
    // Tests and what was texted about approvals are no invites any more.
    expect((await store.listSessions()).map(({ sessionId }) => sessionId).filter((id) => /test|told/.test(id))).toEqual([]);
    expect(await store.lastTestText(NOON)).toMatchObject({ purpose: "test", delivery: { state: "delivered" } });
    // Of each half: a link that was sent twice, and a test; and what the provider never took counts for nothing.
    expect(await store.countMessages(NOON)).toBe(6);
    const text = await store.findText("session-f-pending");
    const budget = { perNumberPerTenMinutes: 12, perNumberPerDay: 1000, perDay: 1000 };
    if (!text) throw new Error("no text message");
    expect(await store.nextText({ text, budget, at: NOON + 2 * MINUTE })).toBe(NOON + 10 * MINUTE);

    await store.sendMessage({ message: messageOf("1"), to: [phone("f-paired")], at: NOON, audit: [] });
    expect(await openIn(crashCopy(folder)).then(async (copy) => copy.findMessage("message-1"))).toBeDefined();
    await store.close();
    for (const name of FILES) expect(JSON.parse(read(folder, name))).toMatchObject({ version: 3 });
    const again = await openIn(folder);
    expect(await contentOf(again)).toEqual({ ...(before as object), notifications: expect.anything(), inboxes: expect.anything() });
    await again.close();
    unlinkSync(path.join(folder, FILES[3]));
    expect(await startError(folder)).toContain(FILES[3]);
  });

  it("loses nothing when its upgrade is killed on the way", async () => {
    expect(await sweepUpgrade(format, 7)).toBeGreaterThan(4);
  });
});

describe("what a newer version of this format adds", () => {
  /** The changed file, with a matching digest (`"digest"`) or not. */
  const rewrite = (folder: string, name: string, change: (text: string) => string): void => {
    const text = change(readFileSync(path.join(folder, name), "utf8"));
    const blank = text.replace(/"sha256":"[0-9a-f]{64}"/, `"sha256":"${"0".repeat(64)}"`);
    writeFileSync(path.join(folder, name), blank.replace("0".repeat(64), createHash("sha256").update(blank).digest("hex")));
  };
  const line = (seq: number, change: string): string => {
    const sum = createHash("sha256").update(`{"version":3,"seq":${seq},"change":${change}}`).digest("hex").slice(0, 16);
    return `{"version":3,"seq":${seq},"sum":"${sum}","change":${change}}\n`;
  };

  it("is still there after this version has changed the records and written the files anew", async () => {
    const folder = freshFolder();
    const store = await openIn(folder);
    await store.addInvite({ ...inviteOf(sessionOf("1")), at: NOON, audit: [] });
    await store.acceptInvite({ codeHash: "code-1", device: deviceOf("phone", "jti"), at: () => NOON, audit: [] });
    await store.sendMessage({ message: messageOf("1"), to: [phone("phone")], at: NOON, audit: [] });
    await store.close();
    const colour = '"colour":{"red":1},';
    rewrite(folder, FILES[0], (text) => text.replace('{"session_id"', `{${colour}"session_id"`));
    rewrite(folder, FILES[1], (text) => text.replace('{"device_id"', `{${colour}"level":"view","confirmed":false,"device_id"`));
    rewrite(folder, FILES[3], (text) =>
      text
        .replace('{"text_id"', `{${colour}"text_id"`)
        .replace('{"message_id"', `{${colour}"message_id"`)
        .replace(
          '{"inbox":{',
          `{"record":{"kind":"policy","key":"a","value":{"days":3}}},\n{"record":{"kind":"policy","key":"b","value":1}},\n{"inbox":{${colour}`,
        ),
    );
    const { seq } = JSON.parse(read(folder, FILES[0])) as { seq: number };
    const records = '[{"kind":"policy","key":"b","value":null},{"kind":"policy","key":"c","value":"kept"}]';
    writeFileSync(path.join(folder, JOURNAL), line(seq + 1, `{"records":${records},"audit":[]}`));

    const after = await openIn(folder);
    expect(await after.updateDevice({ ...phone("phone"), set: { deviceName: "New" }, at: NOON, audit: [entry()] })).toMatchObject({
      deviceName: "New",
      level: "view",
      confirmed: false,
    });
    await after.noteDelivery({ textId: "text-1", send: 1, delivery: deliveryOf("sent"), at: NOON, audit: [] });
    await after.noteReceipt({ ...phone("phone"), receipt: { kind: "delivered", seq: 1 }, at: NOON, audit: [] });
    await after.close();
    const written = (name: string): unknown[] => Object.values(JSON.parse(read(folder, name)) as object).at(-1) as unknown[];
    expect(written(FILES[0])).toMatchObject([{ colour: { red: 1 } }]);
    expect(written(FILES[1])).toMatchObject([{ colour: { red: 1 }, level: "view", confirmed: false, device_name: "New" }]);
    expect(written(FILES[3])).toMatchObject([
      { inbox: { colour: { red: 1 } } },
      { message: { colour: { red: 1 } } },
      { text: { colour: { red: 1 }, delivery: { state: "sent" } } },
      { record: { kind: "policy", key: "a", value: { days: 3 } } },
      { record: { kind: "policy", key: "c", value: "kept" } },
    ]);
  });
});

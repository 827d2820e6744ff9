import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { approvalRecord, readApproval } from "../../../src/adapters/stores/file/approval-records.ts";
import { openFileStore } from "../../../src/adapters/stores/file/file-store.ts";
import { StorageError } from "../../../src/adapters/stores/file/storage-file.ts";
import { systemDigest } from "../../../src/adapters/system/digest.ts";
import { DAY, MINUTE, type PairingStore, SECOND } from "../../../src/core/index.ts";
import {
  approvalOf,
  askOf,
  CAPS,
  deviceOf,
  entry,
  inviteOf,
  messageOf,
  NOON,
  phone,
  sessionOf,
  settledOf,
} from "../../contracts/pairing-store.ts";
import { EVERY_CASE, sampled } from "../../sampled.ts";
import { AUDIT, auditLines, crashCopy, everything, FILES, freshFolder, JOURNAL, openIn, read, testLog } from "./folder.ts";

/** Folders checked in parallel: most of the time goes by while a disk syncs. */
const AT_ONCE = 16;

const add = async (store: PairingStore, id: string, over: Parameters<typeof sessionOf>[1] = {}) =>
  store.addInvite({ ...inviteOf(sessionOf(id, over)), at: NOON, audit: [entry("send_sms_invite")] });

it("has the digest of an approval that was written before approvals had one", () => {
  const approval = { ...approvalOf("1"), userIds: ["ada"] };
  const { content_sha256: _, ...former } = JSON.parse(JSON.stringify(approvalRecord(approval)));
  expect(readApproval(former)).toEqual({
    ...approval,
    contentSha256: systemDigest.contentSha256({
      project_name: approval.projectName,
      plan: approval.plan,
      affected_files: approval.affectedFiles,
    }),
  });
  expect(readApproval(approvalRecord(approval))).toEqual(approval);
});

it("reads where an approval was decided, and from earlier versions that it was at the computer", () => {
  for (const kind of ["computer", "admin"] as const) {
    const approval = { ...approvalOf("1"), userIds: ["ada"], decidedBy: { kind } };
    const record = JSON.parse(JSON.stringify(approvalRecord(approval)));
    // What earlier versions read as well.
    expect(record.decided_by).toEqual({ kind: "desk" });
    expect(readApproval(record)).toEqual(approval);
    const { decided_via: _, ...former } = record;
    expect(readApproval(former)).toEqual({ ...approval, decidedBy: { kind: "computer" } });
  }
});

/** Two phones, one of them revoked, a pending invite and a finished one. */
async function fill(store: PairingStore): Promise<void> {
  for (const id of ["1", "2", "3", "4"]) await add(store, id);
  for (const id of ["1", "2"]) {
    const device = deviceOf(`phone-${id}`, `jti-${id}`, { sessionId: `session-${id}` });
    await store.acceptInvite({ codeHash: `code-${id}`, device, at: () => NOON + 1, audit: [entry()] });
  }
  await store.cancelInvite({ codeHash: "code-3", at: () => NOON + 2, audit: [entry("cancel_invite")] });
  await store.sendMessage({ message: messageOf("1"), to: [phone("phone-1"), phone("phone-2")], at: NOON + 2, audit: [] });
  await store.noteReceipt({ ...phone("phone-1"), receipt: { kind: "delivered", seq: 1 }, at: NOON + 2, audit: [] });
  await store.addApproval({
    approval: approvalOf("1"),
    message: askOf("1"),
    to: [phone("phone-1"), phone("phone-2")],
    caps: CAPS,
    at: NOON + 2,
    audit: [],
  });
  await store.settleApproval({
    approvalId: "approval-1",
    status: "approved",
    decidedBy: { kind: "admin" },
    message: settledOf("1"),
    at: () => NOON + 2,
    audit: [],
  });
  await store.revokeDevice({ userId: "ada", deviceId: "phone-2", at: NOON + 3, audit: [entry("revoke_device")] });
}

async function filledFolder(): Promise<string> {
  const folder = freshFolder();
  const store = await openIn(folder);
  await fill(store);
  await store.close();
  return folder;
}

/** The same before the first checkpoint. */
async function journalFolder(): Promise<string> {
  const folder = freshFolder();
  const store = await openIn(folder);
  await fill(store);
  const copy = crashCopy(folder);
  await store.close();
  return copy;
}

async function startError(folder: string): Promise<StorageError> {
  const cause: unknown = await openIn(folder).then(
    async (store) => {
      await store.close();
      return undefined;
    },
    (reason: unknown) => reason,
  );
  if (!(cause instanceof StorageError)) throw new Error(`not refused, or not by a StorageError: ${String(cause)}`);
  expect(cause.message).not.toContain("\n");
  return cause;
}

function snapshot(folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), "base64")]));
}

describe("the files", () => {
  it("are private from their first moment, in a private folder, whatever the umask", async () => {
    const folder = path.join(freshFolder(), "deep", "storage");
    const before = process.umask(0);
    try {
      const store = await openIn(folder);
      await fill(store);
      for (const name of readdirSync(folder)) expect([name, statSync(path.join(folder, name)).mode & 0o777]).toEqual([name, 0o600]);
      await store.close();
    } finally {
      process.umask(before);
    }
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder).sort()).toEqual([...FILES, JOURNAL, AUDIT, "pairing.reserve"].sort());
    for (const name of readdirSync(folder)) expect(statSync(path.join(folder, name)).mode & 0o777).toBe(0o600);
  });

  it("are corrected, with a warning, when others can read them", async () => {
    const folder = await filledFolder();
    for (const name of readdirSync(folder)) chmodSync(path.join(folder, name), 0o644);
    chmodSync(folder, 0o755);
    const log = testLog();
    await (await openIn(folder, log)).close();
    for (const name of readdirSync(folder)) expect(statSync(path.join(folder, name)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(log.warnings.length).toBeGreaterThanOrEqual(6);
  });

  it("can be read by a person after a stop, and say where they stand", async () => {
    const folder = await filledFolder();
    expect(read(folder, JOURNAL)).toBe("");
    for (const name of FILES) {
      const text = read(folder, name);
      const { version, seq, sha256 } = JSON.parse(text) as Record<string, unknown>;
      expect([version, seq]).toEqual([3, 12]);
      expect(
        createHash("sha256")
          .update(text.replace(String(sha256), "0".repeat(64)))
          .digest("hex"),
      ).toBe(sha256);
    }
    const { sessions } = JSON.parse(read(folder, FILES[0])) as { sessions: Record<string, unknown>[] };
    expect(read(folder, FILES[0]).split("\n")).toHaveLength(sessions.length + 3);
    expect(sessions[1]).toMatchObject({
      session_id: "session-2",
      method: "sms",
      status: "accepted",
      user_id: "ada",
      phone_number: "+14155550101",
      created_at: new Date(NOON).toISOString(),
      accepted_at: new Date(NOON + 1).toISOString(),
      revoked_at: new Date(NOON + 3).toISOString(),
      device_id: "phone-2",
      text_id: "text-2",
    });
    const { devices } = JSON.parse(read(folder, FILES[1])) as { devices: unknown[] };
    expect(devices[1]).toMatchObject({
      device_id: "phone-2",
      status: "revoked",
      paired_via: "sms",
      expires_at: new Date(NOON + 30 * DAY).toISOString(),
    });
    const { revoked } = JSON.parse(read(folder, FILES[2])) as { revoked: unknown };
    expect(revoked).toEqual([{ jti: "jti-2", exp: (NOON + 30 * DAY) / SECOND }]);
    const { outbox } = JSON.parse(read(folder, FILES[3])) as { outbox: unknown[] };
    expect(outbox).toContainEqual({
      message: expect.objectContaining({
        type: "notification",
        to: [
          ["ada", "phone-1", 1],
          ["ada", "phone-2", 1],
        ],
      }),
    });
    expect(outbox).toContainEqual({
      approval: expect.objectContaining({
        approval_id: "approval-1",
        status: "approved",
        decided_by: { kind: "desk" },
        decided_via: "admin",
      }),
    });
    expect(outbox).toContainEqual({
      inbox: expect.objectContaining({ device_id: "phone-1", last_seq: 3, deliveries: [[1, new Date(NOON + 2).toISOString()]] }),
    });
  });

  it("get a checkpoint soon after changes pause", async () => {
    const folder = freshFolder();
    const store = await openIn(folder);
    await fill(store);
    await expect.poll(() => read(folder, JOURNAL), { timeout: 10_000 }).toBe("");
    expect(JSON.parse(read(folder, FILES[1]))).toMatchObject({ seq: 12 });
    await add(store, "5");
    const expected = await everything(store, ["jti-1", "jti-2"]);
    expect(await everything(await openIn(crashCopy(folder)), ["jti-1", "jti-2"])).toEqual(expected);
  });

  it("lose nothing when changes go on during checkpoints", async () => {
    const folder = freshFolder();
    const store = await openIn(folder);
    let number = 0;
    const addNext = async (): Promise<void> => {
      number += 1;
      await add(store, String(number));
    };
    const journals = new Set<number>();
    for (let round = 0; round < 5; round += 1) {
      const before = statSync(path.join(folder, FILES[0])).ino;
      await Promise.all(Array.from({ length: 300 }, addNext));
      // A pause until a checkpoint begins; changes then go on while it is written.
      const begun = () =>
        readdirSync(folder).some((name) => name.startsWith(FILES[0]) && name.endsWith(".draft")) ||
        statSync(path.join(folder, FILES[0])).ino !== before;
      while (!begun()) await nextTurn();
      for (let more = 0; more < 60; more += 1) {
        await Promise.all([addNext(), addNext()]);
        journals.add(statSync(path.join(folder, JOURNAL)).ino);
      }
    }
    expect(journals.size).toBeGreaterThan(1);
    const sessions = await store.listSessions();
    expect(sessions).toHaveLength(number);
    expect(await (await openIn(crashCopy(folder))).listSessions()).toEqual(sessions);
    await store.close();
    expect(await (await openIn(folder)).listSessions()).toEqual(sessions);
    expect(auditLines(folder).map((line) => line["seq"])).toEqual(Array.from({ length: number }, (_, index) => index + 1));
  });

  it("forget finished sessions after their retention, and revoked tokens after their end", async () => {
    const folder = freshFolder();
    let now = NOON;
    const store = await openIn(folder, testLog(), () => now);
    await fill(store);
    now = NOON + 15 * MINUTE + 90 * DAY - 1;
    await store.close();
    const later = await openIn(folder, testLog(), () => now);
    expect(await later.listSessions()).toHaveLength(4);
    expect((await later.findByTokenId("jti-2")).revoked).toBe(false);
    now += 1;
    await later.appendAudit(now, entry("key_rotated"));
    await later.close();
    const last = await openIn(folder, testLog(), () => now);
    // The next sweep removes the unfinished one.
    expect((await last.listSessions()).map((session) => session.sessionId)).toEqual(["session-4"]);
    expect((await last.findByTokenId("jti-2")).device?.status).toBe("revoked");
  });

  it("forget revoked phones after their retention, but not that their tokens are revoked", async () => {
    const folder = freshFolder();
    let now = NOON;
    const store = await openIn(folder, testLog(), () => now);
    for (const [id, expiresAt] of [
      ["1", NOON + 30 * DAY],
      ["2", NOON + 500 * DAY],
      ["3", NOON + 500 * DAY],
    ] as const) {
      await store.addInvite({ session: sessionOf(id), at: NOON, audit: [] });
      await store.acceptInvite({
        codeHash: `code-${id}`,
        device: deviceOf(id, `jti-${id}`, { expiresAt, sessionId: `session-${id}` }),
        at: () => NOON,
        audit: [],
      });
    }
    for (const id of ["1", "2"]) await store.revokeDevice({ userId: "ada", deviceId: id, at: NOON + DAY, audit: [] });
    const ids = async (opened: PairingStore): Promise<string[]> => (await opened.listDevices()).map(({ deviceId }) => deviceId);
    now = NOON + 366 * DAY - 1;
    await store.close();
    const later = await openIn(folder, testLog(), () => now);
    expect(await ids(later)).toEqual(["3", "2", "1"]);
    now += 1;
    await later.appendAudit(now, entry("key_rotated"));
    await later.close();
    const last = await openIn(folder, testLog(), () => now);
    expect(await ids(last)).toEqual(["3"]);
    expect(await last.countDevices()).toEqual({ active: 1, suspended: 0, revoked: 0 });
    expect(await last.findDevices("2")).toEqual([]);
    expect(await last.findByTokenId("jti-2")).toEqual({ device: undefined, revoked: true });
  });

  it("that are large are not written again for a small change, nor at a stop; nothing is lost", async () => {
    const [sessionsFile] = FILES;
    const folder = freshFolder();
    const large = { largeStateBytes: 1000 };
    let added = 10;
    const add = async (to: PairingStore): Promise<unknown> => {
      added += 1;
      return to.addInvite({ session: sessionOf(String(added)), at: NOON, audit: [entry("generate_qr")] });
    };
    /** Adds records until the files are written in slices, with pauses between them. */
    const addUntilWritten = async (to: PairingStore): Promise<void> => {
      const more = async (): Promise<string> => {
        const journal = read(folder, JOURNAL);
        if (journal !== "") await add(to);
        return journal;
      };
      await expect.poll(more, { timeout: 60_000, interval: 700 }).toBe("");
    };
    const store = await openIn(folder, testLog(), () => NOON, large);
    for (let count = 0; count < 20; count += 1) await add(store);
    await store.acceptInvite({ codeHash: "code-11", device: deviceOf("1", "jti-1"), at: () => NOON, audit: [] });
    await addUntilWritten(store);
    const written = read(folder, sessionsFile);
    await add(store);
    store.noteSeen(deviceOf("1", "jti-1"), NOON + MINUTE);
    await store.close();
    expect(read(folder, sessionsFile)).toBe(written);
    expect(read(folder, JOURNAL)).toContain(`session-${added}`);
    const again = await openIn(folder, testLog(), () => NOON, large);
    expect((await again.listSessions())[0]?.sessionId).toBe(`session-${added}`);
    expect((await again.listDevices())[0]?.lastSeen).toBe(NOON + MINUTE);
    await addUntilWritten(again);
    expect(read(folder, sessionsFile)).toContain(`session-${added}`);
  });

  it("hold no more of an invite's code than its hash", async () => {
    const folder = await filledFolder();
    expect(Object.keys(snapshot(folder)).some((name) => read(folder, name).includes("invite_code"))).toBe(false);
  });
});

describe("after a crash", () => {
  it("has everything that was answered", async () => {
    const folder = freshFolder();
    const store = await openIn(folder);
    await fill(store);
    const expected = await everything(store, ["jti-1", "jti-2"]);
    const log = testLog();
    expect(await everything(await openIn(crashCopy(folder), log), ["jti-1", "jti-2"])).toEqual(expected);
    expect(log.warnings).toEqual([]);
  });

  it("drops a last line torn at any byte, with a warning, and goes on", async () => {
    const folder = await journalFolder();
    const journal = read(folder, JOURNAL);
    const last = journal.lastIndexOf("\n", journal.length - 2) + 1;
    const tornAt = async (length: number): Promise<void> => {
      const copy = crashCopy(folder);
      truncateSync(path.join(copy, JOURNAL), length);
      const log = testLog();
      const store = await openIn(copy, log);
      // The last byte is the newline: the change is complete without it.
      const whole = length === journal.length - 1;
      expect((await store.findByTokenId("jti-2")).revoked).toBe(whole);
      expect((await store.findByTokenId("jti-2")).device?.status).toBe(whole ? "revoked" : "active");
      expect(log.warnings.some((warning) => warning.includes("cut short"))).toBe(!whole && length > last);
      await add(store, "after");
      await store.close();
      const again = await openIn(copy);
      expect((await again.findByCode("code-after"))?.status).toBe("pending");
      await again.close();
      rmSync(copy, { recursive: true, force: true });
    };
    const lengths = sampled(
      Array.from({ length: journal.length - last }, (_, index) => last + index),
      13,
    );
    for (let start = 0; start < lengths.length; start += AT_ONCE) await Promise.all(lengths.slice(start, start + AT_ONCE).map(tornAt));
  });

  it("drops a last line of which blocks never reached the disk", async () => {
    const folder = await journalFolder();
    const begun = Buffer.from('{"version":3,"seq":13,"sum":"');
    const toNextPage = 4096 - ((statSync(path.join(folder, JOURNAL)).size + begun.length) % 4096);
    appendFileSync(
      path.join(folder, JOURNAL),
      Buffer.concat([begun, Buffer.alloc(toNextPage, "f"), Buffer.alloc(4096), Buffer.from("}\n")]),
    );
    const log = testLog();
    expect(await (await openIn(folder, log)).listSessions()).toHaveLength(4);
    expect(log.warnings).toHaveLength(1);
  });

  it("can have stopped between any two of a checkpoint's steps", async () => {
    const before = await journalFolder();
    const after = crashCopy(before);
    const store = await openIn(after);
    const expected = await everything(store, ["jti-1", "jti-2"]);
    await store.close();
    const steps = [...FILES, JOURNAL];
    for (let done = 0; done <= steps.length; done += 1) {
      const folder = crashCopy(before);
      for (const name of steps.slice(0, done)) writeFileSync(path.join(folder, name), readFileSync(path.join(after, name)));
      writeFileSync(path.join(folder, `${steps[done] ?? JOURNAL}.draft`), '{"version":1,"seq":99,');
      const restarted = await openIn(folder);
      expect(await everything(restarted, ["jti-1", "jti-2"])).toEqual(expected);
      expect(readdirSync(folder).filter((name) => name.endsWith(".draft"))).toEqual([]);
    }
  });

  it("can have stopped in the middle of the first start", async () => {
    const template = freshFolder();
    await (await openIn(template)).close();
    const steps = [...FILES, JOURNAL];
    for (let done = 0; done < steps.length; done += 1) {
      const folder = freshFolder();
      for (const name of steps.slice(0, done)) writeFileSync(path.join(folder, name), readFileSync(path.join(template, name)));
      writeFileSync(path.join(folder, `${steps[done]}.draft`), "half");
      const store = await openIn(folder);
      await add(store, "1");
      expect(await (await openIn(crashCopy(folder))).listSessions()).toHaveLength(1);
    }
  });

  it("brings the audit trail up to the journal, whatever of it was lost", async () => {
    const folder = await journalFolder();
    const whole = read(folder, AUDIT);
    for (const length of [0, 1, 50, whole.indexOf("\n"), whole.indexOf("\n") + 1, whole.length - 40, whole.length - 1, whole.length]) {
      const copy = crashCopy(folder);
      truncateSync(path.join(copy, AUDIT), length);
      const store = await openIn(copy);
      expect(read(copy, AUDIT)).toBe(whole);
      await store.appendAudit(NOON, entry("key_rotated"));
      expect(auditLines(copy).map((line) => line["seq"])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
    const copy = crashCopy(folder);
    unlinkSync(path.join(copy, AUDIT));
    await openIn(copy);
    expect(read(copy, AUDIT)).toBe(whole);
  });

  it("goes on with the next audit number when the trail was taken away", async () => {
    const folder = await filledFolder();
    renameSync(path.join(folder, AUDIT), path.join(folder, `${AUDIT}.1`));
    const store = await openIn(folder);
    await store.appendAudit(NOON, entry("key_rotated"));
    expect(auditLines(folder).map((line) => line["seq"])).toEqual([9]);
  });
});

describe("damage", () => {
  const refuses = async (folder: string, name: string): Promise<void> => {
    const before = snapshot(folder);
    const { message } = await startError(folder);
    expect(message).toContain(path.join(folder, name));
    expect(message).toMatch(/backup|[Mm]ove|Update/);
    expect(snapshot(folder)).toEqual(before);
  };

  it.each([JOURNAL, ...FILES])("of one bit anywhere in %s is refused and left as it is", async (name) => {
    const folder = name === JOURNAL ? await journalFolder() : await filledFolder();
    const file = path.join(folder, name);
    const whole = readFileSync(file);
    // Coprime to the size of a line, so that every kind of offset is hit without testing every offset.
    for (let bit = 0; bit < whole.length * 8; bit += EVERY_CASE ? 61 : 61 * 7) {
      const bytes = Buffer.from(whole);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      writeFileSync(file, bytes);
      const outcome = await openIn(folder).catch((cause: unknown) => cause);
      if (!(outcome instanceof StorageError)) throw new Error(`bit ${bit} of ${name}: not refused`);
      expect(outcome.message).toContain(file);
      expect(readFileSync(file).equals(bytes)).toBe(true);
    }
  });

  it.each(FILES)("%s cut short, emptied, of another shape or encoding is refused", async (name) => {
    const folder = await filledFolder();
    const file = path.join(folder, name);
    const whole = readFileSync(file);
    const others = [
      "",
      "null",
      "[]",
      "{}",
      '{"version":1,"seq":8,"sha256":"","sessions":{}}',
      `\ufeff${whole.toString()}`,
      Buffer.from(whole.toString(), "utf16le"),
    ];
    for (const content of others) {
      writeFileSync(file, content);
      await refuses(folder, name);
    }
    for (let length = 0; length < whole.length; length += EVERY_CASE ? 7 : 61) {
      writeFileSync(file, whole.subarray(0, length));
      await refuses(folder, name);
    }
  });

  it.each([JOURNAL, ...FILES])("%s of a newer version is refused as such", async (name) => {
    const folder = name === JOURNAL ? await journalFolder() : await filledFolder();
    const file = path.join(folder, name);
    writeFileSync(file, read(folder, name).replace('"version":3', '"version":4'));
    await refuses(folder, name);
    expect((await startError(folder)).message).toContain("newer version");
  });

  it.each([...FILES, JOURNAL])("is refused when %s is gone: nothing may be forgotten in silence", async (name) => {
    const folder = await filledFolder();
    unlinkSync(path.join(folder, name));
    const { message } = await startError(folder);
    expect(message).toContain(name);
    expect(existsSync(path.join(folder, name))).toBe(false);
  });

  it("is refused when lines are gone from the journal, at its beginning, middle or as a whole", async () => {
    const folder = await journalFolder();
    const lines = read(folder, JOURNAL).split("\n");
    for (const gone of [0, 3]) {
      writeFileSync(path.join(folder, JOURNAL), lines.filter((_, index) => index !== gone).join("\n"));
      await refuses(folder, JOURNAL);
    }
    const later = crashCopy(folder);
    writeFileSync(path.join(later, JOURNAL), lines.join("\n"));
    await (await openIn(later)).close();
    // One of the three files is newer than the journal.
    writeFileSync(path.join(folder, JOURNAL), "");
    writeFileSync(path.join(folder, FILES[2]), readFileSync(path.join(later, FILES[2])));
    await refuses(folder, JOURNAL);
  });

  it.each([...FILES, JOURNAL, AUDIT, "pairing.lock", "pairing.reserve", `${FILES[0]}.draft`])(
    "a link, pipe or folder in place of %s is refused, its target untouched",
    async (name) => {
      const folder = await filledFolder();
      const file = path.join(folder, name);
      const target = path.join(freshFolder(), "target");
      for (const plant of ["link", "hardlink", "folder", "pipe"] as const) {
        rmSync(file, { recursive: true, force: true });
        writeFileSync(target, "precious");
        if (plant === "link") symlinkSync(target, file);
        if (plant === "hardlink") linkSync(target, file);
        if (plant === "folder") mkdirSync(file);
        if (plant === "pipe" && spawnSync("mkfifo", [file]).status !== 0) continue;
        expect((await startError(folder)).message).toContain(file);
        expect(readFileSync(target, "utf8")).toBe("precious");
      }
    },
  );

  it.each(["/dev/full/x", "/proc/nope", "no\0good", `/tmp/${"x".repeat(4096)}`])(
    "a folder that cannot be is refused in one line: %j",
    async (folder) => {
      await expect(
        openFileStore({
          folder,
          now: () => NOON,
          log: testLog(),
          sessionRetentionDays: 90,
          deviceRetentionDays: 365,
          auditRetentionDays: 365,
        }),
      ).rejects.toBeInstanceOf(StorageError);
    },
  );
});

describe("the lock", () => {
  it("refuses a second instance, names the process, and lets go at the end", async () => {
    const folder = freshFolder();
    const store = await openIn(folder);
    expect((await startError(folder)).message).toContain(`pid ${process.pid}`);
    await store.close();
    await (await openIn(folder)).close();
    expect(existsSync(path.join(folder, "pairing.lock"))).toBe(false);
  });

  it("refuses when another living process holds it, takes over when it is dead", async () => {
    const folder = await filledFolder();
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    try {
      const stat = readFileSync(`/proc/${other.pid}/stat`, "utf8");
      const started = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
      const lock = JSON.stringify({ pid: other.pid, started });
      writeFileSync(path.join(folder, "pairing.lock"), `${lock}\n`);
      expect((await startError(folder)).message).toContain(`pid ${other.pid}`);
      const ended = new Promise((resolve) => other.once("exit", resolve));
      other.kill("SIGKILL");
      await ended;
      expect(await (await openIn(folder)).listSessions()).toHaveLength(4);
    } finally {
      other.kill("SIGKILL");
    }
  });

  it.each([
    ["a dead process", JSON.stringify({ pid: 4_194_303, started: "1" })],
    ["a process whose number went to another", JSON.stringify({ pid: process.pid, started: "1" })],
    ["nobody: it is empty", ""],
    ["nobody: it is nonsense", '{"pid":-1}'],
  ])("is taken over from %s", async (_, content) => {
    const folder = await filledFolder();
    writeFileSync(path.join(folder, "pairing.lock"), content);
    writeFileSync(path.join(folder, "pairing.lock.turn"), content);
    const store = await openIn(folder);
    expect(JSON.parse(read(folder, "pairing.lock"))).toMatchObject({ pid: process.pid });
    expect(existsSync(path.join(folder, "pairing.lock.turn"))).toBe(false);
    await store.close();
  });

  it.each([{ host: "another-computer" }, { world: "pid:[1]" }])(
    "is judged by its touches when its process cannot be seen: %j",
    async (where) => {
      const folder = await filledFolder();
      const lock = path.join(folder, "pairing.lock");
      // The pid exists here, which says nothing about a process elsewhere.
      writeFileSync(lock, `${JSON.stringify({ pid: process.pid, ...where })}\n`);
      const touching = setInterval(() => utimesSync(lock, new Date(), new Date()), 500);
      expect((await startError(folder)).message).toContain(`held by a running process elsewhere (pid ${process.pid}`);
      clearInterval(touching);
      const store = await openIn(folder);
      expect(await store.listSessions()).toHaveLength(4);
      await store.close();
    },
  );

  it("counts for its own folder alone: a copy of the folder is free", async () => {
    const folder = freshFolder();
    const store = await openIn(folder);
    await fill(store);
    const copy = freshFolder();
    cpSync(folder, copy, { recursive: true });
    expect(existsSync(path.join(copy, "pairing.lock"))).toBe(true);
    const other = await openIn(copy);
    expect(await other.listSessions()).toHaveLength(4);
    expect((await startError(copy)).message).toContain(`pid ${process.pid}`);
    await other.close();
  });

  it("of a process whose start time is unknown counts only while it is touched", async () => {
    const folder = await filledFolder();
    // The format of macOS and Windows: only the pid, which another program can have by now.
    writeFileSync(path.join(folder, "pairing.lock"), `${JSON.stringify({ pid: process.ppid })}\n`);
    const store = await openIn(folder);
    expect(await store.listSessions()).toHaveLength(4);
  });

  it("that another process took over ends the former holder: it changes nothing and answers nothing", async () => {
    const folder = freshFolder();
    const lost: string[] = [];
    const store = await openFileStore({
      folder,
      now: () => NOON,
      log: testLog(),
      sessionRetentionDays: 90,
      deviceRetentionDays: 365,
      auditRetentionDays: 365,
      lost: ({ message }) => void lost.push(message),
    });
    await fill(store);
    const lock = path.join(folder, "pairing.lock");
    writeFileSync(`${lock}.other`, `${JSON.stringify({ pid: 7, host: "another-computer" })}\n`);
    renameSync(`${lock}.other`, lock);
    const before = snapshot(folder);
    await expect(store.listDevices()).rejects.toMatchObject({ code: "storage_unavailable" });
    await expect(add(store, "9")).rejects.toMatchObject({ code: "storage_unavailable" });
    await expect(store.checkWritable()).rejects.toMatchObject({ code: "storage_unavailable" });
    await store.close();
    expect(snapshot(folder)).toEqual(before);
    expect(lost).toEqual([expect.stringMatching(/^Another process \(pid 7 on another-computer\) took over .*This server stops/)]);
  });

  it("is made again when somebody deletes it under a running server", async () => {
    const folder = freshFolder();
    const store = await openIn(folder);
    await add(store, "1");
    unlinkSync(path.join(folder, "pairing.lock"));
    await add(store, "2");
    expect((await startError(folder)).message).toContain(`pid ${process.pid}`);
  });

  it("of a holder that may still live gives way together with the files that it can still write to", async () => {
    const folder = await journalFolder();
    const inodes = () => [JOURNAL, AUDIT].map((name) => statSync(path.join(folder, name)).ino);
    const fds = [JOURNAL, AUDIT].map((name) => openSync(path.join(folder, name), "r+"));
    const before = inodes();
    writeFileSync(path.join(folder, "pairing.lock"), `${JSON.stringify({ pid: 7, host: "another-computer" })}\n`);
    const store = await openIn(folder);
    const expected = await everything(store, ["jti-1", "jti-2"]);
    for (const [index, inode] of inodes().entries()) expect(inode).not.toBe(before[index]);
    // What the previous holder writes when it continues.
    for (const fd of fds) writeSync(fd, "x".repeat(5000), 0);
    await add(store, "5");
    expect(await everything(await openIn(crashCopy(folder)), ["jti-1", "jti-2"])).toMatchObject({ devices: (expected as any).devices });
    expect(auditLines(folder).map((line) => line["seq"])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const fd of fds) closeSync(fd);
  });

  it("is left alone when a start is refused for another reason, but not kept", async () => {
    const folder = await filledFolder();
    writeFileSync(path.join(folder, FILES[0]), "");
    await startError(folder);
    expect(existsSync(path.join(folder, "pairing.lock"))).toBe(false);
  });
});

describe("a disk that fails", () => {
  const unavailable = { code: "storage_unavailable" };

  it("refuses changes when the folder is removed, makes no new one, and still answers", async () => {
    const folder = path.join(freshFolder(), "storage");
    const store = await openIn(folder);
    await fill(store);
    rmSync(folder, { recursive: true });
    await expect(add(store, "9")).rejects.toMatchObject(unavailable);
    await expect(store.checkWritable()).rejects.toMatchObject(unavailable);
    expect(existsSync(folder)).toBe(false);
    expect((await store.findByTokenId("jti-2")).revoked).toBe(true);
    expect(await store.findByCode("code-9")).toBeUndefined();
    mkdirSync(folder);
    await expect(add(store, "9")).rejects.toMatchObject(unavailable);
    await store.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("heals by itself when the folder comes back", async () => {
    const folder = path.join(freshFolder(), "storage");
    const store = await openIn(folder);
    await fill(store);
    renameSync(folder, `${folder}-away`);
    await expect(add(store, "9")).rejects.toMatchObject(unavailable);
    renameSync(`${folder}-away`, folder);
    await expect
      .poll(
        async () =>
          store.checkWritable().then(
            () => true,
            () => false,
          ),
        { timeout: 20_000 },
      )
      .toBe(true);
    await add(store, "10");
    const again = await openIn(crashCopy(folder));
    expect(await again.findByCode("code-9")).toBeUndefined();
    expect(await everything(again)).toEqual(await everything(store));
    expect(auditLines(folder).map((line) => line["seq"])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("heals when only the journal was deleted", async () => {
    const folder = freshFolder();
    const store = await openIn(folder);
    await fill(store);
    unlinkSync(path.join(folder, JOURNAL));
    await expect(add(store, "9")).rejects.toMatchObject(unavailable);
    await expect
      .poll(
        async () =>
          add(store, "10").then(
            () => true,
            () => false,
          ),
        { timeout: 20_000 },
      )
      .toBe(true);
    expect(await everything(await openIn(crashCopy(folder)))).toEqual(await everything(store));
  });

  it("can be started on when it is full, after a crash as well, and a phone is revoked then", async (context) => {
    const mount = freshFolder();
    if (process.getuid?.() !== 0 || spawnSync("mount", ["-t", "tmpfs", "-o", "size=1216k,mode=0700", "tmpfs", mount]).status !== 0) {
      console.warn("skipped: the full disk needs root and mount(8)");
      return context.skip();
    }
    try {
      const store = await openIn(mount);
      await fill(store);
      await expect.poll(() => statSync(path.join(mount, "pairing.reserve")).size, { timeout: 30_000 }).toBe(1 << 20);
      await store.close();
      writeFileSync(path.join(mount, "pairing.lock"), `${JSON.stringify({ pid: 4_194_303, started: "1" })}\n`);
      spawnSync("sh", ["-c", `cat /dev/zero >> "${mount}/others"`]);
      const again = await openIn(mount);
      const who = { userId: "ada", deviceId: "phone-1", at: NOON };
      expect(await again.revokeDevice({ ...who, audit: [entry("revoke_device")] })).toMatchObject({ status: "revoked" });
      await again.close();
    } finally {
      spawnSync("umount", ["-l", mount]);
    }
  });

  it("takes only revocations on a full disk, keeps its word about the rest, and goes on when there is room", async (context) => {
    const mount = freshFolder();
    if (process.getuid?.() !== 0 || spawnSync("mount", ["-t", "tmpfs", "-o", "size=1216k,mode=0700", "tmpfs", mount]).status !== 0) {
      console.warn("skipped: the full disk needs root and mount(8)");
      return context.skip();
    }
    try {
      const store = await openIn(mount);
      await fill(store);
      let number = 0;
      const acknowledged: string[] = [];
      let refused = 0;
      while (refused < 20 && number < 5000) {
        const ids = Array.from({ length: 5 }, (_, index) => `full-${number + index}`);
        number += ids.length;
        for (const [index, outcome] of (await Promise.allSettled(ids.map(async (id) => add(store, id)))).entries()) {
          if (outcome.status === "fulfilled") acknowledged.push(ids[index]!);
          else refused += 1;
        }
      }
      expect(refused).toBeGreaterThanOrEqual(20);
      const there = (await store.listSessions()).map((session) => session.codeHash).sort();
      expect(there).toEqual([...acknowledged.map((id) => `code-${id}`), "code-1", "code-2", "code-3", "code-4"].sort());
      expect((await store.findByTokenId("jti-2")).revoked).toBe(true);

      // Other changes use the remaining space. A lost phone can still be revoked and another suspended, however many invites try
      // in between.
      const full = async (): Promise<void> => {
        spawnSync("sh", ["-c", `cat /dev/zero >> "${mount}/others"`]);
        while (
          await add(store, `full-${++number}`).then(
            () => acknowledged.push(`full-${number}`),
            () => 0,
          )
        );
      };
      const who = { userId: "ada", deviceId: "phone-1", at: NOON };
      await full();
      const [suspended, between] = await Promise.allSettled([
        store.updateDevice({ ...who, set: { status: "suspended" }, audit: [entry("suspend_device")] }),
        add(store, "between"),
      ]);
      expect(suspended).toMatchObject({ value: { status: "suspended" } });
      expect(between).toMatchObject({ reason: unavailable });
      await full();
      await expect(store.checkWritable()).rejects.toMatchObject(unavailable);
      expect(await store.revokeDevice({ ...who, audit: [entry("revoke_device")] })).toMatchObject({ status: "revoked" });
      const crashed = await openIn(crashCopy(mount));
      expect((await crashed.findByTokenId("jti-1")).revoked).toBe(true);
      expect(await everything(crashed)).toEqual(await everything(store));

      spawnSync("mount", ["-o", "remount,size=8m", mount]);
      await expect
        .poll(
          async () =>
            add(store, "after").then(
              () => true,
              () => false,
            ),
          { timeout: 20_000 },
        )
        .toBe(true);
      await store.close();
      const again = await openIn(mount);
      expect(await again.listSessions()).toHaveLength(acknowledged.length + 5);
      expect(auditLines(mount).map((line) => line["seq"])).toEqual(auditLines(mount).map((_, index) => index + 1));
      await again.close();
    } finally {
      spawnSync("umount", ["-l", mount]);
    }
  });
});

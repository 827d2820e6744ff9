import { appendFileSync, chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { examineStorage } from "../../../src/adapters/stores/file/examine.ts";
import { exportStorage } from "../../../src/adapters/stores/file/export.ts";
import { pathsIn } from "../../../src/adapters/stores/file/folder.ts";
import { readStorageStatus } from "../../../src/adapters/stores/file/read-only.ts";
import { MINUTE, type PairingStore } from "../../../src/core/index.ts";
import { deviceOf, entry, inviteOf, NOON, sessionOf } from "../../contracts/pairing-store.ts";
import { AUDIT, auditFiles, crashCopy, FILES, freshFolder, JOURNAL, openIn, read, testLog } from "./folder.ts";

const never = new AbortController().signal;

async function add(store: PairingStore, id: string, at = NOON): Promise<void> {
  await store.addInvite({ ...inviteOf(sessionOf(id)), at, audit: [entry("send_sms_invite")] });
}

async function pairAndRevoke(store: PairingStore, id: string): Promise<void> {
  await add(store, id);
  const device = { ...deviceOf(`phone-${id}`, `jti-${id}`, { sessionId: `session-${id}` }), pushToken: "push-token" };
  const push = { endpoint: "https://push.example/secret-address", p256dh: "secret-key", auth: "secret-auth" };
  await store.acceptInvite({ codeHash: `code-${id}`, device: { ...device, push }, at: () => NOON + 1, audit: [entry()] });
  await store.revokeDevice({ userId: "ada", deviceId: `phone-${id}`, at: NOON + 2, audit: [entry("revoke_device")] });
}

function exported(folder: string, name: string): any {
  return JSON.parse(read(folder, name));
}

function trailOf(folder: string): number[] {
  return read(folder, AUDIT)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).seq);
}

describe("reading a storage folder that a running server uses", () => {
  it("finds every change that was promised before, and registers and trail that belong together, whatever checkpoint goes on", async () => {
    const folder = freshFolder();
    let promised = 0;
    let over = false;
    const atWork = (async () => {
      for (let n = 1; !over; ) {
        // Each stop writes a checkpoint, and with parts this small splits the trail.
        const store = await openIn(folder, testLog(), () => NOON, { auditPartBytes: 2000 });
        for (const last = n + 5; n < last; n += 1) {
          await pairAndRevoke(store, String(n));
          promised = n;
        }
        await store.close();
      }
    })();
    while (promised === 0) await new Promise((resolve) => setImmediate(resolve));
    for (let round = 0; round < 12; round += 1) {
      const before = promised;
      const found = await readStorageStatus(pathsIn(folder));
      expect(found?.ledger.devices.size).toBeGreaterThanOrEqual(before);
      const to = path.join(freshFolder(), "out");
      const { seq, missing } = await exportStorage({ from: folder, to, at: NOON, interrupted: never });
      const [sessions, devices, revoked] = [exported(to, FILES[0]), exported(to, FILES[1]), exported(to, FILES[2])];
      expect([sessions.seq, devices.seq, revoked.seq]).toEqual([seq, seq, seq]);
      expect(revoked.revoked.map(({ jti }: any) => jti)).toEqual(
        devices.devices.filter(({ status }: any) => status === "revoked").map(({ jti }: any) => jti),
      );
      const numbers = trailOf(to);
      expect([missing, numbers]).toEqual([[], numbers.map((_, index) => index + 1)]);
      expect(numbers.at(-1)).toBe(sessions.audit_seq);
    }
    over = true;
    await atWork;
    expect(auditFiles(folder).length).toBeGreaterThan(1);
  });

  it("leaves modes, lock, drafts and a torn line as they are", async () => {
    const folder = freshFolder();
    const store = await openIn(folder);
    await pairAndRevoke(store, "1");
    const copy = crashCopy(folder);
    appendFileSync(path.join(copy, JOURNAL), `{"version":2,"seq":`);
    for (const name of [...FILES, JOURNAL, AUDIT]) chmodSync(path.join(copy, name), 0o644);
    chmodSync(copy, 0o755);
    const before = read(copy, JOURNAL);
    const { data, folder: status, lock } = await examineStorage(copy);
    expect(data).toMatchObject({ kind: "whole", devices: 1, active: 0, torn: 19 });
    expect(status).toMatchObject({ kind: "there", openMode: "0755", openFiles: expect.arrayContaining([JOURNAL, AUDIT]) });
    expect(lock).toEqual({ kind: "free" });
    await exportStorage({ from: copy, to: path.join(freshFolder(), "out"), at: NOON, interrupted: never });
    expect(read(copy, JOURNAL)).toBe(before);
    expect(statSync(path.join(copy, AUDIT)).mode & 0o777).toBe(0o644);
    expect((await examineStorage(folder)).lock).toEqual({ kind: "held", pid: process.pid });
  });

  it("exports lines that only the journal has yet, and nothing of a push subscription", async () => {
    const folder = freshFolder();
    const store = await openIn(folder);
    await pairAndRevoke(store, "1");
    const copy = crashCopy(folder);
    const [first = ""] = readFileSync(path.join(copy, AUDIT), "utf8").split("\n");
    // The state after a crash between journal and trail.
    writeFileSync(path.join(copy, AUDIT), `${first}\n{"ts":"20`);
    const to = path.join(freshFolder(), "out");
    const { audit, missing } = await exportStorage({ from: copy, to, at: NOON + MINUTE, interrupted: never });
    expect([audit, missing, trailOf(to)]).toEqual([{ first: 1, last: 3 }, [], [1, 2, 3]]);
    expect(
      FILES.slice(0, 3)
        .map((name) => read(to, name))
        .join(),
    ).not.toMatch(/push|secret|code-1|code_hash/);
  });

  it("keeps nothing of an export that is interrupted", async () => {
    const folder = freshFolder();
    const store = await openIn(folder);
    await add(store, "1");
    const to = path.join(freshFolder(), "out");
    const reason = new Error("interrupted");
    await expect(exportStorage({ from: folder, to, at: NOON, interrupted: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(existsSync(to)).toBe(false);
  });
});

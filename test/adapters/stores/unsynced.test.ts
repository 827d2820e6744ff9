import { rmSync } from "node:fs";
import { expect, it } from "vitest";
import type { AuditEntry, PairingStore } from "../../../src/core/index.ts";
import { deviceOf, entry, inviteOf, messageOf, NOON, phone, sessionOf } from "../../contracts/pairing-store.ts";
import { auditLines, FILES, freshFolder, JOURNAL, openIn, read } from "./folder.ts";
import { folderOf, type LeftBehind, type UnsyncedDisk, watchDisk } from "./unsynced-disk.ts";

/** Folders checked in parallel: most of the time goes by while a disk syncs. */
const AT_ONCE = 16;

/** A change that was answered, and what must be true of every store that opens after that. */
type Check = (store: PairingStore, trail: readonly string[]) => Promise<void>;

/** Makes changes, and keeps what each of them promised when it was answered. */
function createChanges(disk: UnsyncedDisk) {
  const checks: Check[] = [];
  const change = async (
    name: string,
    event: AuditEntry["event"],
    work: Promise<unknown>,
    check: (store: PairingStore) => Promise<void>,
  ) => {
    await work;
    checks.push(async (store, trail) => {
      await check(store);
      expect(trail).toContain(`${event} ${name}`);
    });
    disk.answered();
  };
  const audit = (event: AuditEntry["event"], name: string): AuditEntry[] => [entry(event, { session_id: name })];
  return {
    checks,
    invite: async (store: PairingStore, id: string) =>
      change(
        id,
        "send_sms_invite",
        store.addInvite({ ...inviteOf(sessionOf(id)), at: NOON, audit: audit("send_sms_invite", id) }),
        async (opened) => expect(await opened.findByCode(`code-${id}`)).toMatchObject({ sessionId: `session-${id}` }),
      ),
    accept: async (store: PairingStore, id: string) =>
      change(
        id,
        "accept_invite",
        store.acceptInvite({
          codeHash: `code-${id}`,
          device: deviceOf(id, `jti-${id}`, { sessionId: `session-${id}` }),
          at: () => NOON,
          audit: audit("accept_invite", id),
        }),
        async (opened) => expect((await opened.findByTokenId(`jti-${id}`)).device).toMatchObject({ deviceId: id }),
      ),
    revoke: async (store: PairingStore, id: string) =>
      change(
        id,
        "revoke_device",
        store.revokeDevice({ userId: "ada", deviceId: id, at: NOON, audit: audit("revoke_device", id) }),
        async (opened) => expect(await opened.findByTokenId(`jti-${id}`)).toMatchObject({ revoked: true, device: { status: "revoked" } }),
      ),
    send: async (store: PairingStore, to: string, id: string) =>
      change(
        id,
        "key_rotated",
        store.sendMessage({ message: messageOf(id), to: [phone(to)], at: NOON, audit: audit("key_rotated", id) }),
        async (opened) =>
          expect((await opened.readInbox({ ...phone(to), since: 0, most: 100, at: NOON }))?.messages).toContainEqual(
            expect.objectContaining({ messageId: `message-${id}` }),
          ),
      ),
  };
}

const emptied = async (folder: string) => expect.poll(() => read(folder, JOURNAL), { timeout: 30_000 }).toBe("");

async function checkFolder(left: LeftBehind, checks: readonly Check[]): Promise<void> {
  const folder = folderOf(left);
  const store = await openIn(folder);
  const lines = auditLines(folder);
  expect(lines.map(({ seq }) => seq)).toEqual(Array.from(lines.keys(), (index) => index + 1));
  const trail = lines.map(({ event, session_id }) => `${String(event)} ${String(session_id)}`);
  for (const check of checks.slice(0, left.answered)) await check(store, trail);
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}

it("whatever of its unsynced files and names a power cut takes, at any moment: what was answered is there", async () => {
  const folder = freshFolder();
  const disk = watchDisk(folder);
  const { checks, invite, accept, revoke, send } = createChanges(disk);
  const store = await openIn(folder);
  await Promise.all(["1", "2", "3"].map(async (id) => invite(store, id)));
  await accept(store, "1");
  await accept(store, "2");
  await send(store, "1", "a");
  await revoke(store, "2");
  // The first checkpoint, during which nothing changes.
  await emptied(folder);

  // The next one, during which something does: the journal's rest goes to a new file.
  const meanwhile = new Promise<void>((resolve, reject) => {
    disk.beforeRename(FILES[0], () => void invite(store, "5").then(resolve, reject));
  });
  await invite(store, "4");
  await meanwhile;
  await emptied(folder);

  disk.failNextSync(JOURNAL);
  await expect(invite(store, "refused")).rejects.toMatchObject({ code: "storage_unavailable" });
  // It makes the journal anew.
  await accept(store, "4");
  await revoke(store, "4");
  await store.close();

  const again = await openIn(folder);
  await accept(again, "5");
  await again.close();

  const states = disk.stop();
  expect(checks).toHaveLength(12);
  expect(states.length).toBeGreaterThan(100);
  for (let start = 0; start < states.length; start += AT_ONCE)
    await Promise.all(states.slice(start, start + AT_ONCE).map(async (left) => checkFolder(left, checks)));
});

import { fstatSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { files, StorageError } from "../../../src/adapters/stores/file/storage-file.ts";
import type { PairingStore } from "../../../src/core/index.ts";
import { entry, inviteOf, NOON, sessionOf } from "../../contracts/pairing-store.ts";
import { AUDIT, auditLines, crashCopy, freshFolder, JOURNAL, openIn, read, testLog } from "./folder.ts";

afterEach(() => void vi.restoreAllMocks());

const PAGE = 4096;
/** Folders checked in parallel: most of the time goes by while a disk syncs. */
const AT_ONCE = 16;

/** All changes requested at once form one batch. */
async function addBatch(store: PairingStore, name: string, many: number): Promise<void> {
  await Promise.all(
    Array.from({ length: many }, async (_, index) =>
      store.addInvite({ ...inviteOf(sessionOf(`${name}-${index}`)), at: NOON, audit: [entry("send_sms_invite")] }),
    ),
  );
}

interface Cut {
  /** The folder right after the last batch, without a close. */
  readonly folder: string;
  readonly sizes: { readonly synced: number; readonly audit: number };
  /** The offsets of the last batch in the journal and of the one before it. */
  readonly journal: { readonly before: number; readonly last: number; readonly end: number };
}

/** Lines that were synced with a checkpoint, then two batches that were answered, then a last one. */
async function folderBeforeTheCut(lastBatch: number): Promise<Cut> {
  const folder = freshFolder();
  const first = await openIn(folder);
  await addBatch(first, "synced", 30);
  await first.close();
  const synced = statSync(path.join(folder, AUDIT)).size;
  const store = await openIn(folder);
  await addBatch(store, "answered-one", 1);
  const before = statSync(path.join(folder, JOURNAL)).size;
  await addBatch(store, "answered", 12);
  const last = statSync(path.join(folder, JOURNAL)).size;
  await addBatch(store, "last", lastBatch);
  const copy = crashCopy(folder);
  await store.close();
  const end = statSync(path.join(copy, JOURNAL)).size;
  return { folder: copy, sizes: { synced, audit: statSync(path.join(copy, AUDIT)).size }, journal: { before, last, end } };
}

/** Every set of pages written from `start` on that a power cut can lose. */
function everyLoss(bytes: Buffer, start: number): readonly Buffer[] {
  const pages = Array.from({ length: Math.ceil(bytes.length / PAGE) }, (_, page) => page).filter((page) => (page + 1) * PAGE > start);
  return Array.from({ length: 2 ** pages.length - 1 }, (_, index) => {
    const some = Buffer.from(bytes);
    for (const [bit, page] of pages.entries())
      if ((index + 1) & (1 << bit)) some.fill(0, Math.max(start, page * PAGE), Math.min((page + 1) * PAGE, bytes.length));
    return some;
  });
}

async function eachIn(folder: string, name: string, contents: readonly Buffer[], check: (copy: string, content: Buffer) => Promise<void>) {
  for (let start = 0; start < contents.length; start += AT_ONCE) {
    const some = contents.slice(start, start + AT_ONCE);
    await Promise.all(
      some.map(async (content) => {
        const copy = crashCopy(folder);
        writeFileSync(path.join(copy, name), content);
        await check(copy, content);
        rmSync(copy, { recursive: true, force: true });
      }),
    );
  }
}

const suffixes = (bytes: Buffer, start: number, step: number): readonly Buffer[] =>
  Array.from({ length: Math.ceil((bytes.length - start) / step) }, (_, index) => bytes.subarray(0, start + index * step));

describe("a power cut in the middle of the journal's last batch", () => {
  it("drops that batch whole, whichever pages or end of it are missing, and nothing that was answered", async () => {
    const { folder, journal } = await folderBeforeTheCut(40);
    const whole = readFileSync(path.join(folder, JOURNAL));
    const losses = [...everyLoss(whole, journal.last), ...suffixes(whole, journal.last, 509)];
    expect(losses.length).toBeGreaterThan(60);
    await eachIn(folder, JOURNAL, losses, async (copy, content) => {
      const log = testLog();
      // Its audit lines are written only after the batch is on disk.
      truncateSync(path.join(copy, AUDIT), 0);
      const store = await openIn(copy, log);
      expect((await store.listSessions()).filter(({ sessionId }) => sessionId.includes("answered"))).toHaveLength(13);
      expect(await store.listSessions()).toHaveLength(43);
      expect(log.warnings.filter((warning) => warning.includes("cut short"))).toHaveLength(content.length === journal.last ? 0 : 1);
      await store.close();
    });
  });

  it("keeps the batch when only its last newline is missing", async () => {
    const { folder, journal } = await folderBeforeTheCut(40);
    truncateSync(path.join(folder, JOURNAL), journal.end - 1);
    const store = await openIn(folder);
    expect(await store.listSessions()).toHaveLength(83);
  });

  it.each([1, 40])("is distinguished from a hole in what was answered, which is damage (a last batch of %i)", async (many) => {
    const { folder, journal } = await folderBeforeTheCut(many);
    const whole = readFileSync(path.join(folder, JOURNAL));
    const holes: Buffer[] = [];
    for (let from = 0; from < journal.last; from += 512) {
      for (const length of [512, PAGE]) {
        const some = Buffer.from(whole);
        // The end of the last batch is present, which is always so once anything in it was answered.
        some.fill(0, from, Math.min(from + length, journal.end - 200));
        holes.push(some);
      }
    }
    await eachIn(folder, JOURNAL, holes, async (copy, content) => {
      await expect(openIn(copy)).rejects.toBeInstanceOf(StorageError);
      expect(readFileSync(path.join(copy, JOURNAL)).equals(content)).toBe(true);
    });
  });
});

describe("a power cut before the audit trail was synced", () => {
  it("loses no line, whichever pages or end of the trail are missing", async () => {
    const { folder, sizes } = await folderBeforeTheCut(90);
    const whole = readFileSync(path.join(folder, AUDIT));
    const losses = [...everyLoss(whole, sizes.synced), ...suffixes(whole, sizes.synced, 509)];
    expect(losses.length).toBeGreaterThan(20);
    await eachIn(folder, AUDIT, losses, async (copy) => {
      const store = await openIn(copy);
      expect(read(copy, AUDIT)).toBe(whole.toString());
      await store.appendAudit(NOON, entry("key_rotated"));
      expect(auditLines(copy).map((line) => line["seq"])).toEqual(Array.from({ length: 134 }, (_, index) => index + 1));
      await store.close();
    });
  });

  it("loses no line of a trail of which nothing was synced yet", async () => {
    const folder = freshFolder();
    const store = await openIn(folder);
    await addBatch(store, "answered", 120);
    const cut = crashCopy(folder);
    await store.close();
    const whole = readFileSync(path.join(cut, AUDIT));
    expect(whole.length).toBeGreaterThan(2 * PAGE);
    await eachIn(cut, AUDIT, everyLoss(whole, 0), async (copy) => {
      await (await openIn(copy)).close();
      expect(read(copy, AUDIT)).toBe(whole.toString());
    });
  });

  it("changes nothing in lines that were synced, not even in one that cannot be read any more", async () => {
    const { folder, sizes } = await folderBeforeTheCut(10);
    const damagedLine = "x".repeat(40);
    const text = read(folder, AUDIT);
    const lines = text.split("\n");
    const broken = [...lines.slice(0, 29), damagedLine, ...lines.slice(30)].join("\n");
    writeFileSync(path.join(folder, AUDIT), `${broken.slice(0, -200)}${"\0".repeat(200)}`);
    await openIn(folder);
    expect(read(folder, AUDIT)).toBe(broken);
    expect(sizes.synced).toBeGreaterThan(0);
  });
});

describe("a sync of the audit trail that fails", () => {
  it("is not believed the next time: its lines are written again from the journal", async () => {
    const folder = freshFolder();
    const store = await openIn(folder);
    const real = files.fdatasync;
    const trail = statSync(path.join(folder, AUDIT)).ino;
    let failures = 0;
    vi.spyOn(files, "fdatasync").mockImplementation((async (fd: number) => {
      const { ino, size } = fstatSync(fd);
      if (ino !== trail || failures > 0) return real(fd);
      failures += 1;
      // As a kernel does that drops pages it could not write.
      writeSync(fd, Buffer.alloc(size), 0, size, 0);
      throw Object.assign(new Error("sync failed"), { code: "EIO" });
    }) as never);
    await addBatch(store, "a", 20);
    await expect.poll(() => failures, { timeout: 30_000 }).toBe(1);
    await addBatch(store, "b", 5);
    await store.close();
    expect(auditLines(folder).map((line) => line["seq"])).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
  });
});

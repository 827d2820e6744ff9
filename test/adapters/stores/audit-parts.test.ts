import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { files } from "../../../src/adapters/stores/file/storage-file.ts";
import { DAY, type PairingStore } from "../../../src/core/index.ts";
import { entry, NOON } from "../../contracts/pairing-store.ts";
import { AUDIT, auditFiles, auditLines, crashCopy, freshFolder, openIn, read, testLog } from "./folder.ts";

const SMALL = { auditPartBytes: 300 };

const upTo = (last: number, first = 1): readonly number[] => Array.from({ length: last - first + 1 }, (_, index) => first + index);
const seqs = (folder: string): readonly unknown[] => auditLines(folder).map((line) => line["seq"]);

async function write(store: PairingStore, lines: number, at = NOON): Promise<void> {
  for (let line = 0; line < lines; line += 1) await store.appendAudit(at, entry("admin_denied", { reason: `line ${line}` }));
}

/** A trail of three parts and one in use, four lines each. */
async function dividedFolder(at: (part: number) => number = () => NOON): Promise<string> {
  const folder = freshFolder();
  for (const part of upTo(4)) {
    const store = await openIn(folder, testLog(), () => at(part), part === 4 ? {} : SMALL);
    await write(store, 4, at(part));
    await store.close();
  }
  return folder;
}

async function readAll(store: PairingStore, most: number): Promise<{ seqs: number[]; missing: number; unreadable: number }> {
  const all = { seqs: [] as number[], missing: 0, unreadable: 0 };
  for (let before: number | undefined; ; ) {
    const page = await store.readAudit({ most, ...(before === undefined ? {} : { before }) });
    all.seqs.push(...page.lines.map(({ seq }) => seq));
    all.missing += page.missing;
    all.unreadable += page.unreadable;
    if (page.next === undefined) return all;
    before = page.next;
  }
}

describe("an audit trail that may be no larger than this", () => {
  const eventually = async (holds: () => boolean): Promise<void> => {
    for (let turn = 0; turn < 300 && !holds(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 100));
  };

  it("loses its oldest parts first, never the one in use, and says so", async () => {
    const folder = await dividedFolder();
    const total = auditFiles(folder).reduce((sum, name) => sum + read(folder, name).length, 0);
    let reported = 0;
    const trimmed = (): void => {
      reported += 1;
    };
    const store = await openIn(folder, testLog(), () => NOON, { auditMaxBytes: total - 1, trimmed });
    await eventually(() => seqs(folder).length === 13 && reported > 0);
    expect(reported).toBe(1);
    expect(seqs(folder)).toEqual(upTo(17, 5));
    expect(auditLines(folder).at(-1)).toMatchObject({ event: "audit_trimmed", reason: "too large: lines up to 4 were deleted" });
    expect(await readAll(store, 3)).toMatchObject({ seqs: [...upTo(17, 5)].reverse() });
    await store.close();
    const smallest = await openIn(folder, testLog(), () => NOON, { auditMaxBytes: 1 });
    await eventually(() => seqs(folder).at(-1) === 18);
    expect(seqs(folder)).toEqual(upTo(18, 13));
    await smallest.close();
  });

  it("stays within its size while it grows", async () => {
    const folder = freshFolder();
    for (const turn of upTo(8)) {
      const store = await openIn(folder, testLog(), () => NOON + turn, { ...SMALL, auditMaxBytes: 1500 });
      await write(store, 6, NOON + turn);
      await store.close();
    }
    const sizes = auditFiles(folder).map((name) => read(folder, name).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(3000);
    expect(auditLines(folder).some(({ event }) => event === "audit_trimmed")).toBe(true);
  });
});

describe("an audit trail that has grown", () => {
  it("is divided into parts named after their last line, none lost and none twice", async () => {
    const folder = await dividedFolder();
    expect(auditFiles(folder)).toEqual([
      "pairing_audit.000000000004.jsonl",
      "pairing_audit.000000000008.jsonl",
      "pairing_audit.000000000012.jsonl",
      AUDIT,
    ]);
    expect(seqs(folder)).toEqual(upTo(16));
  });

  it("is divided while the server runs, soon after changes pause", async () => {
    const folder = freshFolder();
    const store = await openIn(folder, testLog(), () => NOON, SMALL);
    await write(store, 8);
    await expect.poll(() => auditFiles(folder)).toEqual(["pairing_audit.000000000008.jsonl", AUDIT]);
    await write(store, 1);
    expect(read(folder, AUDIT)).toContain('"seq":9,');
  });

  it.each([1, 3, 4, 100])("is read across its parts, %i lines at a time", async (most) => {
    const store = await openIn(await dividedFolder());
    expect(await readAll(store, most)).toEqual({ seqs: [...upTo(16)].reverse(), missing: 0, unreadable: 0 });
  });

  it("goes on with its numbers when the part in use is not there", async () => {
    // The state after a crash between the two renames.
    const folder = await dividedFolder();
    rmSync(path.join(folder, AUDIT));
    renameSync(path.join(folder, "pairing_audit.000000000012.jsonl"), path.join(folder, "pairing_audit.000000000016.jsonl"));
    const store = await openIn(folder);
    await write(store, 1);
    expect(auditLines(folder).at(-1)).toMatchObject({ seq: 17 });
  });

  it("repeats no line of a part that the journal has too", async () => {
    const folder = freshFolder();
    const store = await openIn(folder, testLog(), () => NOON, SMALL);
    await write(store, 8);
    // A crash with all lines in the journal and also in a part.
    const copy = crashCopy(folder);
    renameSync(path.join(copy, AUDIT), path.join(copy, "pairing_audit.000000000008.jsonl"));
    await openIn(copy);
    expect(seqs(copy)).toEqual(upTo(8));
  });

  it("stays in one file, with a warning, where the part's name is taken", async () => {
    const folder = freshFolder();
    mkdirSync(path.join(folder, "pairing_audit.000000000004.jsonl"));
    const log = testLog();
    const store = await openIn(folder, log, () => NOON, SMALL);
    await write(store, 4);
    await store.close();
    expect(log.warnings).toEqual(["the audit trail could not be divided; it goes on in one file"]);
    expect(read(folder, AUDIT).split("\n")).toHaveLength(5);
  });

  it("loses its old parts when they have been kept for long enough, and nothing else", async () => {
    const folder = await dividedFolder((part) => NOON + part * 10 * DAY);
    const keep = { auditRetentionDays: 30, ...SMALL };
    // The clock alone ages nothing: the age is relative to the newest line.
    await (await openIn(folder, testLog(), () => NOON + 4000 * DAY, keep)).close();
    expect(seqs(folder)).toEqual(upTo(16));
    const goOn = async (at: number): Promise<void> => {
      const store = await openIn(folder, testLog(), () => at, keep);
      await write(store, 1, at);
      await store.close();
      await (await openIn(folder, testLog(), () => at, keep)).close();
    };
    // Forty days and a second later the first part is old; the second is, ten days after.
    await goOn(NOON + 40 * DAY + 1000);
    expect(seqs(folder)).toEqual(upTo(17, 5));
    // Lines alone age nothing either: they can be from a clock that was ahead.
    const late = NOON + 55 * DAY;
    const ahead = await openIn(folder, testLog(), () => NOON + 40 * DAY + 1000, keep);
    await write(ahead, 1, late);
    await ahead.close();
    expect(seqs(folder)).toEqual(upTo(18, 5));
    const store = await openIn(folder, testLog(), () => late, keep);
    expect(await readAll(store, 100)).toEqual({ seqs: [...upTo(18, 9)].reverse(), missing: 0, unreadable: 0 });
  });

  it("is divided by age as well, so that a quiet trail can be let go", async () => {
    const folder = freshFolder();
    const keep = { auditRetentionDays: 24 };
    const first = await openIn(folder, testLog(), () => NOON, keep);
    await write(first, 1);
    await first.close();
    const later = NOON + 3 * DAY;
    const second = await openIn(folder, testLog(), () => later, keep);
    await write(second, 1, later);
    await second.close();
    expect(auditFiles(folder)).toEqual(["pairing_audit.000000000002.jsonl", AUDIT]);
  });
});

describe("an audit trail that is long", () => {
  const line = (seq: number): string =>
    `${JSON.stringify({ ts: new Date(NOON).toISOString(), seq, event: "admin_denied", reason: "x".repeat(100) })}\n`;

  it("is read from where a page is, wherever that is, and not from its end", async () => {
    const folder = freshFolder();
    await (await openIn(folder)).close();
    writeFileSync(path.join(folder, "pairing_audit.000000010000.jsonl"), upTo(10_000).map(line).join(""));
    writeFileSync(path.join(folder, "pairing_audit.000000020000.jsonl"), upTo(20_000, 10_001).map(line).join(""));
    writeFileSync(path.join(folder, AUDIT), upTo(30_000, 20_001).map(line).join(""));
    const store = await openIn(folder);
    const { read: readFile } = files;
    let bytes = 0;
    files.read = (async (fd: number, buffer: Buffer, ...where: [number, number, number]) => {
      const answer = await readFile(fd, buffer, ...where);
      bytes += answer.bytesRead;
      return answer;
    }) as typeof readFile;
    try {
      for (const before of [2, 51, 5000, 9_999, 10_000, 10_001, 10_002, 15_000, 20_001, 20_002, 25_000, 30_000, 30_001]) {
        bytes = 0;
        const { lines, next, missing, unreadable } = await store.readAudit({ most: 50, before });
        expect(lines.map(({ seq }) => seq)).toEqual(upTo(before - 1, Math.max(1, before - 50)).toReversed());
        expect([before, next, missing, unreadable]).toEqual([before, before > 51 ? before - 50 : undefined, 0, 0]);
        // Each of the three files has 1.8 MB.
        expect(bytes).toBeLessThan(1_000_000);
      }
    } finally {
      files.read = readFile;
    }
  });
});

describe("an audit trail that somebody has changed", () => {
  it("says how many numbers have no line, and how many lines cannot be read", async () => {
    const folder = await dividedFolder();
    const part = path.join(folder, "pairing_audit.000000000008.jsonl");
    const [first = "", , third = "", fourth = ""] = read(folder, "pairing_audit.000000000008.jsonl").split("\n");
    writeFileSync(part, `${first}\n${third}\nnonsense\n${fourth}\n`);
    rmSync(path.join(folder, "pairing_audit.000000000012.jsonl"));
    const store = await openIn(folder);
    expect(await readAll(store, 3)).toMatchObject({ missing: 5, unreadable: 1 });
  });

  it("says so when its end was cut off", async () => {
    const folder = await dividedFolder();
    writeFileSync(path.join(folder, AUDIT), "");
    const store = await openIn(folder);
    expect(await store.readAudit({ most: 100 })).toMatchObject({ missing: 4 });
  });

  it("is read past a foreign file beside it", async () => {
    const folder = await dividedFolder();
    appendFileSync(path.join(folder, "pairing_audit.notes.jsonl"), '{"seq":99,"ts":"x","event":"y"}\n');
    const store = await openIn(folder);
    expect((await readAll(store, 5)).seqs).toEqual([...upTo(16)].reverse());
  });
});

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSession, sessionRecord } from "../../../src/adapters/stores/file/records.ts";
import { writeRecords } from "../../../src/adapters/stores/file/write-records.ts";
import type { PairingSession } from "../../../src/core/index.ts";
import { NOON, sessionOf } from "../../contracts/pairing-store.ts";
import { FILES, freshFolder, openIn } from "./folder.ts";

const [SESSIONS] = FILES;

async function folderWith(sessions: readonly PairingSession[]): Promise<string> {
  const folder = freshFolder();
  await (await openIn(folder)).close();
  await writeRecords(path.join(folder, SESSIONS), `"seq":0,"audit_seq":0`, "sessions", sessions, sessionRecord, () => false);
  return folder;
}

/** The changed file, with a matching digest (`"digest"`) or not. */
function rewrite(folder: string, change: (text: string) => string, digest: "right" | "wrong"): void {
  const file = path.join(folder, SESSIONS);
  const text = change(readFileSync(file, "utf8"));
  if (digest === "wrong") {
    writeFileSync(file, text);
    return;
  }
  const blank = text.replace(/"sha256":"[0-9a-f]{64}"/, `"sha256":"${"0".repeat(64)}"`);
  writeFileSync(file, blank.replace("0".repeat(64), createHash("sha256").update(blank).digest("hex")));
}

async function startError(folder: string): Promise<string> {
  return openIn(folder).then(
    () => "opened",
    (cause: Error) => cause.message,
  );
}

/** Records of many lengths, so that the chunks of a file end in every part of a record, also within a character. */
const NAMES = ["Ada", "Åda 🦊 ".repeat(700), '\u2028"\\\n]}\ud800', "", "🦊".repeat(400_000)];

function manySessions(): readonly PairingSession[] {
  return Array.from({ length: 3000 }, (_, index) => {
    const createdAt = NOON - 3000 + index;
    return sessionOf(String(index), {
      userName: NAMES[index === 1500 ? 4 : index % 4] ?? "",
      createdAt,
      ...(index % 3 === 0 ? { status: "accepted", acceptedAt: createdAt, deviceId: "d", jti: `j${index}` } : {}),
      ...(index % 5 === 0
        ? {
            receipt: { keyHash: "k", requestHash: "r", acceptedAt: createdAt },
            otp: { hash: "o", wrong: 1 },
            openedAt: createdAt,
          }
        : {}),
    });
  });
}

describe("a large file of records", () => {
  it("is read as it was written, whatever its records hold and wherever the pieces end", async () => {
    const sessions = manySessions();
    const store = await openIn(await folderWith(sessions));
    expect(await store.listSessions()).toEqual(sessions.toReversed());
  });

  it("with one changed record anywhere is refused for its digest, and with a right digest for what is wrong with the record", async () => {
    const sessions = manySessions();
    for (const id of ["session-7", "session-1501", "session-2999"]) {
      const folder = await folderWith(sessions);
      const broken = (text: string): string => text.replace(`{"session_id":"${id}"`, `{"session_id":["${id}"`);
      rewrite(folder, broken, "wrong");
      expect(await startError(folder)).toContain(`${SESSIONS} is damaged (wrong sha256)`);
      rewrite(folder, (text) => text, "right");
      expect(await startError(folder)).toMatch(/is damaged \(.*JSON/);
      const other = await folderWith(sessions);
      rewrite(other, (text) => text.replace(`{"session_id":"${id}"`, `{"session_id":7`), "right");
      expect(await startError(other)).toContain(`${SESSIONS} is damaged (session_id is not a text)`);
    }
  });
});

describe("a time in a record", () => {
  const readTime = (text: string): number => {
    try {
      return readSession({ ...sessionRecord(sessionOf("1")), created_at: text })?.createdAt ?? Number.NaN;
    } catch {
      return Number.NaN;
    }
  };

  it("is what Date.parse makes of it, in every form", () => {
    const written = fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
    const changed = fc
      .tuple(written, fc.nat(23), fc.constantFrom("0", "9", "3", "x", ":", "-", " ", "T"))
      .map(([text, at, character]) => text.slice(0, at) + character + text.slice(at + 1));
    fc.assert(
      fc.property(fc.oneof(written, changed), (text) => {
        expect(readTime(text)).toEqual(Date.parse(text));
      }),
      { numRuns: 5000 },
    );
    for (const text of [
      "2026-02-30T00:00:00.000Z",
      "2026-01-15T24:00:00.000Z",
      "2026-01-15T12:00:00Z",
      "2026-01-15T12:00:00.000+0",
      "",
      "x".repeat(24),
    ])
      expect([text, readTime(text)]).toEqual([text, Date.parse(text)]);
  });
});

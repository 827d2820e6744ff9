import { type AuditLine, type AuditPage, type AuditQuestion, answersQuestion } from "../../core/index.ts";
import { readAuditLine } from "./one-line.ts";

/** One answer reads no more than this, so that a rare word in a long trail does not keep the asker waiting. */
const MAX_READ_LINES = 50_000;

/** `lines`: the newest first. `lastSeq`: the number that was given last, whether or not its line is there. */
export async function auditPage(
  lines: AsyncIterable<string> | Iterable<string>,
  lastSeq: number,
  question: AuditQuestion,
): Promise<AuditPage> {
  const found: AuditLine[] = [];
  let expected = Math.min(lastSeq, (question.before ?? Number.POSITIVE_INFINITY) - 1);
  let read = 0;
  let unreadable = 0;
  let missing = 0;
  let within = question.before === undefined;
  for await (const text of lines) {
    const line = readAuditLine(text);
    if (line && line.seq > expected) {
      within ||= line.seq === question.before;
      continue;
    }
    // One that cannot be read belongs to the page of the line before it.
    if (!line && !within) continue;
    within = true;
    if (found.length === question.most || read === MAX_READ_LINES) {
      if (expected < 1) break;
      return { lines: found, next: expected + 1, unreadable, missing };
    }
    read += 1;
    if (!line) {
      unreadable += 1;
      continue;
    }
    missing += expected - line.seq;
    expected = line.seq - 1;
    if (answersQuestion(line, question)) found.push(line);
  }
  // Old lines may have been let go, but never the newest.
  if (read === 0 && question.before === undefined) missing = expected;
  return { lines: found, unreadable, missing };
}

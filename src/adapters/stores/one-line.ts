import type { AuditEntry, AuditLine, Instant } from "../../core/index.ts";

/** What JSON leaves as it is, but what breaks lines or moves the cursor where people and tools read the file. */
const UNSEEN = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;
const EVERY_UNSEEN = new RegExp(UNSEEN.source, "g");

/** JSON on one line, whatever the value holds. Reading it gives the very same value. */
export function oneLine(value: unknown): string {
  const text = JSON.stringify(value);
  if (!UNSEEN.test(text)) return text;
  return text.replace(EVERY_UNSEEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const AUDIT_FACTS = [
  "session_id",
  "user_id",
  "device_id",
  "approval_id",
  "content_sha256",
  "ip",
  "ua",
  "phone_number",
  "reason",
  "via",
  "kid",
] as const;

/** An audit line. Only the fields named here get in, so that nothing a caller carries along ends up in the trail. */
export function auditLine(seq: number, at: Instant, entry: AuditEntry): string {
  const [before, after] = auditLineAround(at, entry);
  return `${before}${seq}${after}`;
}

/** What comes before its number in an audit line, and after it. */
export function auditLineAround(at: Instant, entry: AuditEntry): readonly [before: string, after: string] {
  const facts = Object.fromEntries(AUDIT_FACTS.map((name) => [name, entry[name]]));
  const text = oneLine({ event: entry.event, ...facts, count: entry.count });
  return [`{"ts":"${new Date(at).toISOString()}","seq":`, `,${text.slice(1)}`];
}

/** What a line of the trail says; `undefined` when it is none. Fields that are no text of ours are left out. */
export function readAuditLine(text: string): AuditLine | undefined {
  try {
    const { seq, ts, event, ...rest } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (typeof seq !== "number" || !Number.isSafeInteger(seq) || typeof ts !== "string" || typeof event !== "string") return undefined;
    const facts = AUDIT_FACTS.flatMap((name) => (typeof rest[name] === "string" ? [[name, rest[name]] as const] : []));
    const count = Number.isSafeInteger(rest["count"]) ? { count: rest["count"] as number } : {};
    return { seq, ts, event, ...Object.fromEntries(facts), ...count };
  } catch {
    return undefined;
  }
}

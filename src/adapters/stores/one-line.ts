import type { AuditEntry, Instant } from "../../core/index.ts";

/** What JSON leaves as it is, but what breaks lines or moves the cursor where people and tools read the file. */
const UNSEEN = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;
const EVERY_UNSEEN = new RegExp(UNSEEN.source, "g");

/** JSON on one line, whatever the value holds. Reading it gives the very same value. */
export function oneLine(value: unknown): string {
  const text = JSON.stringify(value);
  if (!UNSEEN.test(text)) return text;
  return text.replace(EVERY_UNSEEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** An audit line. Only the fields named here get in, so that nothing a caller carries along ends up in the trail. */
export function auditLine(seq: number, at: Instant, entry: AuditEntry): string {
  const { event, session_id, user_id, device_id, ip, ua, phone_number, reason, via, kid } = entry;
  return oneLine({ ts: new Date(at).toISOString(), seq, event, session_id, user_id, device_id, ip, ua, phone_number, reason, via, kid });
}

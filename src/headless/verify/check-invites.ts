import { setTimeout as delay } from "node:timers/promises";
import type { AnswerOf } from "../../contract/operations.ts";
import type { Settings } from "../../settings/read-settings.ts";
import { say } from "../../words/say.ts";
import type { CopiedServer } from "./copied-server.ts";
import { codeOf, RowFailure, readAnswer, rejected, statusAndCode, type VerifiedServer } from "./server.ts";
import { OWN_USER, type Traces } from "./traces.ts";

/** No country's number begins with 0, so no server can text this one. The request counts for the limit all the same. */
const IMPOSSIBLE_NUMBER = "+0";
/** The limit is five in a minute; servers may scale it up a little. */
const MAX_TRIES = 12;
const MINUTE = 60_000;
/** The longest lifetime that a QR code can have, and long for a link as well: 15 minutes are recommended. */
const MAX_LIFETIME_MINUTES = 60;
/** From the range that is reserved for fiction. Only the copy gets it, and the copy sends nothing. */
const FICTIONAL_NUMBER = "+12025550143";
const POLL_INTERVAL_MS = 1000;
const TOLERANCE_MS = 5000;

/** Row 1: asks for invites faster than the limit allows, until the first rejection. */
export async function checkRateLimiting(server: VerifiedServer): Promise<string> {
  for (let tried = 1; tried <= MAX_TRIES; tried += 1) {
    const answer = await server.local("sendInvite", { phone_number: IMPOSSIBLE_NUMBER, user_id: OWN_USER }, { takesRejection: true });
    if (answer.status === 429 && codeOf(answer) === "rate_limited") {
      if (answer.retryAfter !== undefined) return say("verify.rateOk", { tried, seconds: answer.retryAfter });
      throw new RowFailure(say("verify.rateNoHeader", { tried }), say("verify.rateNoHeaderTodo"));
    }
    if (answer.status === 401 || answer.status === 403) throw rejected(server.address, answer);
    if (answer.status !== 400)
      throw new RowFailure(say("verify.rateUnexpected", { answer: statusAndCode(answer) }), say("verify.checkBetween"));
  }
  throw new RowFailure(say("verify.rateNone", { tries: MAX_TRIES }), say("verify.rateNoneTodo"));
}

/** A QR code that no phone scans: it shows how an invite expires, and whether a server is still the process that created it. */
export interface WaitingInvite {
  readonly code: string;
  readonly expiresAt: number;
  /** The server's clock before and after the invite was created, in whole seconds. */
  readonly createdBetween: readonly [number, number];
  /** How far the server's clock is ahead of this one, give or take a second. */
  readonly clockAhead: number;
}

export async function createWaitingInvite(server: VerifiedServer, traces: Traces): Promise<WaitingInvite> {
  const now = async (): Promise<number> => Date.parse((await server.call("overview", {})).now);
  const before = await now();
  const { pairing_token, expires_at } = await server.call("generateQr", { user_id: OWN_USER });
  traces.invited(pairing_token);
  const after = await now();
  return { code: pairing_token, expiresAt: Date.parse(expires_at), createdBetween: [before, after], clockAhead: after - Date.now() };
}

/** The lifetimes of invites, in seconds. */
interface Lifetimes {
  readonly link: number;
  readonly qr: number;
}

/** Row 7, first half: whether invites live as long as the settings say, and no longer than an hour. */
export async function checkLifetimes(server: VerifiedServer, { qrMinutes }: Settings, invite: WaitingInvite): Promise<Lifetimes> {
  const { invite_minutes } = await server.call("overview", {});
  const link = invite_minutes * 60;
  if (invite_minutes > MAX_LIFETIME_MINUTES)
    throw new RowFailure(say("verify.linkTooLong", { lifetime: link }), say("verify.linkTooLongTodo", { max: MAX_LIFETIME_MINUTES }));
  const [from, to] = invite.createdBetween;
  const created = invite.expiresAt - qrMinutes * MINUTE;
  if (created >= from && created <= to) return { link, qr: qrMinutes * 60 };
  const lifetime = toWholeMinutes(invite.expiresAt - to);
  throw new RowFailure(say("verify.qrDiffers", { lifetime, minutes: qrMinutes }), say("verify.qrDiffersTodo"));
}

/** Row 7 without waiting: the running server's QR code and a link of the copy, on the copy with its clock moved past their expiry. */
export async function checkExpiryOnCopy({ server, moveClock }: CopiedServer, invite: WaitingInvite, minutes: number): Promise<void> {
  const created = Date.now();
  const link = await server.call("sendInvite", { phone_number: FICTIONAL_NUMBER, user_id: OWN_USER });
  const expiresAt = Date.parse(link.expires_at);
  if (Math.abs(expiresAt - created - minutes * MINUTE) > TOLERANCE_MS) {
    const lifetime = toWholeMinutes(expiresAt - created);
    throw new RowFailure(say("verify.linkDiffers", { lifetime, expected: minutes * 60 }), say("verify.checkClocks"));
  }
  const codes = [invite.code, link.invite_code];
  for (const code of codes) await expectStatus(server, code, "pending");
  moveClock(Math.max(invite.expiresAt, expiresAt) + 1000);
  for (const code of codes) await expectStatus(server, code, "expired");
}

/** Row 7 with `--wait`: waits until the QR code has expired on the running server. */
export async function checkExpiryByWaiting(
  server: VerifiedServer,
  invite: WaitingInvite,
  interrupted: AbortSignal,
  report: (progress: string, onTerminal: string) => void,
): Promise<void> {
  const left = (): number => invite.expiresAt - (Date.now() + invite.clockAhead);
  while (left() > -TOLERANCE_MS && (await statusOf(server, invite.code)).status === "pending") {
    const seconds = Math.max(0, Math.ceil(left() / 1000));
    const clock = { minutes: Math.floor(seconds / 60), seconds: String(seconds % 60).padStart(2, "0") };
    report(say("verify.waiting"), say("verify.waitingLeft", clock));
    await delay(POLL_INTERVAL_MS, undefined, { signal: interrupted }).catch(() => interrupted.throwIfAborted());
  }
  if (left() > TOLERANCE_MS)
    throw new RowFailure(say("verify.expiryEarly", { early: Math.round(left() / 1000) }), say("verify.checkClocks"));
  await expectStatus(server, invite.code, "expired");
}

async function expectStatus(server: VerifiedServer, code: string, wanted: "pending" | "expired"): Promise<void> {
  const { status, is_expired, is_valid } = await statusOf(server, code);
  if (status === wanted && is_expired === (wanted === "expired") && is_valid === (wanted === "pending")) return;
  const seen = { status, expired: String(is_expired), valid: String(is_valid) };
  throw new RowFailure(say(wanted === "expired" ? "verify.statusAfter" : "verify.statusBefore", seen), say("verify.checkClocks"));
}

async function statusOf(server: VerifiedServer, code: string): Promise<AnswerOf<"inviteStatus">> {
  const answer = await server.local("inviteStatus", { invite_code: code });
  if (answer.status !== 200) throw rejected(server.address, answer);
  return readAnswer("inviteStatus", answer);
}

/** In seconds, rounded to minutes: times on the wire have no milliseconds. */
function toWholeMinutes(milliseconds: number): number {
  return Math.round(milliseconds / MINUTE) * 60;
}

import { setTimeout as delay } from "node:timers/promises";
import type { Settings } from "../../settings/read-settings.ts";
import type { CopiedServer } from "./copied-server.ts";
import { RowFault } from "./row.ts";
import { OWN_USER } from "./traces.ts";
import { read, refused, type VerifiedServer } from "./verified-server.ts";
import type { WaitingInvite } from "./waiting-invite.ts";

const MINUTE = 60_000;
/** The longest that a QR code can be told to live, and an hour is long for a link as well: 15 minutes are recommended. */
const LONGEST = 60;
/** A number of the range that is kept for films. It is used on the copy alone, which sends nothing. */
const FICTIONAL = "+12025550143";
const POLL_INTERVAL_MS = 1000;
const TOLERANCE_MS = 5000;
const SOMETHING_WRONG = "Look at the clocks of the server and of what runs verify, and into the server's log.";

/** Whether invites live as long as the settings say and no longer than an hour. Answers the windows in minutes. */
export async function checkWindows(server: VerifiedServer, settings: Settings, invite: WaitingInvite): Promise<string> {
  const { invite_minutes } = await server.call("overview", {});
  if (invite_minutes > LONGEST) {
    throw new RowFault(
      `A link stays good for ${invite_minutes} minutes. It can be found and used by others all that time.`,
      `Set PAIRING_INVITE_EXPIRY_MINUTES to 15, at most ${LONGEST}, and restart the server.`,
    );
  }
  const [from, to] = invite.madeBetween;
  const made = invite.expiresAt - settings.qrMinutes * MINUTE;
  if (made < from || made > to) {
    throw new RowFault(
      `A QR code ends ${Math.round((invite.expiresAt - to) / MINUTE)} minutes after it was made, and PAIRING_QR_EXPIRY_MINUTES is ${settings.qrMinutes}.`,
      "Give verify the PAIRING_QR_EXPIRY_MINUTES that the running server has, or restart the server.",
    );
  }
  return `A link ends after ${invite_minutes} minutes, a QR code after ${settings.qrMinutes}`;
}

/** Without waiting: on a copy whose clock is moved past the end, with the QR code of the running server and a link made there. */
export async function checkExpiryOnCopy({ server, moveClock }: CopiedServer, invite: WaitingInvite, minutes: number): Promise<string> {
  const made = Date.now();
  const link = await server.call("sendInvite", { phone_number: FICTIONAL, user_id: OWN_USER });
  const ends = Date.parse(link.expires_at);
  if (Math.abs(ends - made - minutes * MINUTE) > TOLERANCE_MS)
    throw new RowFault(
      `A link ends ${Math.round((ends - made) / MINUTE)} minutes after it was made instead of ${minutes}.`,
      SOMETHING_WRONG,
    );
  const codes = [invite.code, link.invite_code];
  for (const code of codes) await expectStatus(server, code, "pending");
  moveClock(Math.max(invite.expiresAt, ends) + 1000);
  for (const code of codes) await expectStatus(server, code, "expired");
  return "past the end their status is expired, on a copy whose clock was moved.";
}

/** Waits until the QR code has passed on the running server. `tell` hears the seconds that are left. */
export async function checkExpiryByWaiting(
  server: VerifiedServer,
  invite: WaitingInvite,
  interrupted: AbortSignal,
  report: (secondsLeft: number) => void,
): Promise<string> {
  const left = (): number => invite.expiresAt - (Date.now() + invite.clockAhead);
  while (left() > -TOLERANCE_MS && (await statusOf(server, invite.code)).status === "pending") {
    report(Math.max(0, Math.ceil(left() / 1000)));
    await delay(POLL_INTERVAL_MS, undefined, { signal: interrupted }).catch(() => interrupted.throwIfAborted());
  }
  if (left() > TOLERANCE_MS) throw new RowFault(`A QR code ended ${Math.round(left() / 1000)} seconds early.`, SOMETHING_WRONG);
  await expectStatus(server, invite.code, "expired");
  return "past the end the status of a QR code is expired, on the running server.";
}

async function expectStatus(server: VerifiedServer, code: string, wanted: "pending" | "expired"): Promise<void> {
  const { status, is_expired, is_valid } = await statusOf(server, code);
  if (status === wanted && is_expired === (wanted === "expired") && is_valid === (wanted === "pending")) return;
  throw new RowFault(
    `${wanted === "expired" ? "Past" : "Before"} its end an invite says status ${status}, is_expired ${is_expired}, is_valid ${is_valid}.`,
    SOMETHING_WRONG,
  );
}

async function statusOf(server: VerifiedServer, code: string): Promise<ReturnType<typeof read<"inviteStatus">>> {
  const answer = await server.local("inviteStatus", { invite_code: code });
  if (answer.status !== 200) throw refused(server.address, answer);
  return read("inviteStatus", answer);
}

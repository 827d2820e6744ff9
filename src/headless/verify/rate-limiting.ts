import { RowFault } from "./row.ts";
import { OWN_USER } from "./traces.ts";
import { codeOf, refused, spoken, type VerifiedServer } from "./verified-server.ts";

/** No country's number begins with 0, so there is nobody whom any server could text. The try counts all the same. */
const NOBODY = "+0";
/** The limit is five in a minute; some room for servers whose limits are scaled up a little. */
const MAX_TRIES = 12;

/** Asks for invites faster than the limit allows, until the first refusal. */
export async function checkRateLimiting(server: VerifiedServer): Promise<string> {
  for (let tried = 1; tried <= MAX_TRIES; tried += 1) {
    const answer = await server.local("sendInvite", { phone_number: NOBODY, user_id: OWN_USER }, { takesRejection: true });
    if (answer.status === 429 && codeOf(answer) === "rate_limited") {
      if (answer.retryAfter !== undefined)
        return `Try ${tried} to send an invite was refused: 429, Retry-After ${answer.retryAfter} seconds.`;
      throw new RowFault(
        `Try ${tried} to send an invite was refused with 429, but without Retry-After.`,
        "Ask the local door itself: something in between takes headers away.",
      );
    }
    if (answer.status === 401 || answer.status === 403) throw refused(server.address, answer);
    if (answer.status !== 400) {
      throw new RowFault(
        `An invite for an impossible number was answered with ${spoken(answer)} instead of 400 or 429.`,
        "Look into the server's log, and at what stands between it and verify.",
      );
    }
  }
  throw new RowFault(
    `${MAX_TRIES} tries in a row to send an invite were let through.`,
    "Set PAIRING_RATE_LIMIT_SCALE to 1, or leave it out, and restart the server.",
  );
}

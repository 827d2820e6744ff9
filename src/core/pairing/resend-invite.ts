import { languageOfTag } from "../../words/languages.ts";
import type { Caller } from "../audit.ts";
import { PairingError } from "../errors.ts";
import { deliver } from "../messages/deliver.ts";
import { maskPhoneNumber } from "../names.ts";
import type { Ports } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";
import { ensureSigning } from "./ensure-signing.ts";
import { noLongerPending } from "./find-invite.ts";
import { expiryFrom, type Invited, noRoomError, pairingLink, textableNumber } from "./send-invite.ts";
import type { PairingSession } from "./session.ts";
import { resentText } from "./sms-text.ts";

type Deps = Pick<Ports, "clock" | "digest" | "store" | "sms" | "phoneNumbers" | "tokens" | "changeEvents" | "log">;

/** Sends the same code again with a new expiry; an expired invite is pending again. A failed resend leaves the invite unchanged. */
export async function resendInvite(
  deps: Deps,
  settings: PairingSettings,
  code: string,
  caller: Caller,
  begun?: (invited: Invited) => void,
): Promise<PairingSession> {
  const now = deps.clock.now();
  const codeHash = deps.digest.sha256(code);
  const known = await deps.store.findByCode(codeHash);
  // A QR code has no phone number, so it cannot be sent again.
  const found = known?.method === "sms" ? known : undefined;
  if (!found) throw new PairingError("invite_not_found");
  // The country may have been removed from the list since.
  await textableNumber(deps, settings, found.phoneNumber);
  await ensureSigning(deps);
  const about = {
    session_id: found.sessionId,
    user_id: found.userId,
    phone_number: maskPhoneNumber(found.phoneNumber),
    via: deps.sms.name,
    ...caller,
  };
  const renewed = await deps.store.renewInvite({
    codeHash,
    expiresAt: expiryFrom(now, settings.inviteMinutes),
    budget: settings.smsBudget,
    waits: settings.resendWaits ?? [],
    baseUrl: settings.baseUrl(),
    at: now,
    audit: [{ event: "resend_sms_invite", ...about }],
  });
  if (renewed.kind === "refused") throw noLongerPending(renewed.session);
  if (renewed.kind !== "renewed") throw noRoomError(renewed, now);

  const { session, text, before } = renewed;
  begun?.({ code, session });
  deps.changeEvents.emit("invites");
  const language = languageOfTag(session.language) ?? settings.language;
  const body = resentText({ link: pairingLink(session.baseUrl, code), minutes: settings.inviteMinutes, language });
  await deliver(deps, text, { body, expiresAt: session.expiresAt, refused: { kind: "restore", before }, about });
  return session;
}

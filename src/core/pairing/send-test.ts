import type { Caller } from "../audit.ts";
import { maskPhoneNumber } from "../names.ts";
import type { Ports } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";
import { deliver } from "./deliver.ts";
import { expiryFrom, noRoomError, textableNumber } from "./send-invite.ts";
import type { PairingSession } from "./session.ts";

type Deps = Pick<Ports, "clock" | "random" | "digest" | "store" | "sms" | "phoneNumbers" | "changeEvents" | "log">;

const TEXT = "This is a test message from Top Dog. Text messages reach this phone.";

/** A message without a link. It is stored as a session that was never valid, so that it is counted and its delivery can be followed. */
export async function sendTest(deps: Deps, settings: PairingSettings, typed: string, caller: Caller): Promise<PairingSession> {
  const phoneNumber = await textableNumber(deps, settings, typed);
  const now = deps.clock.now();
  const session: PairingSession = {
    sessionId: deps.random.token(12),
    method: "sms",
    // The hash of a code that is given to nobody.
    codeHash: deps.digest.sha256(deps.random.token(32)),
    status: "cancelled",
    test: true,
    userId: "test",
    userName: "",
    phoneNumber,
    baseUrl: settings.baseUrl(),
    createdAt: now,
    expiresAt: expiryFrom(now, settings.inviteMinutes),
    sentAt: [now],
  };
  const about = { session_id: session.sessionId, phone_number: maskPhoneNumber(phoneNumber), via: deps.sms.name, ...caller };
  const added = await deps.store.addInvite({
    session,
    budget: settings.smsBudget,
    at: now,
    audit: [{ event: "send_sms_invite", reason: "test", ...about }],
  });
  if (added.kind !== "added") throw noRoomError(added, now);
  await deliver(deps, session, TEXT, { kind: "cancel" }, about);
  return session;
}

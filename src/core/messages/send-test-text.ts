import type { Caller } from "../audit.ts";
import { expiryFrom, noRoomError, textableNumber } from "../pairing/send-invite.ts";
import type { Ports } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";
import { deliver } from "./deliver.ts";
import { aboutText, type TextMessage } from "./text-message.ts";

type Deps = Pick<Ports, "clock" | "random" | "store" | "sms" | "phoneNumbers" | "changeEvents" | "log">;

const BODY = "This is a test message from Top Dog. Text messages reach this phone.";

/** A message without a link. It counts against the budget like an invite's, and its delivery can be followed. */
export async function sendTestText(deps: Deps, settings: PairingSettings, typed: string, caller: Caller): Promise<TextMessage> {
  const to = await textableNumber(deps, settings, typed);
  const now = deps.clock.now();
  const text: TextMessage = { id: deps.random.token(12), purpose: "test", to, baseUrl: settings.baseUrl(), sends: [now] };
  const about = { ...aboutText(text), via: deps.sms.name, ...caller };
  const audit = [{ event: "send_sms_invite" as const, reason: "test", ...about }];
  const added = await deps.store.addText({ text, budget: settings.smsBudget, at: now, audit });
  if (added.kind !== "added") throw noRoomError(added, now);
  await deliver(deps, text, { body: BODY, expiresAt: expiryFrom(now, settings.inviteMinutes), about });
  return text;
}

import { type HostStanding, PUSH_TROUBLES, pushTrouble, type SmsLook } from "../../look-at-host.ts";
import type { Open, ServerSeen } from "./ask-server.ts";
import { type Finding, failed, ok, warning } from "./check.ts";

const LABEL = { twilio: "Twilio", sns: "AWS SNS", mock: "Mock mode" } as const;
const MOCK = "Mock mode: text messages are printed and not sent.";
const SET_UP = "Set up Twilio (TWILIO_…) or AWS (AWS_…) in the environment, or under Text messages on the settings page.";

/** Who sends text messages, and whether that one is complete. Nothing is sent, and no provider is asked. */
export function lookAtSms(seen: ServerSeen, { sms: look }: HostStanding): Finding {
  const sms = seen.kind === "open" ? asServed(seen) : look;
  if ("fault" in sms) return failed(sms.fault);
  if (sms.problem !== undefined) return failed(sms.problem);
  if (seen.kind === "open" && seen.overview.sms_paused_until !== undefined)
    return failed(
      `${LABEL[sms.active]} has failed again and again: nothing is sent until ${seen.overview.sms_paused_until}.`,
      "Test the connection under Text messages on the settings page.",
    );
  if (sms.active === "mock") return warning([MOCK, ...sms.warnings].join(" "), SET_UP);
  const complete = `${LABEL[sms.active]} is complete.`;
  return sms.warnings.length === 0 ? ok(complete) : warning([complete, ...sms.warnings].join(" "));
}

function asServed({ sms: { provider, active, problem, twilio, warnings = [] } }: Open): SmsLook {
  const begun =
    [twilio.account_sid, twilio.api_key_sid, twilio.phone_number, twilio.messaging_service_sid].some(({ value }) => value !== "") ||
    twilio.auth_token.set ||
    twilio.api_key_secret.set;
  const half = provider.value === "auto" && begun && twilio.missing.length > 0;
  return {
    active,
    ...(problem === undefined ? {} : { problem }),
    warnings: [...(half ? [`Twilio is not complete, so it is not used. Missing: ${twilio.missing.join("; ")}`] : []), ...warnings],
  };
}

/** Whether phones can be woken. */
export function lookAtPush(seen: ServerSeen, { road }: HostStanding): Finding {
  if (seen.kind === "open") {
    const { tunnel } = seen.road;
    return judged(seen.overview.base_url, tunnel.state === "online" ? tunnel.address : undefined);
  }
  if ("fault" in road) return failed(road.fault);
  if (road.baseUrl === "") return warning("Not looked at: no address is set, and no server says which it uses.");
  return judged(road.baseUrl, undefined);
}

function judged(baseUrl: string, lent: string | undefined): Finding {
  const trouble = pushTrouble(baseUrl, lent);
  return trouble === undefined ? ok(`Phones can subscribe at ${baseUrl}.`) : warning(PUSH_TROUBLES[trouble]);
}

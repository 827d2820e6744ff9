import { SMS_PROVIDERS } from "../../adapters/sms/providers/index.ts";
import { unusedSentence } from "../../adapters/sms/providers/provider.ts";
import { present } from "../../base/present.ts";
import { type HostReport, PUSH_FAILURES, pushFailure, type SmsReport } from "../../host/inspect-host.ts";
import type { Open, ServerSeen } from "./ask-server.ts";
import { type Finding, failed, ok, warning } from "./check.ts";

const MOCK = "Mock mode: text messages are printed and not sent.";
const SET_UP = `Set up ${SMS_PROVIDERS.map(({ label }) => label).join(" or ")} in the environment, or under Text messages on the settings page.`;

/** Who sends text messages, and whether that one is complete. Nothing is sent, and no provider is asked. */
export function checkSms(seen: ServerSeen, { sms: report }: HostReport): Finding {
  const sms = seen.kind === "open" ? asServed(seen) : report;
  if ("fault" in sms) return failed(sms.fault);
  if (sms.problem !== undefined) return failed(sms.problem);
  if (seen.kind === "open" && seen.overview.sms_paused_until !== undefined)
    return failed(
      `${sms.active ?? "Mock mode"} has failed again and again: nothing is sent until ${seen.overview.sms_paused_until}.`,
      "Test the connection under Text messages on the settings page.",
    );
  if (sms.active === undefined) return warning([MOCK, ...sms.warnings].join(" "), SET_UP);
  const complete = `${sms.active} is complete.`;
  return sms.warnings.length === 0 ? ok(complete) : warning([complete, ...sms.warnings].join(" "));
}

function asServed({ sms: { provider, active, problem, providers, warnings = [] } }: Open): SmsReport {
  const chosen = providers.findIndex(({ id }) => id === active);
  const passedOver = provider.value === "auto" ? providers.slice(0, chosen === -1 ? undefined : chosen) : [];
  const unfinished = passedOver.filter(({ begun, missing }) => begun && missing.length > 0);
  const label = providers[chosen]?.label;
  return {
    ...present({ active: label, problem }),
    warnings: [...unfinished.map((one) => unusedSentence(one.label, one.missing)), ...warnings],
  };
}

/** Whether phones can be woken. */
export function checkPush(seen: ServerSeen, { connectivity }: HostReport): Finding {
  if (seen.kind === "open") {
    const { tunnel } = seen.connectivity;
    return judged(seen.overview.base_url, tunnel.state === "online" ? tunnel.address : undefined);
  }
  if ("fault" in connectivity) return failed(connectivity.fault);
  if (connectivity.baseUrl === "") return warning("Not looked at: no address is set, and no server says which it uses.");
  return judged(connectivity.baseUrl, undefined);
}

function judged(baseUrl: string, lent: string | undefined): Finding {
  const failure = pushFailure(baseUrl, lent);
  return failure === undefined ? ok(`Phones can subscribe at ${baseUrl}.`) : warning(PUSH_FAILURES[failure]);
}

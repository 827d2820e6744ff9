import { SMS_PROVIDERS } from "../../adapters/sms/providers/index.ts";
import { unusedSentence } from "../../adapters/sms/providers/provider.ts";
import { present } from "../../base/present.ts";
import { type HostReport, pushFailure, type SmsReport } from "../../host/inspect-host.ts";
import { say, sayError } from "../../words/say.ts";
import type { Open, ServerSeen } from "./ask-server.ts";
import { type Finding, failed, ok, warning } from "./check.ts";

/** Which provider sends text messages, and whether it is fully set up. Nothing is sent, and no provider is asked. */
export function checkSms(seen: ServerSeen, { sms: report }: HostReport): Finding {
  const sms = seen.kind === "open" ? asServed(seen) : report;
  if ("fault" in sms) return failed(sms.fault);
  if (sms.problem !== undefined) return failed(sms.problem);
  if (seen.kind === "open" && seen.overview.sms_paused_until !== undefined)
    return failed(
      say("doctor.smsPaused", { provider: sms.active ?? seen.overview.sms_provider, time: seen.overview.sms_paused_until }),
      say("doctor.smsPausedTodo"),
    );
  if (sms.active === undefined)
    return warning([say("doctor.smsMock"), ...sms.warnings].join(" "), say("doctor.smsSetUp", { providers: providersInWords() }));
  const complete = say("doctor.smsOk", { provider: sms.active });
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
  if (connectivity.baseUrl === "") return warning(say("doctor.pushNoAddress"));
  return judged(connectivity.baseUrl, undefined);
}

function judged(baseUrl: string, lent: string | undefined): Finding {
  const failure = pushFailure(baseUrl, lent);
  return failure === undefined
    ? ok(say("doctor.pushOk", { address: baseUrl }))
    : warning(sayError("push_unavailable", { reason: failure }) ?? failure);
}

function providersInWords(): string {
  const [first = "", ...more] = SMS_PROVIDERS.map(({ label }) => label);
  return more.reduce((before, second) => say("doctor.smsOr", { first: before, second }), first);
}

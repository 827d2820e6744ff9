import { present } from "../../base/present.ts";
import {
  type DeliveryFault,
  PairingError,
  type PairingErrorOptions,
  type SmsFault,
  type SmsReport,
  type SmsTried,
} from "../../core/index.ts";
import { say, sayError } from "../../words/say.ts";

/** The error for the caller when a provider rejects a message (CONTRACT section 6): only the number's fault is the caller's. */
const CODE_OF: Record<
  SmsFault,
  "sms_number_rejected" | "sms_opted_out" | "sms_region_blocked" | "sms_send_failed" | "sms_outcome_unknown"
> = {
  number: "sms_number_rejected",
  trial_account: "sms_number_rejected",
  opted_out: "sms_opted_out",
  region: "sms_region_blocked",
  sender: "sms_send_failed",
  credentials: "sms_send_failed",
  account: "sms_send_failed",
  daily_limit: "sms_send_failed",
  budget: "sms_send_failed",
  busy: "sms_send_failed",
  paused: "sms_send_failed",
  unreachable: "sms_send_failed",
  not_set_up: "sms_send_failed",
  other: "sms_send_failed",
  outcome_unknown: "sms_outcome_unknown",
};

const BUSY_FOR = 30;

/** A provider: its id, and its name for people. */
export interface WhoseFault {
  readonly id: string;
  readonly label: string;
}

export interface FaultFacts {
  /** The provider's own code. */
  readonly code?: string | undefined;
  /** A sentence of its own, in place of the one of its kind. */
  readonly params?: Exclude<PairingErrorOptions<"sms_send_failed">["params"], undefined | { readonly reason: SmsFault }> | undefined;
  readonly retryAfter?: number | undefined;
  /** For the log: the name of what was thrown, and nothing of what was in it. */
  readonly note?: string | undefined;
}

/** An error made of a few chosen words: what was thrown holds credentials and the link, and goes no further. */
export function smsFault({ id, label }: WhoseFault, reason: SmsFault, facts: FaultFacts = {}): PairingError {
  const wait = facts.retryAfter ?? (reason === "busy" ? BUSY_FOR : undefined);
  return new PairingError(CODE_OF[reason], {
    params: facts.params ?? { reason, provider: label },
    ...present({ note: facts.note, retryAfter: wait }),
    details: { provider: id, reason, ...present({ code: facts.code }) },
  });
}

/** The answer to a try that failed. */
export function triedInVain({ id, label }: WhoseFault, { code, params, message, details }: PairingError): SmsTried {
  const sentence = details?.reason === "outcome_unknown" ? say("sms.late", { provider: label }) : (sayError(code, params) ?? message);
  return { ok: false, provider: id, sentence, ...present({ details }) };
}

/** What a provider reports of a message; `code`: its own for why the message did not arrive. */
export function smsReport(
  { id }: WhoseFault,
  state: SmsReport["state"],
  code: string | undefined,
  lostBy: (code: string | undefined) => DeliveryFault | SmsFault,
): SmsReport {
  const lost = state === "undelivered" || state === "failed";
  const more = state === "handed_over" || state === "sent";
  return { state, more, provider: id, ...(lost ? { fault: lostBy(code), ...present({ providerCode: code }) } : {}) };
}

/** Whether what was thrown says that there never was a connection, so that nothing can have been sent. */
export function neverConnected(thrown: unknown): boolean {
  for (let cause = thrown, depth = 0; typeof cause === "object" && cause !== null && depth < 5; depth += 1) {
    const { name, code, syscall, message, cause: next } = cause as Record<string, unknown>;
    if (name === "NeverConnectedError" || syscall === "connect" || syscall === "getaddrinfo") return true;
    if (typeof code === "string" && NOT_CONNECTED.test(code)) return true;
    if (typeof message === "string" && /without establishing a connection|before secure TLS connection/i.test(message)) return true;
    cause = next;
  }
  return false;
}

/** What of a connection's error may be shown: the system's code, and why a proxy let nobody through. */
export function connectionFacts(thrown: unknown): FaultFacts {
  for (let cause = thrown, depth = 0; typeof cause === "object" && cause !== null && depth < 5; depth += 1) {
    const { code, message, cause: next } = cause as Record<string, unknown>;
    if (code === "ERR_PROXY_REFUSED" && typeof message === "string") {
      return { code, params: { reason: "proxy_refused", why: message } };
    }
    if (typeof code === "string") return { code };
    cause = next;
  }
  return {};
}

const NOT_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EPROTO|ENETDOWN|ERR_PROXY_REFUSED)$|CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL/;

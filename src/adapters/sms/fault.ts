import { present } from "../../base/present.ts";
import { PairingError, type PairingErrorCode, type SmsFault } from "../../core/index.ts";

/** What a provider's refusal is to whoever asked (CONTRACT section 6): the number's fault is theirs, everything else is not. */
const CODE_OF: Record<SmsFault, PairingErrorCode> = {
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

const SENTENCES: Record<SmsFault, (name: string) => string> = {
  number: (name) => `${name} does not accept this number. Check it, or use another.`,
  trial_account: (name) =>
    `${name}'s trial account sends to verified numbers only. Verify this number in ${name}'s console, or upgrade the account.`,
  opted_out: () => "This number has opted out of text messages. Text START from it to the sender's number to allow them again.",
  region: (name) => `${name} may not send to this country. Allow it in ${name}'s console (geographic permissions).`,
  sender: (name) => `${name} does not accept the sender. Check the number, messaging service or sender ID that messages come from.`,
  credentials: (name) => `${name} does not accept the credentials. Check them in the settings, or in the environment.`,
  account: (name) => `${name} has suspended the account. See why in ${name}'s console (often its balance), then send again.`,
  daily_limit: (name) =>
    `The sender has sent as many messages as it may in a day. Send again tomorrow, raise the limit in ${name}'s console, or show a QR code instead.`,
  budget: (name) => `The text message could not be sent: the account's spending limit at ${name} is reached. Raise it there.`,
  busy: (name) => `${name} could not take the text message just now. Wait a moment and send it again.`,
  paused: (name) => `${name} failed several times in a row, so nothing is sent to it for now. Wait a moment and send again.`,
  unreachable: (name) => `${name} could not be reached, so nothing was sent. Check this computer's network and try again.`,
  not_set_up: (name) => `${name} is not set up completely. Fill in what is missing in the settings.`,
  other: (name) => `${name} refused the text message. Look its error code up in ${name}'s documentation.`,
  outcome_unknown: (name) =>
    `${name} did not answer in time, so the text message may or may not have been sent. Look at the phone before you send another.`,
};

const BUSY_FOR = 30;

/** The provider that refused: its id, and its name for people. */
export interface WhoseFault {
  readonly id: string;
  readonly label: string;
}

export interface FaultFacts {
  /** The provider's own code. */
  readonly code?: string | undefined;
  readonly sentence?: string | undefined;
  readonly retryAfter?: number | undefined;
  /** For the log: the name of what was thrown, and nothing of what was in it. */
  readonly note?: string | undefined;
}

/** A refusal made of a few chosen words: what was thrown holds credentials and the link, and goes no further. */
export function smsFault({ id, label }: WhoseFault, reason: SmsFault, facts: FaultFacts = {}): PairingError {
  const wait = facts.retryAfter ?? (reason === "busy" ? BUSY_FOR : undefined);
  return new PairingError(CODE_OF[reason], {
    sentence: facts.sentence ?? SENTENCES[reason](label),
    ...present({ note: facts.note, retryAfter: wait }),
    details: { provider: id, reason, ...present({ code: facts.code }) },
  });
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
      return { code, sentence: `Nothing was sent: ${message}.` };
    }
    if (typeof code === "string") return { code };
    cause = next;
  }
  return {};
}

const NOT_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EPROTO|ENETDOWN|ERR_PROXY_REFUSED)$|CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL/;

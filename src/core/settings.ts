import type { Language } from "../words/languages.ts";
import type { SmsBudget } from "./ports.ts";
import type { PushSettings } from "./remote/hold-back.ts";

/** The core's settings: complete and checked. Hosts build them; the core has no defaults of its own. */
export interface PairingSettings {
  /** Where phones reach the phone door, without a trailing slash. Read at each use: a free port is only known once it is bound. */
  readonly baseUrl: () => string;
  /** Whose phones a request means that names nobody. */
  readonly userId: string;
  /** The language of people who asked for none; absent: English. */
  readonly language?: Language | undefined;
  readonly inviteMinutes: number;
  readonly tokenDays: number;
  /** Which phones are paired only when somebody at the computer has typed the digits they show. */
  readonly confirm: ConfirmMode;
  readonly smsBudget: SmsBudget;
  /** The wait before a resend, after the first, second and further messages, in milliseconds. Absent: none. */
  readonly resendWaits?: readonly number[] | undefined;
  /** ISO 3166 codes of the allowed countries; absent: all. */
  readonly allowedCountries?: readonly string[] | undefined;
  readonly qr: QrSettings;
  readonly push: PushSettings;
  /** The limits on text messages about approvals; absent: none is sent. */
  readonly approvalTexts?: SmsBudget | undefined;
}

/** `qr-only`: those that scanned a QR code. */
export type ConfirmMode = "never" | "qr-only" | "always";

export interface QrSettings {
  readonly minutes: number;
  /** A phone that scanned the code must type a one-time password, too. */
  readonly otpRequired: boolean;
  /** The password is in the QR code's link. It is still checked, but does not protect against a photograph of the code. */
  readonly otpEmbedded: boolean;
}

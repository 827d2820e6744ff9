import type { SmsBudget } from "./ports.ts";
import type { PushSettings } from "./remote/hold-back.ts";

/** What the core needs to know: complete and checked. Hosts build it; the core has no defaults of its own. */
export interface PairingSettings {
  /** Where phones reach the phone door, without a trailing slash. Read at each use: a free port is only known once it is bound. */
  readonly baseUrl: () => string;
  readonly inviteMinutes: number;
  readonly tokenDays: number;
  readonly smsBudget: SmsBudget;
  /** How long an invite waits after its first, second and further text messages before it is sent again, in milliseconds; absent: not. */
  readonly resendWaits?: readonly number[] | undefined;
  /** ISO 3166 codes that text messages may go to; absent: all. */
  readonly allowedCountries?: readonly string[] | undefined;
  readonly qr: QrSettings;
  readonly push: PushSettings;
  /** How many text messages may tell of approvals; absent: none is sent. */
  readonly approvalTexts?: SmsBudget | undefined;
}

export interface QrSettings {
  readonly minutes: number;
  /** A phone that scanned the code must type a one-time password, too. */
  readonly otpRequired: boolean;
  /** The password is in the QR code's link. It is checked all the same, and protects against nobody who photographs the code. */
  readonly otpEmbedded: boolean;
}

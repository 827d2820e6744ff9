import { type PairingSettings, resendWaits } from "../core/index.ts";
import type { Settings } from "../settings/read-settings.ts";

/** Text messages to one number in ten minutes. */
const TEN_MINUTE_TEXTS = 3;
/** One text message covers a burst of approvals: the inbox that it links to shows them all. */
const TEN_MINUTE_APPROVAL_TEXTS = 1;
/** So many phone numbers can use up their daily budget before the server's budget is used up. */
const APPROVAL_NUMBERS = 5;

/** Read at each use, so that a setting saved on the settings page applies to the next request. */
export function pairingSettings(baseUrl: () => string, inUse: () => Settings): PairingSettings {
  return {
    baseUrl,
    get userId() {
      return inUse().userId;
    },
    get language() {
      return inUse().language;
    },
    get inviteMinutes() {
      return inUse().inviteMinutes;
    },
    get confirm() {
      return inUse().confirm;
    },
    get tokenDays() {
      return inUse().tokenDays;
    },
    get qr() {
      const { qrMinutes, qrOtpRequired, qrOtpEmbedded } = inUse();
      return { minutes: qrMinutes, otpRequired: qrOtpRequired, otpEmbedded: qrOtpEmbedded };
    },
    get smsBudget() {
      const { smsPerNumberPerDay, smsPerDay } = inUse();
      return {
        perNumberPerTenMinutes: Math.min(TEN_MINUTE_TEXTS, smsPerNumberPerDay),
        perNumberPerDay: smsPerNumberPerDay,
        perDay: smsPerDay,
      };
    },
    get resendWaits() {
      return resendWaits(inUse().rateLimitScale);
    },
    get push() {
      const { quietHours, quietLetsUrgentThrough, pushNotAtKeyboard } = inUse();
      return { quietHours, urgentInQuietHours: quietLetsUrgentThrough, notAtKeyboard: pushNotAtKeyboard };
    },
    get approvalTexts() {
      const { smsApprovals, smsApprovalsPerDay: perNumberPerDay } = inUse();
      if (!smsApprovals) return undefined;
      return { perNumberPerTenMinutes: TEN_MINUTE_APPROVAL_TEXTS, perNumberPerDay, perDay: APPROVAL_NUMBERS * perNumberPerDay };
    },
    get allowedCountries() {
      return inUse().sms.allowedCountries;
    },
  };
}

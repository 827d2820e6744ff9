import type { PhonesLife } from "./phones-life.ts";
import { RowFault } from "./row.ts";
import { codeOf, spoken } from "./verified-server.ts";

/** Whether a phone that scanned the QR code needs the one-time password, and the right one. */
export function checkQrPassword({ otpRequired, otpGiven, withoutOtp, withWrongOtp, pairing }: PhonesLife): string {
  if (!otpRequired) throw new RowFault("A QR code alone pairs a phone.", "Set PAIRING_QR_REQUIRE_OTP=1 and restart the server.");
  if (!otpGiven) {
    throw new RowFault(
      "A one-time password is required, but the local door hands none out.",
      "Ask the local door itself: something in between changes answers.",
    );
  }
  const tries = [
    { label: "Without the one-time password", answer: withoutOtp ?? pairing, wanted: "otp_required" },
    { label: "with a wrong one", answer: withWrongOtp ?? pairing, wanted: "otp_invalid" },
  ];
  const seen = `${tries.map(({ label, answer }) => `${label} ${spoken(answer)}`).join(", ")}, with the right one ${spoken(pairing)}.`;
  if (tries.some(({ answer, wanted }) => codeOf(answer) !== wanted) || pairing.status !== 200) {
    throw new RowFault(
      `${seen} It should be 400 otp_required, 400 otp_invalid and 200.`,
      "Look into the server's log, and at what stands between it and verify.",
    );
  }
  return seen;
}

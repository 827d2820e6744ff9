import { present } from "../../base/present.ts";
import type { DoorAnswer } from "../../contract/call.ts";
import { OWN_DEVICE, OWN_USER, type Traces } from "./traces.ts";
import { read, type VerifiedServer } from "./verified-server.ts";

/** What a phone met from its QR code to its revocation: three rows of the checklist look at it. */
export interface PhonesLife {
  readonly otpRequired: boolean;
  /** Whether a one-time password came with the QR code. */
  readonly otpGiven: boolean;
  /** The tries before the right one; there when the one before was refused. */
  readonly withoutOtp?: DoorAnswer;
  readonly withWrongOtp?: DoorAnswer;
  /** The try that should pair. */
  readonly pairing: DoorAnswer;
  /** There when a try paired, whichever it was. */
  readonly paired?: {
    readonly token: string;
    /** `GET /phone/me` before and after the revocation. */
    readonly before: DoorAnswer;
    readonly revocation: DoorAnswer;
    readonly after: DoorAnswer;
  };
}

const PHONE = { device_id: OWN_DEVICE, device_name: "Hardening checklist", device_type: "unknown" };

/** Pairs a phone by QR code, nobody is texted, and revokes it. */
export async function liveAsPhone(server: VerifiedServer, traces: Traces): Promise<PhonesLife> {
  const qr = await server.call("generateQr", { user_id: OWN_USER });
  traces.invited(qr.pairing_token);
  const otp = qr.otp_code ?? new URL(qr.pairing_link).searchParams.get("otp") ?? undefined;

  let token: string | undefined;
  const pair = async (otpCode?: string): Promise<DoorAnswer> => {
    traces.pairing();
    const answer = await server.phone("pairByQr", {
      pairing_token: qr.pairing_token,
      ...PHONE,
      ...present({ otp_code: otpCode }),
    });
    if (answer.status === 200) {
      ({ jwt_token: token } = read("pairByQr", answer));
      traces.paired(qr.pairing_token, token);
    } else if (answer.status < 500) traces.unpaired();
    return answer;
  };
  const tries: { withoutOtp?: DoorAnswer; withWrongOtp?: DoorAnswer; pairing: DoorAnswer } = { pairing: await pair() };
  if (token === undefined && otp !== undefined) {
    tries.withoutOtp = tries.pairing;
    tries.pairing = await pair(another(otp));
  }
  if (token === undefined && otp !== undefined) {
    tries.withWrongOtp = tries.pairing;
    tries.pairing = await pair(otp);
  }
  const life = { otpRequired: qr.otp_required, otpGiven: otp !== undefined, ...tries };
  if (token === undefined) return life;

  const before = await server.phone("ownDevice", {}, { deviceToken: token });
  const revocation = await server.local("revokeDevice", { device_id: OWN_DEVICE, user_id: OWN_USER });
  const after = await server.phone("ownDevice", {}, { deviceToken: token });
  if (after.status === 401) traces.unpaired();
  return { ...life, paired: { token, before, revocation, after } };
}

function another(otp: string): string {
  return String((Number(otp) + 1) % 10 ** otp.length).padStart(otp.length, "0");
}

import { present } from "../../base/present.ts";
import type { DoorAnswer } from "../../contract/call.ts";
import { OPERATIONS } from "../../contract/operations.ts";
import type { Settings } from "../../settings/read-settings.ts";
import { say } from "../../words/say.ts";
import { codeOf, RowFailure, readAnswer, rejected, statusAndCode, type VerifiedServer } from "./server.ts";
import { OWN_DEVICE, OWN_USER, type Traces } from "./traces.ts";

/** The answers that a phone got from its QR code to its revocation, for rows 2, 3 and 6. */
export interface PhoneAnswers {
  readonly otpRequired: boolean;
  /** Whether a one-time password came with the QR code. */
  readonly otpGiven: boolean;
  /** The phone had to show digits, and they were typed. */
  readonly digitsRequired: boolean;
  /** The tries before the right one; each is there when the one before was rejected. */
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

/** Pairs a phone by QR code, which sends no text message, and revokes it. */
export async function pairAndRevoke(server: VerifiedServer, traces: Traces): Promise<PhoneAnswers> {
  const qr = await server.call("generateQr", { user_id: OWN_USER });
  traces.invited(qr.pairing_token);
  const otp = qr.otp_code ?? new URL(qr.pairing_link).searchParams.get("otp") ?? undefined;

  let token: string | undefined;
  let digitsRequired = false;
  const pair = async (otpCode?: string): Promise<DoorAnswer> => {
    traces.pairing();
    const accepted = await server.phone("pairByQr", { pairing_token: qr.pairing_token, ...PHONE, ...present({ otp_code: otpCode }) });
    const answer = accepted.status === 202 ? await confirmed(server, accepted) : accepted;
    digitsRequired ||= accepted.status === 202;
    if (answer.status === 200) {
      ({ jwt_token: token } = readAnswer("pairByQr", answer));
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
  const answers = { otpRequired: qr.otp_required, otpGiven: otp !== undefined, ...tries, digitsRequired };
  if (token === undefined) return answers;

  const before = await server.phone("ownDevice", {}, { deviceToken: token });
  const revocation = await server.local("revokeDevice", { device_id: OWN_DEVICE, user_id: OWN_USER });
  const after = await server.phone("ownDevice", {}, { deviceToken: token });
  if (after.status === 401) traces.unpaired();
  return { ...answers, paired: { token, before, revocation, after } };
}

/** Types the digits of this run's own phone, which only a window or an admin may. The answer that the phone gets then. */
async function confirmed(server: VerifiedServer, accepted: DoorAnswer): Promise<DoorAnswer> {
  const { claim_id, claim_secret, digits } = OPERATIONS.pairByQr.later.parse(accepted.body);
  const [session_id] = claim_id.split(".");
  const typed = await server.local("confirmClaim", { digits, session_id });
  return typed.status === 200 ? server.phone("readClaim", { claim_id, claim_secret }) : typed;
}

function another(otp: string): string {
  return String((Number(otp) + 1) % 10 ** otp.length).padStart(otp.length, "0");
}

/** A server as it is after a restart, and its name in a sentence: "a server started on a copy of …". */
export interface RestartedServer {
  readonly server: VerifiedServer;
  readonly name: string;
}

/** Row 2: whether a restarted server lists everything that the running one lists, above all this run's own pairing. */
export async function checkPersistence(
  server: VerifiedServer,
  { storageFolder: folder, databaseUrl }: Settings,
  afterRestart: () => Promise<RestartedServer>,
): Promise<string> {
  const before = await listAll(server);
  if (before.own === undefined) throw new RowFailure(say("verify.noPhone"), say("verify.noPhoneTodo"));
  const restarted = await afterRestart();
  const after = await listAll(restarted.server);
  const todo = databaseUrl === undefined ? say("verify.persistenceTodo", { folder }) : say("verify.databaseTodo");
  if (!after.sessions.has(before.own) || !after.phones.has(OWN_KEY))
    throw new RowFailure(say("verify.persistenceLostOwn", { address: server.address, server: restarted.name }), todo);
  // What reached the end of its retention meanwhile is listed nowhere, and not lost.
  const still = restarted.server === server ? before : await listAll(server);
  const lost = {
    sessions: countMissing(before.sessions, after.sessions, still.sessions),
    phones: countMissing(before.phones, after.phones, still.phones),
  };
  const seen = {
    sessions: say("verify.sessions", { count: before.sessions.size }),
    phones: say("verify.phones", { count: before.phones.size }),
    server: restarted.name,
  };
  if (lost.sessions + lost.phones === 0) return say("verify.persistenceOk", seen);
  const [lostSessions, lostPhones] = [say("verify.sessions", { count: lost.sessions }), say("verify.phones", { count: lost.phones })];
  throw new RowFailure(say("verify.persistenceLost", { ...seen, lostSessions, lostPhones }), todo);
}

interface Listed {
  readonly sessions: ReadonlySet<string>;
  readonly phones: ReadonlySet<string>;
  /** The session that paired this run's own phone. */
  readonly own: string | undefined;
}

const keyOf = (device: { readonly user_id: string; readonly device_id: string }): string =>
  JSON.stringify([device.user_id, device.device_id]);
const OWN_KEY = keyOf({ user_id: OWN_USER, device_id: OWN_DEVICE });

async function listAll(server: VerifiedServer): Promise<Listed> {
  const { sessions } = await server.call("listSessions", {});
  const devices = await server.call("listDevices", {});
  const own = sessions.find(({ user_id, status }) => user_id === OWN_USER && status === "accepted");
  return {
    sessions: new Set(sessions.map(({ session_id }) => session_id)),
    phones: new Set(devices.map(keyOf)),
    own: own?.session_id,
  };
}

function countMissing(before: ReadonlySet<string>, after: ReadonlySet<string>, still: ReadonlySet<string>): number {
  return [...before].filter((name) => !after.has(name) && still.has(name)).length;
}

/** Row 3: whether the token of a revoked phone is rejected at the next request, and after a restart. */
export async function checkRevocation(
  { pairing, paired }: PhoneAnswers,
  server: VerifiedServer,
  afterRestart: () => Promise<RestartedServer>,
): Promise<string> {
  if (!paired) throw new RowFailure(say("verify.noPhoneAnswer", { answer: statusAndCode(pairing) }), say("verify.noPhoneTodo"));
  const { token, before, revocation, after } = paired;
  if (before.status !== 200)
    throw new RowFailure(say("verify.revocationEarly", { answer: statusAndCode(before) }), say("doctor.serverLog"));
  if (revocation.status !== 200) throw rejected(server.address, revocation);
  if (codeOf(after) !== "token_revoked")
    throw new RowFailure(say("verify.revocationNone", { answer: statusAndCode(after) }), say("verify.revocationNoneTodo"));
  let restarted: RestartedServer;
  try {
    restarted = await afterRestart();
  } catch {
    // Row 2 gives the reason. The guide's row asks for the next request, and that was checked.
    return say("verify.revocationOkOnce");
  }
  const later = await restarted.server.phone("ownDevice", {}, { deviceToken: token });
  if (codeOf(later) === "token_revoked") return say("verify.revocationOk", { server: restarted.name });
  throw new RowFailure(
    say("verify.revocationLost", { server: restarted.name, answer: statusAndCode(later) }),
    say("verify.revocationLostTodo"),
  );
}

/** Beyond the guide: whether somebody at the computer has to type digits that a new phone shows. */
export function checkConfirmation({ digitsRequired }: PhoneAnswers): string {
  if (digitsRequired) return say("verify.digitsOk");
  throw new RowFailure(say("verify.digitsOff"), say("verify.digitsOffTodo"));
}

/** Row 6: whether a phone that scanned the QR code needs the one-time password, and the right one. */
export function checkQrPassword({ otpRequired, otpGiven, withoutOtp, withWrongOtp, pairing, digitsRequired }: PhoneAnswers): string {
  // Without the admin token the digits cannot be typed.
  if (digitsRequired && pairing.status !== 200)
    throw new RowFailure(say("verify.noPhoneAnswer", { answer: statusAndCode(pairing) }), say("verify.setToken"));
  if (!otpRequired) throw new RowFailure(say("verify.otpOff"), say("verify.otpOffTodo"));
  if (!otpGiven) throw new RowFailure(say("verify.otpNone"), say("verify.otpNoneTodo"));
  const [without, wrong] = [withoutOtp ?? pairing, withWrongOtp ?? pairing];
  const seen = say("verify.otpSeen", {
    without: statusAndCode(without),
    wrong: statusAndCode(wrong),
    right: statusAndCode(pairing),
  });
  if (codeOf(without) === "otp_required" && codeOf(wrong) === "otp_invalid" && pairing.status === 200) return seen;
  throw new RowFailure(say("verify.otpWrong", { seen }), say("verify.checkBetween"));
}

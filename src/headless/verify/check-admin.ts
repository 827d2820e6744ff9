import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { open, stat } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import type { DoorAnswer } from "../../contract/call.ts";
import { say } from "../../words/say.ts";
import { codeOf, errorCodeOf, RowFailure, statusAndCode, type VerifiedServer } from "./server.ts";
import { OWN_DEVICE } from "./traces.ts";

/** As a program of another account, which has no key either. */
const STRANGER = { adminToken: undefined, localKey: undefined, headers: { "User-Agent": "topdog-phone", "Sec-Fetch-Site": "none" } };

/** Row 4: the device list without a token, with a wrong one and with the right one, and whether other accounts may ask phones. */
export async function checkAdminGating(server: VerifiedServer, adminToken: string | undefined): Promise<string> {
  const list = (token?: string): Promise<DoorAnswer> => server.local("listDevices", {}, { adminToken: token });
  const without = await list();
  if (without.status === 200) throw new RowFailure(say("verify.gateOff"), say("verify.gateOffTodo"));
  const wrong = await list(`wrong-${randomBytes(16).toString("hex")}`);
  const seen = { without: statusAndCode(without), wrong: statusAndCode(wrong) };
  if (codeOf(without) !== "admin_token_required" || codeOf(wrong) !== "admin_token_invalid")
    throw new RowFailure(say("verify.gateWrong", seen), say("verify.gateWrongTodo"));
  if (adminToken === undefined) throw new RowFailure(say("verify.gateNoToken", seen), say("verify.setToken"));
  const right = await list(adminToken);
  const sentence = say("verify.gateSeen", { ...seen, right: statusAndCode(right) });
  const asked = await server.local("approvalStatus", { approval_id: "verify" }, STRANGER);
  if (asked.status !== 401) throw new RowFailure(say("verify.localAuthOff"), say("verify.localAuthOffTodo"));
  if (right.status === 200) return sentence;
  throw new RowFailure(sentence, say("verify.setToken"));
}

const AuditLine = z.object({ seq: z.number().int(), event: z.string(), device_id: z.string().optional() });
type AuditLine = z.output<typeof AuditLine>;

/** The size of the audit log before the run: the run's own lines begin there. */
export async function endOfAudit(folder: string): Promise<number> {
  return stat(fileIn(folder)).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Row 5: whether pairing and revoking a phone wrote lines that are numbered without a gap. */
export async function checkAuditLog(folder: string, from: number): Promise<string> {
  const file = fileIn(folder);
  const lines = await auditLines(file, from);
  const paired = lines.findIndex((line) => line?.event === "pair_device" && line.device_id === OWN_DEVICE);
  const revoked = lines.findIndex((line, at) => at > paired && line?.event === "revoke_device" && line.device_id === OWN_DEVICE);
  const events = [...(paired < 0 ? ["pair_device"] : []), ...(revoked < 0 ? ["revoke_device"] : [])].join(", ");
  if (events !== "") throw new RowFailure(say("verify.auditMissing", { file, events }), say("verify.auditMissingTodo"));
  const between = lines.slice(paired, revoked + 1);
  const [first, last] = [between.at(0)?.seq ?? 0, between.at(-1)?.seq ?? 0];
  if (between.every((line, at) => line?.seq === first + at)) return say("verify.auditOk", { first, last });
  const numbers = between.map((line) => line?.seq ?? say("verify.unreadableLine")).join(", ");
  throw new RowFailure(say("verify.auditGap", { file, first, last, numbers }), say("verify.auditGapTodo"));
}

/** The lines from there on, in order; `undefined` for one that cannot be read. */
async function auditLines(file: string, from: number): Promise<readonly (AuditLine | undefined)[]> {
  const lines: (AuditLine | undefined)[] = [];
  try {
    // O_NONBLOCK, so that a pipe in the file's place cannot block the run. Windows has no such flag, and needs none.
    const log = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    for await (const line of log.readLines({ start: from })) lines.push(readLine(line));
  } catch (cause) {
    throw new RowFailure(say("verify.cannotRead", { file, code: errorCodeOf(cause) }), say("verify.atServer"));
  }
  return lines;
}

function readLine(line: string): AuditLine | undefined {
  try {
    return AuditLine.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function fileIn(folder: string): string {
  return path.join(folder, "pairing_audit.jsonl");
}

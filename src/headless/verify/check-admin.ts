import { randomBytes } from "node:crypto";
import type { DoorAnswer } from "../../contract/call.ts";
import { say } from "../../words/say.ts";
import { codeOf, RowFailure, statusAndCode, type VerifiedServer } from "./server.ts";

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

import { retry } from "../../words/en/phone/inbox.ts";
import { askUntilAnswered, isTurnedAway, type Reply } from "./ask-door.ts";
import { type Device, type Settled, withSettled } from "./inbox-state.ts";
import type { Choice } from "./show-approval.ts";
import type { Visit } from "./visit.ts";

/** Errors for what became of the approval before this phone decided. */
const SETTLED_BEFORE: Readonly<Record<string, Settled["status"]>> = { approval_expired: "expired", approval_cancelled: "cancelled" };

/** Decides an approval, and shows what became of it. */
export async function decide(visit: Visit, approvalId: string, choice: Choice, retrying: () => void): Promise<Reply<Settled>> {
  const reply = await askUntilAnswered<Settled>("POST", `/phone/approvals/${encodeURIComponent(approvalId)}/decision`, choice, retrying);
  if (reply.kind === "done") {
    if (visit.inbox) visit.change(withSettled(visit.inbox, reply.answer));
  } else if (reply.kind === "refused") {
    if (isTurnedAway(reply)) void visit.end(reply.problem.code, reply.problem.detail);
    const status = SETTLED_BEFORE[reply.problem.code];
    if (status && visit.inbox) visit.change(withSettled(visit.inbox, { approval_id: approvalId, status }));
  }
  return reply;
}

/** Returns the renamed phone, or what went wrong. */
export async function rename(visit: Visit, typed: string, retrying: () => void): Promise<Device | string> {
  const reply = await askUntilAnswered<Device>("PATCH", "/phone/me", { device_name: typed }, retrying);
  if (reply.kind === "lost") return retry.lost;
  if (reply.kind === "refused") {
    if (isTurnedAway(reply)) await visit.end(reply.problem.code, reply.problem.detail);
    return reply.problem.detail;
  }
  if (visit.inbox) visit.change({ ...visit.inbox, device: reply.answer });
  return reply.answer;
}

/** Returns what went wrong, if anything did. */
export async function unpair(visit: Visit, retrying: () => void): Promise<string> {
  visit.isUnpairing = true;
  const reply = await askUntilAnswered("DELETE", "/phone/me", undefined, retrying);
  // 401: an earlier try unpaired the phone, and its answer was lost.
  if (reply.kind === "done" || (reply.kind === "refused" && reply.status === 401)) {
    await visit.end("unpaired", "");
    return "";
  }
  visit.isUnpairing = false;
  return reply.kind === "lost" ? retry.lost : reply.problem.detail;
}

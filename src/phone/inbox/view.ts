import { notHere, retry } from "../../words/phone.ts";
import { askDoor, askUntilAnswered, isTurnedAway, type Reply } from "./ask-door.ts";
import type { Choice } from "./decision-dock.ts";
import { element, pageView } from "./element.ts";
import { type ApprovalMessage, type Device, findApproval, type InboxState, levelOf, type Settled, withSettled } from "./inbox-state.ts";
import { serverNow } from "./server-clock.ts";
import { approvalView } from "./show-approval.ts";
import { commandView } from "./show-command.ts";
import { homeScreenView } from "./show-home-screen.ts";
import { type InstallOffer, settingsView } from "./show-settings.ts";
import type { View, Visit } from "./visit.ts";

/** Errors for what became of the approval before this phone decided. */
const SETTLED_BEFORE: Readonly<Record<string, Settled["status"]>> = { approval_expired: "expired", approval_cancelled: "cancelled" };

/** Decides an approval, and shows what became of it. */
async function decide(visit: Visit, approvalId: string, choice: Choice, retrying: () => void): Promise<Reply<Settled>> {
  const path = `/phone/approvals/${encodeURIComponent(approvalId)}/decision`;
  // A wrong number counts each time that it is sent.
  const reply =
    choice.number === undefined
      ? await askUntilAnswered<Settled>("POST", path, choice, retrying)
      : await askDoor<Settled>("POST", path, { body: choice });
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
async function rename(visit: Visit, typed: string, retrying: () => void): Promise<Device | string> {
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
async function chooseLanguage(visit: Visit, language: string): Promise<string> {
  const reply = await askUntilAnswered<Device>("PATCH", "/phone/me", { language }, () => undefined);
  if (reply.kind === "lost") return retry.lost;
  if (reply.kind === "refused") return reply.problem.detail;
  if (visit.inbox) visit.change({ ...visit.inbox, device: reply.answer });
  return "";
}

/** Returns what went wrong, if anything did. */
async function unpair(visit: Visit, retrying: () => void): Promise<string> {
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

/** The view that the address names, but for the two lists. */
export function viewAt(hash: string, visit: Visit, install: InstallOffer | undefined): View {
  const { inbox } = visit;
  const approval = approvalAt(hash, inbox);
  if (approval) {
    return approvalView(approval, serverNow(), async (choice, retrying) => decide(visit, approval.payload.approval_id, choice, retrying));
  }
  if (hash === "#command" && mayCommand(inbox)) return commandView(inbox.device.device_id);
  if (hash === "#settings" || hash === "#notifications") {
    const actions = {
      rename: async (typed: string, retrying: () => void) => rename(visit, typed, retrying),
      chooseLanguage: async (tag: string) => chooseLanguage(visit, tag),
      unpair: async (retrying: () => void) => unpair(visit, retrying),
    };
    const view = settingsView(inbox?.device, serverNow(), install, actions, hash === "#notifications");
    return inbox ? view : { ...view, isStale: () => visit.inbox !== undefined };
  }
  if (hash === "#home-screen") return homeScreenView();
  const searching = !visit.isCaughtUp && (approvalIdOf(hash) !== undefined || hash === "#command");
  // The message may be one that has not come yet.
  const isThere = (): boolean =>
    visit.inbox !== undefined && ((hash === "#command" && mayCommand(visit.inbox)) || approvalAt(hash, visit.inbox) !== undefined);
  return {
    ...notHereView(hash.startsWith("#approval"), searching),
    isStale: () => isThere() || (searching && visit.isCaughtUp),
  };
}

export function mayCommand(inbox: InboxState | undefined): inbox is InboxState {
  return inbox !== undefined && levelOf(inbox.device) === "command";
}

export function approvalAt(hash: string, inbox: InboxState | undefined): ApprovalMessage | undefined {
  const id = approvalIdOf(hash);
  return inbox && id !== undefined ? findApproval(inbox, id) : undefined;
}

export function approvalIdOf(hash: string): string | undefined {
  const [, id] = /^#approval\/(.+)$/.exec(hash) ?? [];
  try {
    return id === undefined ? undefined : decodeURIComponent(id);
  } catch {
    return undefined;
  }
}

/** For an address without a message on this phone. `searching`: the computer has not answered yet. */
function notHereView(isApproval: boolean, searching: boolean): View {
  return pageView(
    "detail",
    searching ? notHere.searching : isApproval ? notHere.approvalHeading : notHere.heading,
    !searching && element("p", {}, isApproval ? notHere.approval : notHere.page),
    element("a", { class: "button accept", href: "#" }, notHere.open),
  );
}

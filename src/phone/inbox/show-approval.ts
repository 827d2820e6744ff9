import { present } from "../../base/present.ts";
import { contentSha256 } from "../../contract/content-sha256.ts";
import { approvalContent, approvalFacts, approvalStatus, retry, approval as words } from "../../words/phone.ts";
import { fill } from "../fill.ts";
import type { Reply } from "./ask-door.ts";
import { actionButton, element, facts, filled, linkPanel, name, onPress, pageHeading, pageSection } from "./element.ts";
import { type HoldButton, holdButton } from "./hold-button.ts";
import { type ApprovalMessage, findApproval, type Settled, statusAt } from "./inbox-state.ts";
import { numberChoice } from "./number-choice.ts";
import { endOf, longText, watchEnds } from "./read-to-end.ts";
import type { View } from "./visit.ts";
import { momentOf, settledBy, timeLeft } from "./words.ts";

export interface Choice {
  readonly decision: "approve" | "reject";
  readonly comment?: string;
  /** Of what this page showed. */
  readonly content_sha256: string;
  /** Which was chosen, to approve what has a high risk. */
  readonly number?: string;
}

/** Asks the computer, and calls `retrying` before each further try. The result arrives with the next `update`. */
type Decide = (choice: Choice, retrying: () => void) => Promise<Reply<Settled>>;

/** The whole question, and its two answers far apart. It can be approved once its end was in view, and rejected at any time. */
export function approvalView(message: ApprovalMessage, now: number, decide: Decide): View {
  const { payload } = message;
  const heading = pageHeading(words.question);
  const expires = expiry(payload.requires_approval_by, now);
  const outcome = element("p", { class: "outcome card", tabindex: "-1", hidden: true });
  const comment = element("p", { class: "message card", dir: "auto", hidden: true });
  const noConnection = element("p", { class: "quiet", hidden: true }, words.noConnection);
  const plan = longText(payload.plan, "plan");
  const filesEnd = endOf("");
  const actions = decisionPart(payload, decide, [plan.end, filesEnd]);
  const node = pageSection(
    "detail",
    heading,
    outcome,
    comment,
    expires,
    factsOf(message, now),
    element("h2", {}, approvalContent.plan),
    ...plan.nodes,
    ...affectedFiles(payload.affected_files),
    filesEnd,
    noConnection,
    actions,
  );

  return {
    node,
    update(inbox, isConnected, at) {
      const current = findApproval(inbox, payload.approval_id);
      if (!current) return;
      const status = statusAt(current, at);
      const isOpen = status === "pending";
      const inSight = !actions.hidden && actions.getBoundingClientRect().top < innerHeight;
      actions.hidden = !isOpen || !isConnected;
      noConnection.hidden = !isOpen || isConnected;
      expires.hidden = !isOpen;
      const sentence = isOpen ? "" : settledBy({ ...current.payload, status }, inbox.device.device_id, at);
      heading.textContent = isOpen ? words.question : approvalStatus[status];
      if (outcome.textContent === sentence) return;
      outcome.textContent = sentence;
      outcome.hidden = isOpen;
      comment.textContent = current.payload.comment ?? "";
      comment.hidden = current.payload.comment === undefined;
      // The buttons that were in sight are gone: the focus moves to what became of the approval.
      if (inSight && !isOpen) outcome.focus();
    },
  };
}

function expiry(until: string, now: number): HTMLElement {
  const time = element("time", { datetime: until }, momentOf(until, now));
  const left = element("span", { "data-until": until }, timeLeft(Date.parse(until) - now));
  return element("p", { class: "expires", role: "timer" }, ...filled(words.expires, { time, left }));
}

function factsOf({ payload, timestamp, user_id }: ApprovalMessage, now: number): HTMLElement {
  return facts(
    [approvalFacts.project, name(payload.project_name)],
    [approvalFacts.build, name(payload.build_id)],
    [approvalFacts.asked, momentOf(timestamp, now)],
    ...(payload.requested_by === undefined ? [] : [[approvalFacts.askedBy, name(payload.requested_by)] as const]),
    [approvalFacts.user, name(user_id)],
    [approvalFacts.takes, name(String(payload.estimated_duration))],
    ...(payload.numbers ? [[approvalFacts.risk, approvalFacts.highRisk] as const] : []),
  );
}

function affectedFiles(files: readonly string[]): HTMLElement[] {
  return [
    element("h2", {}, fill(approvalContent.files, { count: files.length })),
    files.length === 0
      ? element("p", { class: "quiet" }, approvalContent.noFiles)
      : element("ul", { class: "card files" }, ...files.map((file) => element("li", {}, name(file)))),
  ];
}

/** The two answers. Approve is locked until all of the `ends` were in view, and a number is chosen where there are some. */
function decisionPart(payload: ApprovalMessage["payload"], decide: Decide, ends: readonly HTMLElement[]): HTMLElement {
  const problem = element("p", { class: "problem", role: "alert" });
  const question = fill(words.approveQuestion, { build: payload.build_id, project: payload.project_name });
  const approve = holdButton(question, () => void send("approve"));
  const rejection = rejectionPart(approve, () => void send("reject"));
  const numbers = payload.numbers && numberChoice(payload.numbers, () => lock.show());
  const lock = lockOf(approve, ends, () => numbers !== undefined && numbers.chosen() === undefined);
  // Of the payload that the page shows, never of what the server sends later.
  const content_sha256 = contentSha256(payload);
  let busy = false;
  const send = async (decision: Choice["decision"]): Promise<void> => {
    if (busy) return;
    busy = true;
    problem.textContent = "";
    const say = (text: string): void => {
      approve.setBusy(decision === "approve" ? text : words.approve);
      rejection.setBusy(decision === "reject" ? text : undefined);
    };
    say(decision === "approve" ? words.approving : words.rejecting);
    const comment = decision === "reject" ? rejection.comment() : "";
    const number = decision === "approve" ? numbers?.chosen() : undefined;
    const choice = { decision, content_sha256, ...present({ comment: comment === "" ? undefined : comment, number }) };
    const reply = await decide(choice, () => say(retry.retrying));
    busy = false;
    approve.setBusy();
    rejection.setIdle();
    if (reply.kind === "lost") problem.textContent = number === undefined ? words.lost : words.lostNumber;
    else if (reply.kind === "refused") problem.textContent = reply.problem.detail;
    if (reply.kind !== "done") numbers?.clear();
  };
  return element("div", { class: "actions" }, numbers?.node, approve.node, lock.node, problem, rejection.node);
}

/** Keeps the button locked. `node` is the status for a screen reader, once everything was in view. */
function lockOf(approve: HoldButton, ends: readonly HTMLElement[], isNumberMissing: () => boolean) {
  const node = element("p", { class: "sr-only", role: "status" });
  let isRead = false;
  const show = (): void => approve.setLocked(!isRead ? words.readFirst : isNumberMissing() ? words.chooseNumber : undefined);
  show();
  let isFirst = true;
  watchEnds(ends, (allSeen) => {
    isRead = allSeen;
    show();
    // Nothing to report when everything was in view from the start.
    if (allSeen && !isFirst) node.textContent = isNumberMissing() ? words.readNowChoose : words.read;
    isFirst = false;
  });
  return { node, show };
}

function rejectionPart(approve: HoldButton, send: () => void) {
  const reason = element("textarea", { id: "reason", rows: "3", maxlength: "1000", dir: "auto" });
  const confirm = actionButton(words.reject, "decline bad");
  const back = actionButton(words.back);
  const buttons = element("div", { class: "pair" }, confirm, back);
  const panel = element("div", { class: "rejection", hidden: true }, element("label", { for: "reason" }, words.comment), reason, buttons);
  const open = actionButton(words.rejectMore, "decline", { "aria-expanded": "false" });
  onPress(open, () => approve.close());
  linkPanel(open, panel, reason, back);
  onPress(confirm, send);
  return {
    node: element("div", { class: "reject" }, open, panel),
    comment: () => reason.value.trim(),
    /** With a text this part is what is being sent. */
    setBusy(text: string | undefined): void {
      if (text !== undefined) {
        confirm.textContent = text;
        confirm.setAttribute("aria-busy", "true");
      }
      for (const button of [open, confirm, back]) button.setAttribute("aria-disabled", "true");
    },
    setIdle(): void {
      confirm.textContent = words.reject;
      confirm.removeAttribute("aria-busy");
      for (const button of [open, confirm, back]) button.removeAttribute("aria-disabled");
    },
  };
}

import { contentSha256 } from "../../contract/content-sha256.ts";
import { approvalContent, approvalFacts, approvalStatus, approval as words } from "../../words/en/phone/approval.ts";
import { retry } from "../../words/en/phone/inbox.ts";
import { fill } from "../../words/message.ts";
import type { Reply } from "./ask-door.ts";
import { element, filled, name, onPress } from "./element.ts";
import { holdButton } from "./hold-button.ts";
import { type ApprovalMessage, type Settled, statusAt } from "./kept-inbox.ts";
import { endOf, longText, watchEnds } from "./read-to-end.ts";
import { momentOf, settledBy, timeLeft } from "./words.ts";

export interface Choice {
  readonly decision: "approve" | "reject";
  readonly comment?: string;
  /** Of what this page showed. */
  readonly content_sha256: string;
}

export interface ApprovalView {
  readonly node: HTMLElement;
  readonly update: (message: ApprovalMessage, thisPhone: string, connected: boolean, now: number) => void;
}

/**
 * The whole question, and its two answers far apart. It can be approved once its end was in view, and rejected always. `decide` asks the computer, again and again for a while, and tells when it has to;
 * the answer itself comes back by `update`.
 */
export function approvalView(
  message: ApprovalMessage,
  now: number,
  decide: (choice: Choice, retrying: () => void) => Promise<Reply<Settled>>,
): ApprovalView {
  const { payload, timestamp, user_id } = message;
  const heading = element("h1", { tabindex: "-1", id: "heading" }, words.question);
  const clock = element("span", { "data-until": payload.requires_approval_by }, timeLeft(Date.parse(payload.requires_approval_by) - now));
  const expires = element(
    "p",
    { class: "expires", role: "timer" },
    ...filled(words.expires, {
      time: element("time", { datetime: payload.requires_approval_by }, momentOf(payload.requires_approval_by, now)),
      left: clock,
    }),
  );
  const outcome = element("p", { class: "outcome card", tabindex: "-1", hidden: true });
  const comment = element("p", { class: "message card", dir: "auto", hidden: true });
  const problem = element("p", { class: "problem", role: "alert" });
  const noWay = element("p", { class: "quiet", hidden: true }, words.noConnection);

  const approve = holdButton(
    fill(words.approveQuestion, { build: payload.build_id, project: payload.project_name }),
    () => void answer({ decision: "approve" }),
  );
  const plan = longText(payload.plan, "plan");
  const filesEnd = endOf("");
  const readStatus = element("p", { class: "sr-only", role: "status" });
  const reason = element("textarea", { id: "reason", rows: "3", maxlength: "1000", dir: "auto" });
  const rejectNow = element("button", { type: "button", class: "decline bad" }, words.reject);
  const keep = element("button", { type: "button", class: "decline" }, words.back);
  const rejection = element(
    "div",
    { class: "rejection", hidden: true },
    element("label", { for: "reason" }, words.comment),
    reason,
    element("div", { class: "pair" }, rejectNow, keep),
  );
  const reject = element("button", { type: "button", class: "decline", "aria-expanded": "false" }, words.rejectMore);
  const actions = element(
    "div",
    { class: "actions" },
    approve.node,
    readStatus,
    problem,
    element("div", { class: "reject" }, reject, rejection),
  );

  const node = element(
    "section",
    { class: "detail", "aria-labelledby": "heading" },
    heading,
    outcome,
    comment,
    expires,
    element(
      "dl",
      { class: "card facts" },
      ...fact(approvalFacts.project, name(payload.project_name)),
      ...fact(approvalFacts.build, name(payload.build_id)),
      ...fact(approvalFacts.asked, momentOf(timestamp, now)),
      ...(payload.requested_by === undefined ? [] : fact(approvalFacts.askedBy, name(payload.requested_by))),
      ...fact(approvalFacts.user, name(user_id)),
      ...fact(approvalFacts.takes, name(String(payload.estimated_duration))),
    ),
    element("h2", {}, approvalContent.plan),
    ...plan.nodes,
    element("h2", {}, fill(approvalContent.files, { count: payload.affected_files.length })),
    payload.affected_files.length === 0
      ? element("p", { class: "quiet" }, approvalContent.noFiles)
      : element("ul", { class: "card files" }, ...payload.affected_files.map((file) => element("li", {}, name(file)))),
    filesEnd,
    noWay,
    actions,
  );

  approve.setLocked(words.readFirst);
  let looked = false;
  watchEnds([plan.end, filesEnd], (allSeen) => {
    if (allSeen) approve.setLocked();
    // What was in view from the start needs no word.
    if (allSeen && looked) readStatus.textContent = words.read;
    looked = true;
  });

  let busy = false;
  const rest = (): void => {
    approve.setBusy();
    rejectNow.removeAttribute("aria-busy");
    rejectNow.textContent = words.reject;
    for (const button of [reject, rejectNow, keep]) button.removeAttribute("aria-disabled");
  };
  // From the payload that was shown above, never from what the server says of it.
  const content_sha256 = contentSha256(payload);
  const answer = async (given: Omit<Choice, "content_sha256">): Promise<void> => {
    const choice = { ...given, content_sha256 };
    if (busy) return;
    busy = true;
    problem.textContent = "";
    const say = (text: string): void => {
      if (choice.decision === "approve") approve.setBusy(text);
      else {
        approve.setBusy(words.approve);
        rejectNow.textContent = text;
        rejectNow.setAttribute("aria-busy", "true");
      }
      for (const button of [reject, rejectNow, keep]) button.setAttribute("aria-disabled", "true");
    };
    say(choice.decision === "approve" ? words.approving : words.rejecting);
    const reply = await decide(choice, () => say(retry.retrying));
    busy = false;
    rest();
    if (reply.kind === "lost") problem.textContent = words.lost;
    else if (reply.kind === "refused") problem.textContent = reply.problem.detail;
  };
  onPress(reject, () => {
    approve.close();
    rejection.hidden = false;
    reject.hidden = true;
    reason.focus();
  });
  onPress(keep, () => {
    rejection.hidden = true;
    reject.hidden = false;
    reject.focus();
  });
  onPress(rejectNow, () => {
    const text = reason.value.trim();
    void answer({ decision: "reject", ...(text === "" ? {} : { comment: text }) });
  });

  return {
    node,
    update(current, thisPhone, connected, at) {
      const status = statusAt(current, at);
      const isOpen = status === "pending";
      const inSight = !actions.hidden && actions.getBoundingClientRect().top < innerHeight;
      actions.hidden = !isOpen || !connected;
      noWay.hidden = !isOpen || connected;
      expires.hidden = !isOpen;
      const sentence = isOpen ? "" : settledBy({ ...current.payload, status }, thisPhone, at);
      heading.textContent = isOpen ? words.question : approvalStatus[status];
      if (outcome.textContent === sentence) return;
      outcome.textContent = sentence;
      outcome.hidden = isOpen;
      comment.textContent = current.payload.comment ?? "";
      comment.hidden = current.payload.comment === undefined;
      // What was in sight is gone: what became of it is what a person wants to see and hear now.
      if (inSight && !isOpen) outcome.focus();
    },
  };
}

function fact(term: string, value: Node | string): HTMLElement[] {
  return [element("dt", {}, term), element("dd", {}, value)];
}

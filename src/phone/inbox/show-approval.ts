import { approvalContent, approvalFacts, approvalStatus, list, approval as words } from "../../words/phone.ts";
import { fill } from "../fill.ts";
import { type Decide, decisionDock } from "./decision-dock.ts";
import { element, facts, filled, name, note, pageView } from "./element.ts";
import { icon } from "./icon.ts";
import { type ApprovalMessage, findApproval, type InboxState, type Settled, statusAt, waitingAt } from "./inbox-state.ts";
import { numberChoice } from "./number-choice.ts";
import { planView } from "./show-plan.ts";
import { approvalHash } from "./show-row.ts";
import type { View } from "./visit.ts";
import { APPROVAL_SIGNS, momentOf, settledBy, timeLeft } from "./words.ts";

/** All that is asked, and the two answers in the dock. It can be approved once its end was in view, and rejected at any time. */
export function approvalView(message: ApprovalMessage, now: number, decide: Decide): View {
  const { payload } = message;
  const plan = planView(payload.plan, "plan");
  const filesEnd = element("div", { class: "end" });
  const numbers = payload.numbers && numberChoice(payload.numbers);
  const noConnection = note("warn", "off", element("p", {}, words.noConnection));
  const outcome = outcomeView();
  const expires = element("p", { class: "line" }, riskTag(payload), expiry(payload.requires_approval_by, now));
  const bar = element("div", { class: "bar", "data-from": message.timestamp, "data-until": payload.requires_approval_by });
  const dock = decisionDock(payload, decide, { ends: [plan.end, filesEnd], rest: plan.rest, numbers });
  const next = element("a", { class: "button decline" });
  const nextDock = element("div", { class: "dock", hidden: true }, next);
  const { heading, node } = pageView(
    "detail",
    words.question,
    ...outcome.nodes,
    expires,
    element("h2", { class: "subject" }, name(payload.project_name)),
    bar,
    element("h3", {}, approvalContent.plan),
    plan.node,
    ...affectedFiles(payload.affected_files),
    filesEnd,
    factsOf(message, now),
    numbers?.node,
    noConnection,
    dock,
    nextDock,
  );
  const open = [expires, bar, ...(numbers ? [numbers.node] : [])];

  return {
    heading,
    node,
    update(inbox, connection, at) {
      const isConnected = connection.kind === "connected";
      const current = findApproval(inbox, payload.approval_id);
      if (!current) return;
      const status = statusAt(current, at);
      const isOpen = status === "pending";
      const hadFocus = dock.contains(document.activeElement) || document.activeElement === document.body;
      dock.hidden = !isOpen || !isConnected;
      noConnection.hidden = !isOpen || isConnected;
      for (const part of open) part.hidden = !isOpen;
      heading.textContent = isOpen ? words.question : approvalStatus[status];
      showNext(next, inbox, at);
      nextDock.hidden = isOpen;
      const sentence = isOpen ? "" : settledBy({ ...current.payload, status }, inbox.device.device_id, at);
      // The buttons that had the focus are gone: it moves to what became of the approval.
      if (outcome.show(status, sentence, current.payload.comment) && hadFocus && !isOpen) outcome.focus();
    },
  };
}

function riskTag({ numbers }: ApprovalMessage["payload"]): HTMLElement {
  return numbers
    ? element("span", { class: "tag warn" }, icon("alert"), approvalFacts.highRiskTag)
    : element("span", { class: "tag" }, icon("help"), list.approve);
}

/** Who settled it, and when. */
function outcomeView() {
  const sign = element("span", { class: "sign" });
  const sentence = element("p", { class: "outcome", tabindex: "-1" });
  const comment = element("p", { class: "message", dir: "auto", hidden: true });
  const node = element("div", { class: "note", hidden: true }, sign, element("div", {}, sentence, comment));
  return {
    nodes: [node],
    /** Returns whether this is new. */
    show(status: Settled["status"], text: string, reason: string | undefined): boolean {
      if (sentence.textContent === text) return false;
      sentence.textContent = text;
      sign.replaceChildren(icon(APPROVAL_SIGNS[status]));
      node.className = status === "approved" ? "note good" : status === "rejected" ? "note bad" : "note";
      node.hidden = text === "";
      comment.textContent = reason ?? "";
      comment.hidden = reason === undefined;
      return true;
    },
    focus: () => sentence.focus(),
  };
}

/** Where to go on once this is settled. */
function showNext(link: HTMLAnchorElement, inbox: InboxState, now: number): void {
  const [first, ...more] = waitingAt(inbox, now);
  link.setAttribute("href", first ? approvalHash(first.payload.approval_id) : "#");
  const text = first ? fill(words.next, { count: more.length + 1 }) : words.backToInbox;
  if (link.textContent !== text) link.textContent = text;
}

function expiry(until: string, now: number): HTMLElement {
  const time = element("time", { datetime: until }, momentOf(until, now));
  const left = element("span", { class: "when", "data-until": until }, timeLeft(Date.parse(until) - now));
  return element("span", { class: "small expires", role: "timer" }, ...filled(words.expires, { time, left }));
}

/** What programs fill in where they know nothing. */
const NO_INFORMATION = /^\W*(?:unknown|none|n\/?a|not (?:said|known|given))?\W*$/i;
/** The command line's own, where it was given none. */
const GENERATED_BUILD = /^terminal-\d{4}-\d\d-\d\dT/;

function factsOf({ payload, timestamp, user_id }: ApprovalMessage, now: number): HTMLElement {
  const { build_id, requested_by, estimated_duration } = payload;
  const takes = String(estimated_duration);
  return facts(
    ...(requested_by === undefined ? [] : [[approvalFacts.askedBy, name(requested_by)] as const]),
    [approvalFacts.asked, momentOf(timestamp, now)],
    ...(GENERATED_BUILD.test(build_id) ? [] : [[approvalFacts.build, name(build_id)] as const]),
    ...(NO_INFORMATION.test(takes) ? [] : [[approvalFacts.takes, name(takes)] as const]),
    [approvalFacts.user, name(user_id)],
    ...(payload.numbers ? [[approvalFacts.risk, approvalFacts.highRisk] as const] : []),
  );
}

function affectedFiles(files: readonly string[]): HTMLElement[] {
  if (files.length === 0) return [];
  return [
    element("h3", {}, fill(approvalContent.files, { count: files.length })),
    element("ul", { class: "card files" }, ...files.map((file) => element("li", {}, name(file)))),
  ];
}

import { present } from "../../base/present.ts";
import { contentSha256 } from "../../contract/content-sha256.ts";
import { retry, approval as words } from "../../words/phone.ts";
import { fill } from "../fill.ts";
import type { Reply } from "./ask-door.ts";
import { actionButton, element, onPress, setFlag, showBusy, showIdle } from "./element.ts";
import { holdButton } from "./hold-button.ts";
import type { ApprovalMessage, Settled } from "./inbox-state.ts";
import type { numberChoice } from "./number-choice.ts";
import type { Plan } from "./show-plan.ts";
import { watchEnds } from "./watch-ends.ts";

export interface Choice {
  readonly decision: "approve" | "reject";
  readonly comment?: string;
  /** Of what this page showed. */
  readonly content_sha256: string;
  /** Which was chosen, to approve what has a high risk. */
  readonly number?: string;
}

/** Asks the computer, and calls `retrying` before each further try. The result arrives with the next `update`. */
export type Decide = (choice: Choice, retrying: () => void) => Promise<Reply<Settled>>;

/** What has to be in view before an approval can be approved. */
interface Evidence {
  readonly ends: readonly HTMLElement[];
  readonly rest: Plan["rest"];
  /** For a high risk. */
  readonly numbers: ReturnType<typeof numberChoice> | undefined;
}

type Payload = ApprovalMessage["payload"];

/**
 * The two answers, in reach of the thumb. Approve is locked until all of the evidence was in view, and a number is chosen where there are
 * some; while a part of the plan is not shown, the button in its place shows it.
 */
export function decisionDock(payload: Payload, decide: Decide, { ends, rest, numbers }: Evidence): HTMLElement {
  const problem = element("p", { class: "problem", role: "alert" });
  const unlocked = element("p", { class: "sr-only", role: "status" });
  const showPanel = (isOpen: boolean): void => {
    buttons.hidden = approve.hint.hidden = isOpen;
  };
  const question = fill(words.approveQuestion, { project: payload.project_name });
  const approve = holdButton(question, () => void send("approve"), showPanel);
  const rejection = rejectionPanel(() => void send("reject"), showPanel);
  const showRest = actionButton(rest?.label ?? "", "accept", { "aria-describedby": "hold-hint", hidden: rest === undefined });
  const buttons = element("div", { class: "two" }, rejection.open, showRest, approve.button);
  const node = element("div", { class: "dock" }, problem, approve.panel, rejection.panel, buttons, approve.hint, unlocked);

  let isRead = false;
  const showLock = (): void => {
    approve.button.hidden = !showRest.hidden;
    const isNumberMissing = numbers !== undefined && numbers.chosen() === undefined;
    if (rest && !showRest.hidden) approve.setLocked(fill(words.showFirst, { hidden: rest.hint }));
    else approve.setLocked(!isRead ? words.readFirst : isNumberMissing ? words.chooseNumber : undefined);
    if (isRead) unlocked.textContent = isNumberMissing ? words.readNowChoose : words.read;
  };
  const watch = (): void =>
    watchEnds(ends, node, (allSeen) => {
      isRead = allSeen;
      showLock();
    });
  numbers?.node.addEventListener("change", showLock);
  onPress(showRest, () => {
    showRest.hidden = true;
    rest?.show();
    showLock();
    watch();
  });
  showLock();
  // The end of what is shown so far is not the end of the plan.
  if (!rest) watch();

  // Of the payload that the page shows, never of what the server sends later.
  const content_sha256 = contentSha256(payload);
  let busy = false;
  const send = async (decision: Choice["decision"]): Promise<void> => {
    if (busy) return;
    busy = true;
    problem.textContent = "";
    const say = decision === "approve" ? approve.setBusy : rejection.setBusy;
    say(decision === "approve" ? words.approving : words.rejecting);
    const comment = decision === "reject" ? rejection.comment() : "";
    const number = decision === "approve" ? numbers?.chosen() : undefined;
    const choice = { decision, content_sha256, ...present({ comment: comment === "" ? undefined : comment, number }) };
    const reply = await decide(choice, () => say(retry.retrying));
    busy = false;
    say();
    if (reply.kind === "lost") problem.textContent = number === undefined ? words.lost : words.lostNumber;
    else if (reply.kind === "refused") problem.textContent = reply.problem.detail;
    if (reply.kind !== "done") numbers?.clear();
    showLock();
  };
  return node;
}

/** Reject is confirmed with a comment, which may be left out. */
function rejectionPanel(send: () => void, showPanel: (isOpen: boolean) => void) {
  const reason = element("textarea", { id: "reason", rows: "2", maxlength: "1000", dir: "auto" });
  const confirm = actionButton(words.reject, "decline bad");
  const back = actionButton(words.back);
  const label = element("label", { for: "reason" }, words.comment);
  const buttons = element("div", { class: "two" }, back, confirm);
  const panel = element("div", { class: "panel", role: "group", "aria-label": words.reject, hidden: true }, label, reason, buttons);
  const open = actionButton(words.rejectMore, "decline bad");
  const show = (isOpen: boolean): void => {
    panel.hidden = !isOpen;
    showPanel(isOpen);
  };
  onPress(open, () => {
    show(true);
    reason.focus();
  });
  onPress(back, () => {
    show(false);
    open.focus();
  });
  onPress(confirm, send);
  return {
    panel,
    open,
    comment: () => reason.value.trim(),
    /** With a text it says what it is doing; without one it can be pressed. */
    setBusy(text?: string): void {
      if (text === undefined) showIdle(confirm, words.reject);
      else showBusy(confirm, text);
      for (const button of [open, back]) setFlag(button, "aria-disabled", text !== undefined);
    },
  };
}

import type { AnswerOf } from "../../contract/operations.ts";
import { commandStatus, quickCommands, command as words } from "../../words/phone.ts";
import { fill } from "../fill.ts";
import { askDoor, type Reply } from "./ask-door.ts";
import { actionButton, element, name, note, onPress, pageView, textField } from "./element.ts";
import type { InboxState, ResultMessage } from "./inbox-state.ts";
import { serverNow } from "./server-clock.ts";
import { microphoneView } from "./show-microphone.ts";
import type { View } from "./visit.ts";
import { COMMAND_SIGNS, timeLeft } from "./words.ts";

type Answer = AnswerOf<"voiceCommand">;

/** Commands for Top Dog: what was understood is shown, and nothing happens without a tap. */
export function commandView(deviceId: string): View {
  const field = textField({
    id: "command",
    maxlength: "200",
    autocapitalize: "none",
    enterkeyhint: "send",
    placeholder: words.placeholder,
    "aria-describedby": "command-hint",
  });
  const send = element("button", { type: "submit", class: "accept" }, words.send);
  const form = element("form", { class: "command" }, element("label", { for: "command" }, words.label), field, send);
  const hint = element("p", { class: "quiet below", id: "command-hint" }, words.dictate);
  const exchange = exchangeView(deviceId, field, send);
  const { ask, say } = exchange;
  const microphone = microphoneView(field, hint, ({ text, ...certainty }) => say(text, certainty));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (text !== "") void ask(text);
    else field.focus();
  });
  return {
    ...pageView(
      "commands",
      words.heading,
      form,
      hint,
      ...microphone.nodes,
      exchange.node,
      element("h2", {}, words.quick),
      chips(quickCommands, say),
    ),
    update: ({ items }, _connection, now) => exchange.update(items, now),
    close: microphone.stop,
  };
}

/** Sends commands one at a time, and shows what came of the last one. */
function exchangeView(deviceId: string, field: HTMLInputElement, send: HTMLElement) {
  const node = element("div", { class: "answer", "aria-live": "polite" });
  let acceptedId: string | undefined;
  let confirmBy: number | undefined;
  let busy = false;

  const show = (message: string, ...more: HTMLElement[]): void => {
    node.replaceChildren(element("p", { class: "card padded message", dir: "auto" }, message), ...more);
  };
  const say = (text: string, more?: Parameters<typeof ask>[1]): void => {
    field.value = text;
    void ask(text, more);
  };
  const ask = async (text: string, more: { readonly confidence?: number; readonly confirms?: string } = {}): Promise<void> => {
    if (busy) return;
    busy = true;
    confirmBy = undefined;
    send.setAttribute("aria-disabled", "true");
    show(more.confirms === undefined ? words.asking : words.sending);
    const reply = await askDoor<Answer>("POST", "/phone/voice-command", { body: { command_text: text, device_id: deviceId, ...more } });
    busy = false;
    send.removeAttribute("aria-disabled");
    acceptedId = undefined;
    if (reply.kind === "done") showAnswer(text, reply.answer);
    else show(failureText(reply, more.confirms !== undefined));
  };
  const showAnswer = (text: string, answer: Answer): void => {
    const { command_id: id, status, message, details = {} } = answer;
    if (status === "needs_confirmation") {
      confirmBy = details.approval_id === undefined ? Date.parse(details.confirm_by ?? "") : undefined;
      const parts = confirmation(answer, () => void ask(text, { confirms: id }), cancel);
      node.replaceChildren(...parts);
      parts[0]?.focus();
      return;
    }
    if (status === "accepted") acceptedId = id;
    if (status === "accepted" || status === "done") field.value = "";
    show(message, ...(details.choices?.length ? [chips(details.choices, say)] : []));
  };
  const cancel = (): void => {
    confirmBy = undefined;
    show(words.nothingDone);
    field.focus();
  };
  return {
    node,
    ask,
    say,
    update(items: InboxState["items"], now: number): void {
      if (confirmBy !== undefined && now >= confirmBy) {
        confirmBy = undefined;
        show(words.tooLate);
      }
      const result = resultOf(items, acceptedId);
      if (result === undefined) return;
      acceptedId = undefined;
      const { status, message } = result.payload;
      const text = fill(words.result, { status: commandStatus[status], message });
      const sentence = element("p", { class: "message", dir: "auto" }, text);
      node.replaceChildren(note(status === "done" ? "good" : "bad", COMMAND_SIGNS[status], sentence));
    },
  };
}

function resultOf(items: InboxState["items"], commandId: string | undefined): ResultMessage | undefined {
  return items.find((item): item is ResultMessage => item.type === "command_result" && item.payload.command_id === commandId);
}

/** What was understood, below its heading, and what to tap to have it done. */
function confirmation({ details = {}, message }: Answer, confirm: () => void, cancel: () => void): HTMLElement[] {
  const understood = [
    element("h2", { tabindex: "-1" }, words.understood),
    element("p", { class: "card padded understood" }, name(details.command ?? message)),
  ];
  if (details.approval_id !== undefined) {
    // Nobody approves what was not shown: the approval's own page has all of it, and the two answers.
    const href = `#approval/${encodeURIComponent(details.approval_id)}`;
    return [...understood, element("a", { class: "button accept", href }, words.readThenApprove)];
  }
  const yes = actionButton(words.yes, "accept");
  const no = actionButton(words.no);
  onPress(yes, confirm);
  onPress(no, cancel);
  const left = timeLeft(Date.parse(details.confirm_by ?? "") - serverNow());
  return [
    ...understood,
    element("p", { class: "when", "data-until": details.confirm_by }, left),
    element("div", { class: "confirm-command" }, yes, no),
  ];
}

/** Buttons that each say a command. */
function chips(texts: readonly string[], say: (text: string) => void): HTMLElement {
  const buttons = texts.map((text) => {
    const chip = element("button", { type: "button", class: "chip" }, name(text));
    onPress(chip, () => say(text));
    return chip;
  });
  return element("div", { class: "chips" }, ...buttons);
}

function failureText(reply: Exclude<Reply<unknown>, { kind: "done" }>, tapped: boolean): string {
  if (reply.kind === "refused") return reply.problem.detail;
  return tapped ? words.lostAfterTap : words.lost;
}

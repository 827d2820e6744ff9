import type { AnswerOf } from "../../contract/operations.ts";
import { commandStatus, quickCommands, speech, command as words } from "../../words/en/phone/command.ts";
import { fill } from "../../words/message.ts";
import { askDoor, type Reply } from "./ask-door.ts";
import { element, name, onPress } from "./element.ts";
import type { InboxItem } from "./kept-inbox.ts";
import { listenOnce, speechRecogniser } from "./recognise-speech.ts";
import { serverNow } from "./server-clock.ts";
import { COMMAND_SIGNS, timeLeft } from "./words.ts";

type Answer = AnswerOf<"voiceCommand">;

export interface CommandView {
  readonly node: HTMLElement;
  /** What came of a command may be among these. */
  readonly update: (items: readonly InboxItem[], now: number) => void;
  /** Nobody looks at it any more. */
  readonly close: () => void;
}

/** Commands for Top Dog: what is understood is shown, and whatever acts needs a tap. */
export function commandView(deviceId: string): CommandView {
  const field = element("input", {
    id: "command",
    type: "text",
    maxlength: "200",
    autocomplete: "off",
    autocapitalize: "none",
    enterkeyhint: "send",
    spellcheck: "false",
    placeholder: words.placeholder,
    "aria-describedby": "command-hint",
  });
  const send = element("button", { type: "submit", class: "accept" }, words.send);
  const form = element("form", { class: "command" }, element("label", { for: "command" }, words.label), field, send);
  const hint = element("p", { class: "quiet below", id: "command-hint" }, words.dictate);
  const answer = element("div", { class: "answer", "aria-live": "polite" });
  let answered: Answer | undefined;
  let confirmBy: number | undefined;
  let busy = false;
  let stopListening: () => void = () => undefined;

  const show = (message: string, ...more: HTMLElement[]): void => {
    answer.replaceChildren(element("p", { class: "card message", dir: "auto" }, message), ...more);
  };
  const ask = async (text: string, more: { readonly confidence?: number; readonly confirms?: string } = {}): Promise<void> => {
    if (busy) return;
    busy = true;
    confirmBy = undefined;
    send.setAttribute("aria-disabled", "true");
    show(more.confirms === undefined ? words.asking : words.sending);
    const body = { command_text: text, device_id: deviceId, ...more };
    const reply = await askDoor<Answer>("POST", "/phone/voice-command", { body });
    busy = false;
    send.removeAttribute("aria-disabled");
    answered = undefined;
    if (reply.kind === "done") showAnswer(text, reply.answer);
    else show(failureText(reply, more.confirms !== undefined));
  };
  const say = (text: string): void => {
    field.value = text;
    void ask(text);
  };
  const choices = (texts: readonly string[]): HTMLElement =>
    element(
      "div",
      { class: "chips" },
      ...texts.map((text) => {
        const chip = element("button", { type: "button", class: "chip" }, name(text));
        onPress(chip, () => say(text));
        return chip;
      }),
    );

  const showAnswer = (text: string, { command_id: commandId, ...said }: Answer): void => {
    const { status, message, details = {} } = said;
    if (status === "needs_confirmation" && details.approval_id !== undefined) {
      // Nobody approves what was not shown: the approval's own page has all of it, and the two answers.
      answer.replaceChildren(
        element("h2", { tabindex: "-1" }, words.understood),
        element("p", { class: "card understood" }, name(details.command ?? message)),
        element("a", { class: "accept link", href: `#approval/${encodeURIComponent(details.approval_id)}` }, words.readThenApprove),
      );
      answer.querySelector("h2")?.focus();
      return;
    }
    if (status === "needs_confirmation") {
      const yes = element("button", { type: "button", class: "accept" }, words.yes);
      const no = element("button", { type: "button", class: "decline" }, words.no);
      const until = Date.parse(details.confirm_by ?? "");
      const left = element("p", { class: "when", "data-until": details.confirm_by }, timeLeft(until - serverNow()));
      onPress(yes, () => void ask(text, { confirms: commandId }));
      onPress(no, () => {
        confirmBy = undefined;
        show(words.nothingDone);
        field.focus();
      });
      answer.replaceChildren(
        element("h2", { tabindex: "-1" }, words.understood),
        element("p", { class: "card understood" }, name(details.command ?? message)),
        left,
        element("div", { class: "confirm-command" }, yes, no),
      );
      confirmBy = until;
      answer.querySelector("h2")?.focus();
      return;
    }
    if (status === "accepted") answered = { command_id: commandId, ...said };
    if (status === "accepted" || status === "done") field.value = "";
    show(message, ...(details.choices?.length ? [choices(details.choices)] : []));
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (text !== "") void ask(text);
    else field.focus();
  });

  const node = element(
    "section",
    { class: "commands", "aria-labelledby": "heading" },
    element("h1", { tabindex: "-1", id: "heading" }, words.heading),
    form,
    hint,
    ...microphone(),
    answer,
    element("h2", {}, words.quick),
    choices(quickCommands),
  );

  function microphone(): HTMLElement[] {
    const Recogniser = speechRecogniser();
    if (!Recogniser) return [];
    const button = element("button", { type: "button", class: "decline speak", "aria-pressed": "false" }, speech.speak);
    const privacy = element("p", { class: "quiet below" }, speech.privacy);
    const rest = (): void => {
      button.textContent = speech.speak;
      button.setAttribute("aria-pressed", "false");
    };
    onPress(button, () => {
      if (button.getAttribute("aria-pressed") === "true") {
        stopListening();
        return;
      }
      button.setAttribute("aria-pressed", "true");
      button.textContent = speech.starting;
      stopListening = listenOnce(Recogniser, {
        started: () => (button.textContent = speech.listening),
        heard({ text, confidence }) {
          field.value = text;
          void ask(text, confidence === undefined ? {} : { confidence });
        },
        ended(why) {
          rest();
          if (why === "silence") hint.textContent = speech.silence;
          else if (why === "denied") hint.textContent = fill(speech.denied, { instead: words.dictate });
          else if (why === "heard") hint.textContent = words.dictate;
          else {
            hint.textContent = fill(speech.unavailable, { instead: words.dictate });
            const hadFocus = button === document.activeElement;
            button.remove();
            privacy.remove();
            if (hadFocus) field.focus();
          }
        },
      });
    });
    return [button, privacy];
  }

  return {
    node,
    update(items, at) {
      if (confirmBy !== undefined && at >= confirmBy) {
        confirmBy = undefined;
        show(words.tooLate);
      }
      const result = items.find((item) => item.type === "command_result" && item.payload.command_id === answered?.command_id);
      if (result?.type !== "command_result") return;
      answered = undefined;
      const { status, message } = result.payload;
      show(fill(words.result, { sign: COMMAND_SIGNS[status], status: commandStatus[status], message }));
    },
    close: () => stopListening(),
  };
}

function failureText(reply: Exclude<Reply<unknown>, { kind: "done" }>, tapped: boolean): string {
  if (reply.kind === "refused") return reply.problem.detail;
  return tapped ? words.lostAfterTap : words.lost;
}

import { speech, command as words } from "../../words/en/phone/command.ts";
import { fill } from "../../words/message.ts";
import { actionButton, element, onPress } from "./element.ts";
import { listenOnce, type Speech, speechRecogniser } from "./recognise-speech.ts";

export interface MicrophoneView {
  readonly nodes: readonly HTMLElement[];
  readonly stop: () => void;
}

/** A button that listens to one command, where the browser offers it. `hint` then says why nothing came of it. */
export function microphoneView(field: HTMLElement, hint: HTMLElement, recognised: (speech: Speech) => void): MicrophoneView {
  let stop: () => void = () => undefined;
  const Recogniser = speechRecogniser();
  if (!Recogniser) return { nodes: [], stop };
  const button = actionButton(speech.speak, "decline speak", { "aria-pressed": "false" });
  const privacy = element("p", { class: "quiet below" }, speech.privacy);
  const isListening = (): boolean => button.getAttribute("aria-pressed") === "true";
  const show = (text: string, pressed: boolean): void => {
    button.textContent = text;
    button.setAttribute("aria-pressed", String(pressed));
  };
  const remove = (): void => {
    const hadFocus = button === document.activeElement;
    button.remove();
    privacy.remove();
    if (hadFocus) field.focus();
  };
  onPress(button, () => {
    if (isListening()) {
      stop();
      return;
    }
    show(speech.starting, true);
    stop = listenOnce(Recogniser, {
      started: () => show(speech.listening, true),
      recognised,
      ended(why) {
        show(speech.speak, false);
        if (why === "silence") hint.textContent = speech.silence;
        else if (why === "recognised") hint.textContent = words.dictate;
        else hint.textContent = fill(why === "denied" ? speech.denied : speech.unavailable, { instead: words.dictate });
        if (why === "unsupported") remove();
      },
    });
  });
  return { nodes: [button, privacy], stop: () => stop() };
}

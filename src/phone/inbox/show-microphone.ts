import { speech, command as words } from "../../words/phone.ts";
import { fill } from "../fill.ts";
import { actionButton, element, onPress } from "./element.ts";

/** The part of the Web Speech API that is used; Safari and older Chrome have it under another name. */
interface Recognition extends EventTarget {
  lang: string;
  interimResults: boolean;
  maxAlternatives: number;
  start(): void;
  abort(): void;
}
interface ResultEvent extends Event {
  readonly results: ArrayLike<ArrayLike<{ readonly transcript: string; readonly confidence: number }> & { readonly isFinal: boolean }>;
}

interface Speech {
  /** How sure the recogniser was, 0 to 1. Absent from those that always report 0. */
  readonly confidence?: number;
  readonly text: string;
}

interface Listening {
  /** The microphone is on now. */
  readonly started: () => void;
  readonly recognised: (speech: Speech) => void;
  /** `unsupported`: this browser has the interface, but no service behind it. `denied`: by the person or the system. */
  readonly ended: (why: "recognised" | "silence" | "denied" | "unsupported") => void;
}

/** In an app on the iPhone's Home Screen start() has no effect. */
const START_TIMEOUT_MS = 2000;
/** The grammar is English. */
const LANGUAGE = "en-US";

type Maker = new () => Recognition;

/** Where the browser offers to recognise speech. Whether it can is only known once it has begun. */
function speechRecogniser(): Maker | undefined {
  const { SpeechRecognition, webkitSpeechRecognition } = window as unknown as Readonly<Record<string, Maker | undefined>>;
  return SpeechRecognition ?? webkitSpeechRecognition;
}

/** Listens to one sentence. Returns what stops it. */
function listenOnce(Recogniser: Maker, { started, recognised, ended }: Listening): () => void {
  const recogniser = new Recogniser();
  recogniser.lang = LANGUAGE;
  recogniser.interimResults = false;
  recogniser.maxAlternatives = 1;
  let why: Parameters<Listening["ended"]>[0] | undefined;
  let over = false;
  const end = (reason: Parameters<Listening["ended"]>[0]): void => {
    if (over) return;
    over = true;
    clearTimeout(late);
    recogniser.abort();
    ended(reason);
  };
  const late = setTimeout(() => end("unsupported"), START_TIMEOUT_MS);
  const begun = (): void => {
    clearTimeout(late);
    if (!over) started();
  };
  recogniser.addEventListener("start", begun);
  recogniser.addEventListener("audiostart", begun);
  recogniser.addEventListener("result", (event) => {
    const [first] = Array.from((event as ResultEvent).results);
    const best = first?.[0];
    if (!best || over) return;
    why = "recognised";
    recognised({ text: best.transcript.trim(), ...(best.confidence > 0 ? { confidence: Math.min(1, best.confidence) } : {}) });
  });
  recogniser.addEventListener("error", (event) => {
    const { error } = event as Event & { readonly error: string };
    if (error === "not-allowed" || error === "audio-capture") end("denied");
    else if (error === "service-not-allowed" || error === "language-not-supported") end("unsupported");
  });
  recogniser.addEventListener("end", () => end(why ?? "silence"));
  try {
    recogniser.start();
  } catch {
    end("unsupported");
  }
  return () => end(why ?? "silence");
}

/** A button that listens to one command, where the browser offers it. `hint` then says why nothing came of it. */
export function microphoneView(field: HTMLElement, hint: HTMLElement, recognised: (speech: Speech) => void) {
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

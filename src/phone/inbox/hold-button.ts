import { approval as words } from "../../words/phone.ts";
import { actionButton, element, onPress, setFlag } from "./element.ts";
import { ring } from "./icon.ts";

/** Long enough that nobody holds by accident. The style sheet's ring takes as long. */
const HOLD_MS = 1000;
/** The second tap of a double tap, or a key that is still down, confirms nothing. */
const MIN_CONFIRM_MS = 500;

/**
 * A button that acts when it is held, by a finger or by a key. A person who cannot hold it, with a screen reader or an unsteady hand,
 * presses it and then confirms: two deliberate acts as well.
 */
export function holdButton(question: string, act: () => void, showPanel: (isOpen: boolean) => void) {
  const label = element("span", {}, words.approve);
  const button = actionButton("", "accept hold", { "aria-describedby": "hold-hint" });
  button.append(ring(), label);
  const hint = element("p", { class: "hint", id: "hold-hint" }, words.hold);
  let locked: string | undefined;
  let busy: string | undefined;
  let isHeld = false;
  const show = (): void => {
    label.textContent = busy ?? (isHeld ? words.keepHolding : words.approve);
    hint.textContent = isHeld ? words.holding : (locked ?? words.hold);
    button.classList.toggle("holding", isHeld);
    setFlag(button, "aria-busy", busy !== undefined);
    setFlag(button, "aria-disabled", busy !== undefined || locked !== undefined);
  };
  const { panel, ask } = confirmation(question, showPanel, (isYes) => {
    if (isYes) act();
    else button.focus();
  });
  onHold(button, {
    changed(held) {
      isHeld = held;
      show();
    },
    held() {
      if (document.visibilityState === "visible") act();
    },
    pressed: ask,
  });

  return {
    button,
    hint,
    /** Asks a person who has only pressed the button. */
    panel,
    /** With a text the button says what it is doing; without one it can be held. */
    setBusy(text?: string): void {
      busy = text;
      show();
    },
    /** With a text the button cannot be pressed, and the text says why; without one it can. */
    setLocked(why?: string): void {
      locked = why;
      show();
    },
  };
}

interface HoldActions {
  readonly changed: (isHeld: boolean) => void;
  readonly held: () => void;
  /** Let go before it was held long enough, or pressed by a screen reader. */
  readonly pressed: () => void;
}

/** Only a person's own finger or key counts, never a script's. */
function onHold(button: HTMLElement, { changed, held, pressed }: HoldActions): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let justHeld = false;
  const letGo = (): boolean => {
    if (timer === undefined) return false;
    clearTimeout(timer);
    timer = undefined;
    document.removeEventListener("visibilitychange", letGo);
    changed(false);
    return true;
  };
  const begin = (): void => {
    justHeld = false;
    document.addEventListener("visibilitychange", letGo);
    changed(true);
    timer = setTimeout(() => {
      letGo();
      justHeld = true;
      held();
    }, HOLD_MS);
  };
  const isLocked = (): boolean => button.getAttribute("aria-disabled") === "true";
  button.addEventListener("pointerdown", (event) => {
    if (event.isTrusted && event.button === 0 && event.isPrimary && !isLocked()) begin();
  });
  for (const end of ["pointerup", "pointercancel", "pointerleave", "blur"] as const) button.addEventListener(end, () => void letGo());
  // The menu of a long press would interrupt the hold.
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  const isKey = ({ key, isTrusted }: KeyboardEvent): boolean => isTrusted && (key === " " || key === "Enter");
  button.addEventListener("keydown", (event) => {
    if (!isKey(event)) return;
    // Otherwise Enter would press the button at once, and again and again.
    event.preventDefault();
    if (!event.repeat && timer === undefined && !isLocked()) begin();
  });
  button.addEventListener("keyup", (event) => {
    if (!isKey(event)) return;
    event.preventDefault();
    if (letGo()) pressed();
  });
  onPress(button, () => {
    const isEndOfHold = justHeld;
    justHeld = false;
    if (!isEndOfHold) pressed();
  });
}

function confirmation(question: string, showPanel: (isOpen: boolean) => void, answered: (isYes: boolean) => void) {
  const yes = actionButton(words.yes, "accept");
  const no = actionButton(words.notYet);
  const text = element("p", { tabindex: "-1", class: "asked" }, question);
  const buttons = element("div", { class: "two" }, no, yes);
  const panel = element("div", { class: "panel", role: "group", "aria-label": question, hidden: true }, text, buttons);
  let askedAt = 0;
  const show = (isOpen: boolean): void => {
    panel.hidden = !isOpen;
    showPanel(isOpen);
  };
  const answer = (isYes: boolean): void => {
    show(false);
    answered(isYes);
  };
  onPress(yes, () => {
    if (performance.now() - askedAt >= MIN_CONFIRM_MS) answer(true);
  });
  onPress(no, () => answer(false));
  return {
    panel,
    ask(): void {
      askedAt = performance.now();
      show(true);
      text.focus();
    },
  };
}

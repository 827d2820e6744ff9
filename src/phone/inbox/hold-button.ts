import { approval as words } from "../../words/phone.ts";
import { actionButton, element, onPress } from "./element.ts";

/** Long enough that nobody holds by accident. */
const HOLD_MS = 900;
/** The second tap of a double tap, or a key that is still down, confirms nothing. */
const MIN_CONFIRM_MS = 500;

/**
 * A button that acts when it is held. A person who cannot hold it, with a keyboard, a screen reader or an unsteady hand, presses it and
 * then confirms: two deliberate acts as well.
 */
export function holdButton(question: string, act: () => void) {
  const button = actionButton(words.approve, "accept hold", { "aria-describedby": "hold-hint" });
  const hint = element("p", { class: "quiet hint", id: "hold-hint" }, words.hold);
  const confirm = confirmation(question, (answer) => {
    close();
    if (answer === "yes") act();
    else button.focus();
  });
  let locked = false;
  let busy = false;
  const close = (): void => {
    confirm.node.hidden = true;
    hint.hidden = false;
  };
  const showState = (): void => {
    for (const [attribute, holds] of [
      ["aria-busy", busy],
      ["aria-disabled", busy || locked],
    ] as const) {
      if (holds) button.setAttribute(attribute, "true");
      else button.removeAttribute(attribute);
    }
  };
  const isEndOfHold = onHold(button, () => {
    close();
    if (document.visibilityState === "visible") act();
  });
  onPress(button, () => {
    if (isEndOfHold()) return;
    hint.hidden = true;
    confirm.ask();
  });

  return {
    node: element("div", { class: "approve" }, button, hint, confirm.node),
    /** Takes back a press that was not confirmed. */
    close,
    /** With a text the button says what it is doing; without one it can be held. */
    setBusy(text?: string): void {
      busy = text !== undefined;
      button.textContent = text ?? words.approve;
      if (busy) close();
      showState();
    },
    /** With a text the button cannot be pressed, and the text says why; without one it can. */
    setLocked(why?: string): void {
      locked = why !== undefined;
      hint.textContent = why ?? words.hold;
      showState();
    },
  };
}

export type HoldButton = ReturnType<typeof holdButton>;

/** Calls `held` once the button was held long enough. Returns whether the next click is only the end of that hold. */
function onHold(button: HTMLElement, held: () => void): () => boolean {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let justHeld = false;
  const letGo = (): void => {
    clearTimeout(timer);
    button.classList.remove("holding");
    document.removeEventListener("visibilitychange", letGo);
  };
  button.addEventListener("pointerdown", (event) => {
    if (!event.isTrusted || event.button !== 0 || !event.isPrimary || button.getAttribute("aria-disabled") === "true") return;
    justHeld = false;
    button.classList.add("holding");
    document.addEventListener("visibilitychange", letGo);
    timer = setTimeout(() => {
      letGo();
      justHeld = true;
      held();
    }, HOLD_MS);
  });
  for (const end of ["pointerup", "pointercancel", "pointerleave"] as const) button.addEventListener(end, letGo);
  // The menu of a long press would interrupt the hold.
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  return () => {
    const was = justHeld;
    justHeld = false;
    return was;
  };
}

function confirmation(
  question: string,
  answered: (answer: "yes" | "no") => void,
): { readonly node: HTMLElement; readonly ask: () => void } {
  const yes = actionButton(words.yes, "accept");
  const no = actionButton(words.notYet);
  const text = element("p", { tabindex: "-1", class: "asked" }, question);
  const node = element("div", { class: "confirm card", role: "group", "aria-label": question, hidden: true }, text, no, yes);
  let askedAt = 0;
  onPress(yes, () => {
    if (performance.now() - askedAt >= MIN_CONFIRM_MS) answered("yes");
  });
  onPress(no, () => answered("no"));
  return {
    node,
    ask() {
      node.hidden = false;
      askedAt = performance.now();
      text.focus();
    },
  };
}

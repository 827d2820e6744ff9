import { approval as words } from "../../words/en/phone/approval.ts";
import { element, onPress } from "./element.ts";

/** Milliseconds. Long enough that nobody holds by accident. */
const HOLD = 900;
/** A second tap of a double tap, or a key that is still down, confirms nothing. */
const NOT_BEFORE = 500;

export interface HoldButton {
  readonly node: HTMLElement;
  /** With a text the button says what it is doing; without one it can be held. */
  readonly setBusy: (text?: string) => void;
  /** With a text the button cannot be pressed, and the text says why; without one it can. */
  readonly setLocked: (why?: string) => void;
  /** Takes back a press that was not confirmed. */
  readonly close: () => void;
}

/**
 * A button that acts when it is held. Whoever cannot hold it, with a keyboard, a screen reader or an unsteady hand, presses it and then
 * confirms elsewhere: two deliberate acts as well.
 */
export function holdButton(question: string, act: () => void): HoldButton {
  const button = element("button", { type: "button", class: "accept hold", "aria-describedby": "hold-hint" }, words.approve);
  const hint = element("p", { class: "quiet hint", id: "hold-hint" }, words.hold);
  const yes = element("button", { type: "button", class: "accept" }, words.yes);
  const no = element("button", { type: "button", class: "decline" }, words.notYet);
  const asked = element("p", { tabindex: "-1", class: "asked" }, question);
  const confirm = element("div", { class: "confirm card", role: "group", "aria-label": question, hidden: true }, asked, no, yes);
  const node = element("div", { class: "approve" }, button, hint, confirm);
  let locked = false;
  let busy = false;
  let held: ReturnType<typeof setTimeout> | undefined;
  let justActed = false;
  let askedAt = 0;

  const close = (): void => {
    confirm.hidden = true;
    hint.hidden = false;
  };
  const letGo = (): void => {
    clearTimeout(held);
    held = undefined;
    button.classList.remove("holding");
    document.removeEventListener("visibilitychange", letGo);
  };
  button.addEventListener("pointerdown", (event) => {
    if (!event.isTrusted || event.button !== 0 || !event.isPrimary || button.getAttribute("aria-disabled") === "true") return;
    justActed = false;
    button.classList.add("holding");
    document.addEventListener("visibilitychange", letGo);
    held = setTimeout(() => {
      letGo();
      justActed = true;
      close();
      if (document.visibilityState === "visible") act();
    }, HOLD);
  });
  for (const end of ["pointerup", "pointercancel", "pointerleave"] as const) button.addEventListener(end, letGo);
  // The menu of a long press would take the hold away.
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  onPress(button, () => {
    if (justActed) {
      justActed = false;
      return;
    }
    confirm.hidden = false;
    hint.hidden = true;
    askedAt = performance.now();
    asked.focus();
  });
  onPress(yes, () => {
    if (performance.now() - askedAt < NOT_BEFORE) return;
    close();
    act();
  });
  onPress(no, () => {
    close();
    button.focus();
  });

  const showState = (): void => {
    for (const [attribute, holds] of [
      ["aria-busy", busy],
      ["aria-disabled", busy || locked],
    ] as const) {
      if (holds) button.setAttribute(attribute, "true");
      else button.removeAttribute(attribute);
    }
  };

  return {
    node,
    close,
    setBusy(text) {
      busy = text !== undefined;
      button.textContent = text ?? words.approve;
      if (busy) close();
      showState();
    },
    setLocked(why) {
      locked = why !== undefined;
      hint.textContent = why ?? words.hold;
      showState();
    },
  };
}

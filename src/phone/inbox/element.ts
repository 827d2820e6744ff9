import { piecesOf } from "../../words/pieces.ts";
import { type IconName, icon } from "./icon.ts";

type Child = Node | string | false | undefined;

/** An element of the page. Texts become text nodes and nothing else, so whatever came over the wire stays words. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | boolean | undefined>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== false));
  return made;
}

/** A sentence of the catalogue, with elements where it has `{{gaps}}`. */
export function filled(sentence: string, parts: Readonly<Record<string, Node | string>>): (Node | string)[] {
  return piecesOf(sentence, parts).map((piece) => piece ?? "");
}

/** A name, kept from reordering what stands around it. */
export function name(text: string): HTMLElement {
  return element("bdi", {}, text);
}

/** Only a person's own tap or key counts, never a script's. */
export function onPress(button: HTMLElement, act: (event: MouseEvent) => void): void {
  button.addEventListener("click", (event) => {
    if (event.isTrusted && button.getAttribute("aria-disabled") !== "true") act(event);
  });
}

export interface ListItem {
  readonly key: string;
  /** The item is made anew when this changes. */
  readonly sign: string;
  readonly make: () => HTMLElement;
}

/** Makes a list show these items. What stays the same stays in place, with its focus. */
export function showItems(list: HTMLElement, items: readonly ListItem[]): void {
  const present = new Map([...list.children].map((child) => [(child as HTMLElement).dataset["key"], child as HTMLElement]));
  for (const [index, { key, sign, make }] of items.entries()) {
    const known = present.get(key);
    let item = known;
    if (!item || item.dataset["sign"] !== sign) {
      item = make();
      item.dataset["key"] = key;
      item.dataset["sign"] = sign;
      if (known) {
        const hadFocus = known.contains(document.activeElement);
        known.replaceWith(item);
        if (hadFocus) item.querySelector<HTMLElement>("a, button, [tabindex]")?.focus();
      }
    }
    present.delete(key);
    if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
  }
  for (const gone of present.values()) gone.remove();
}

/** The heading of a whole page or view. It gets the focus when that is opened. */
export function pageHeading(text: string): HTMLElement {
  return element("h1", { tabindex: "-1", id: "heading" }, text);
}

/** A view's heading, which stands in the top bar, and its content. */
export function pageView(className: string, title: string, ...children: readonly Child[]): { heading: HTMLElement; node: HTMLElement } {
  return { heading: pageHeading(title), node: element("section", { class: className, "aria-labelledby": "heading" }, ...children) };
}

export function facts(...rows: readonly (readonly [term: string, value: Node | string])[]): HTMLElement {
  return element("dl", { class: "card facts" }, ...rows.flatMap(([term, value]) => [element("dt", {}, term), element("dd", {}, value)]));
}

/** What needs attention, or became of something: an icon, and what it says. */
export function note(className: string, sign: IconName, ...children: readonly Child[]): HTMLElement {
  return element("div", { class: `note ${className}` }, icon(sign), element("div", {}, ...children));
}

/** For names, codes and commands: what is typed stays as it is. */
export function textField(attributes: Readonly<Record<string, string>>): HTMLInputElement {
  return element("input", { type: "text", autocomplete: "off", spellcheck: "false", ...attributes });
}

export function actionButton(
  text: string,
  className = "decline",
  attributes: Readonly<Record<string, string | boolean>> = {},
): HTMLButtonElement {
  return element("button", { type: "button", class: className, ...attributes }, text);
}

/** A button that shows a sign, with a name for screen readers. */
export function iconButton(sign: IconName, label: string): HTMLButtonElement {
  const button = actionButton("", "round", { "aria-label": label });
  button.append(icon(sign));
  return button;
}

/** The button says what it is doing, and cannot be pressed until {@link showIdle}. */
export function showBusy(button: HTMLElement, text: string): void {
  button.textContent = text;
  setFlag(button, "aria-busy", true);
  setFlag(button, "aria-disabled", true);
}

export function showIdle(button: HTMLElement, text: string): void {
  button.textContent = text;
  setFlag(button, "aria-busy", false);
  setFlag(button, "aria-disabled", false);
}

/** An attribute that is `true` or absent. */
export function setFlag(part: HTMLElement, attribute: `aria-${string}`, holds: boolean): void {
  if (holds) part.setAttribute(attribute, "true");
  else part.removeAttribute(attribute);
}

/** `open` shows the panel in its own place; `close`, within the panel, brings `open` back. */
export function linkPanel(open: HTMLElement, panel: HTMLElement, focus: HTMLElement, close: HTMLElement): void {
  const show = (isOpen: boolean): void => {
    panel.hidden = !isOpen;
    open.hidden = isOpen;
    (isOpen ? focus : open).focus();
  };
  onPress(open, () => show(true));
  onPress(close, () => show(false));
}

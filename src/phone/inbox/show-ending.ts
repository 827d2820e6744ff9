import { element, onPress } from "./element.ts";
import { ENDINGS, type EndingWords } from "./words.ts";

/** The whole page, once this phone is not let in. */
export function endingView(code: string, detail: string): HTMLElement {
  const { heading, meaning, next, offer } = ENDINGS[code] ?? unknown(detail);
  const again = element("button", { type: "button", class: "decline" }, "Try again");
  onPress(again, () => location.reload());
  return element(
    "main",
    { class: "ending", "data-ending": code },
    element("h1", { tabindex: "-1", id: "heading" }, heading),
    element("p", {}, meaning),
    element("p", { class: "next" }, next),
    offer === "pair" && pairHere(),
    offer === "again" && again,
  );
}

function unknown(detail: string): EndingWords {
  return { heading: "Top Dog does not let this phone in", meaning: detail, next: "Look at Top Dog on your computer.", offer: "again" };
}

/** Links in messages open in the browser. An app on the Home Screen is somewhere else, so it takes them by hand. */
function pairHere(): HTMLElement {
  const field = element("input", {
    id: "link",
    type: "url",
    inputmode: "url",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    enterkeyhint: "go",
    "aria-describedby": "link-problem",
  });
  const problem = element("p", { id: "link-problem", class: "problem", role: "alert" });
  const form = element(
    "form",
    { class: "pair-here", novalidate: true },
    element("label", { for: "link" }, "Pairing link"),
    field,
    problem,
    element("button", { class: "accept" }, "Open the link"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const way = pairingWay(field.value);
    field.setAttribute("aria-invalid", String(way === undefined));
    problem.textContent = way === undefined ? "That is no pairing link of this address. Copy the whole link, and paste it here." : "";
    if (way === undefined) field.focus();
    else location.assign(way);
  });
  return form;
}

/** Only to our own pairing page, whatever was pasted. */
function pairingWay(pasted: string): string | undefined {
  const link = /\S+\/pair\?\S+/.exec(pasted)?.[0] ?? "";
  try {
    const { origin, pathname, search } = new URL(link);
    return origin === location.origin && pathname === "/pair" ? pathname + search : undefined;
  } catch {
    return undefined;
  }
}

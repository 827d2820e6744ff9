import { otherResult, resultPages, retry, pairHere as words } from "../../words/en/phone/inbox.ts";
import { element, onPress } from "./element.ts";
import { signIn, startSignedIn } from "./handoff.ts";

/** The whole page, once this phone is not let in. */
export function endingView(code: string, detail: string, wrongCode = ""): HTMLElement {
  const known = Object.hasOwn(resultPages, code) ? resultPages[code as keyof typeof resultPages] : undefined;
  const { heading, meaning, next } = known ?? { ...otherResult, meaning: detail };
  const again = element("button", { type: "button", class: "decline" }, retry.again);
  onPress(again, () => location.reload());
  return element(
    "main",
    { class: "result", "data-result": code },
    element("h1", { tabindex: "-1", id: "heading" }, heading),
    element("p", {}, meaning),
    element("p", { class: "next" }, next),
    PAIR_AGAIN.has(code) ? pairHere(wrongCode) : code !== "unpaired" && again,
  );
}

/** After these only another pairing helps; the others may be over by now. */
const PAIR_AGAIN: ReadonlySet<string> = new Set(["token_missing", "token_revoked", "token_expired", "token_invalid"]);

/** Links in messages open in the browser. An app on the Home Screen is somewhere else, so it takes links, and a hand-off's code, by hand. */
function pairHere(wrongAlready: string): HTMLElement {
  const field = element("input", {
    id: "link",
    type: "text",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    enterkeyhint: "go",
    "aria-describedby": "link-problem",
  });
  const problem = element("p", { id: "link-problem", class: "problem", role: "alert" }, wrongAlready);
  const form = element(
    "form",
    { class: "pair-here", novalidate: true },
    element("label", { for: "link" }, words.label),
    field,
    problem,
    element("button", { class: "accept" }, words.submit),
  );
  const refuse = (text: string): void => {
    field.setAttribute("aria-invalid", String(text !== ""));
    problem.textContent = text;
    if (text !== "") field.focus();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const way = pairingWay(field.value);
    if (way !== undefined) location.assign(way);
    else if (!CODE.test(field.value.trim())) refuse(words.neither);
    else
      void signIn(field.value).then((wrong) => {
        refuse(wrong);
        if (wrong === "") startSignedIn();
      });
  });
  return form;
}

/** Eight letters and digits, however they are grouped. */
const CODE = /^(?:[\s-]*[0-9a-z]){8}$/i;

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

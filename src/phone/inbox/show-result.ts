import { isKeyOf } from "../../base/is-key-of.ts";
import { otherResult, resultPages, retry, pairHere as words } from "../../words/phone.ts";
import { askDoor, isTurnedAway } from "./ask-door.ts";
import { actionButton, element, onPress, pageHeading, textField } from "./element.ts";
import { signIn, startSignedIn } from "./handoff.ts";
import { mark } from "./icon.ts";

/** The whole page, once the computer rejects this phone. */
export function resultView(code: string, detail: string, wrongCode = ""): HTMLElement {
  const known = isKeyOf(resultPages, code) ? resultPages[code] : undefined;
  const { heading, meaning, next } = known ?? { ...otherResult, meaning: detail };
  const again = actionButton(retry.again);
  onPress(again, () => location.reload());
  if (MAY_PASS.has(code)) void reloadWhenLetIn(code);
  return element(
    "main",
    { class: "result", "data-result": code },
    mark(),
    pageHeading(heading),
    element("p", { class: "quiet" }, meaning),
    element("p", { class: "next" }, next),
    PAIR_AGAIN.has(code) ? pairHere(wrongCode) : code !== "unpaired" && again,
  );
}

/** After these only another pairing helps; a retry may help after the others. */
const PAIR_AGAIN: ReadonlySet<string> = new Set(["token_missing", "token_revoked", "token_expired", "token_invalid"]);

/** After these a person at the computer may let the phone in at any moment. */
const MAY_PASS: ReadonlySet<string> = new Set(["device_unconfirmed", "device_suspended"]);
const ASK_AGAIN_MS = 3000;

async function reloadWhenLetIn(code: string): Promise<void> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    if (document.visibilityState === "hidden") continue;
    const reply = await askDoor("GET", "/phone/inbox?since=0&wait=0");
    if (reply.kind === "done" || (reply.kind === "refused" && isTurnedAway(reply) && reply.problem.code !== code)) {
      location.reload();
      return;
    }
  }
}

/** Links in messages open in the browser. In an app on the Home Screen a person pastes the link, or types the code of a hand-off. */
function pairHere(wrongAlready: string): HTMLElement {
  const field = textField({ id: "link", autocapitalize: "none", enterkeyhint: "go", "aria-describedby": "link-problem" });
  const problem = element("p", { id: "link-problem", class: "problem", role: "alert" }, wrongAlready);
  const form = element(
    "form",
    { class: "pair-here", novalidate: true },
    element("label", { for: "link" }, words.label),
    field,
    problem,
    element("button", { class: "accept" }, words.submit),
  );
  const showProblem = (text: string): void => {
    field.setAttribute("aria-invalid", String(text !== ""));
    problem.textContent = text;
    if (text !== "") field.focus();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const address = pairingAddress(field.value);
    if (address !== undefined) location.assign(address);
    else if (!CODE.test(field.value.trim())) showProblem(words.neither);
    else
      void signIn(field.value).then((wrong) => {
        showProblem(wrong);
        if (wrong === "") startSignedIn();
      });
  });
  return form;
}

/** Eight letters and digits, however they are grouped. */
const CODE = /^(?:[\s-]*[0-9a-z]){8}$/i;

/** Only this computer's own pairing page, whatever was pasted. */
function pairingAddress(pasted: string): string | undefined {
  const link = /\S+\/pair\?\S+/.exec(pasted)?.[0] ?? "";
  try {
    const { origin, pathname, search } = new URL(link);
    return origin === location.origin && pathname === "/pair" ? pathname + search : undefined;
  } catch {
    return undefined;
  }
}

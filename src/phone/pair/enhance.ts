/*
 * Makes the pairing page answer in place. The page works without this script, and nothing here happens to the invite before a person
 * taps.
 */
import { pairScript } from "../../words/phone.ts";
import { find } from "../find.ts";
import { acceptanceOf, readAttempt, sendAttempt } from "./accept-invite.ts";
import { answerOnTap } from "./answer-buttons.ts";
import { reportOpened, sendAnswer } from "./ask-door.ts";
import { startCountdown } from "./countdown.ts";
import { say } from "./elements.ts";
import { code, codeField, form, query } from "./invite.ts";
import { offerInbox } from "./offer-inbox.ts";
import { askClaim, readClaim, showClaim } from "./show-claim.ts";
import { PAIR_PATH } from "./show-result.ts";

const attempt = readAttempt();
const claim = readClaim();

hideCode();
offerInbox();
takePastedLink();
if (form) enhanceForm(form);
else if (document.querySelector('[data-result="invite_already_used"]')) void askAgain();

/** The code leaves the address at once, so that no history, screenshot or shared link holds it; a reload still finds it. */
function hideCode(): void {
  const state: unknown = history.state;
  if (query.has(codeField)) {
    history.replaceState((form ?? attempt ?? claim) ? { [codeField]: code } : null, "", PAIR_PATH);
  } else if (document.querySelector("[data-missing]") && state !== null && typeof state === "object") {
    const [saved] = Object.entries(state as Readonly<Record<string, string>>);
    if (saved) location.replace(`${PAIR_PATH}?${new URLSearchParams([saved]).toString()}`);
  }
}

/** This phone used the link, but the answer was lost: the same request changes nothing and returns it. */
async function askAgain(): Promise<void> {
  const reply = claim ? await askClaim(claim) : attempt && (await sendAttempt(attempt));
  if (reply?.kind === "done") location.replace(`${PAIR_PATH}/done?result=paired`);
}

function enhanceForm(form: HTMLFormElement): void {
  for (const field of form.querySelectorAll<HTMLInputElement>("input[type=text]"))
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") field.blur();
    });
  answerOnTap(".accept", pairScript.pairing, "paired", acceptanceOf(form, attempt));
  answerOnTap(".decline", pairScript.declining, "declined", async (retrying) =>
    sendAnswer("/phone/pairing/decline-invite", JSON.stringify({ invite_code: code }), undefined, retrying),
  );
  startCountdown();
  reportOpened();
  if (claim) showClaim(claim);
}

/** Opens a pasted link on this computer's own pairing page, whatever its host. */
function takePastedLink(): void {
  const paste = document.querySelector<HTMLFormElement>("#paste");
  if (!paste) return;
  paste.hidden = false;
  paste.addEventListener("submit", (event) => {
    event.preventDefault();
    const [, search] = /\/pair(\?(?:code|token)=[\w-]+(?:&otp=\d+)?)/.exec(find<HTMLInputElement>("#link").value) ?? [];
    if (search === undefined) say("problem", pairScript.noLink);
    else location.assign(PAIR_PATH + search);
  });
}

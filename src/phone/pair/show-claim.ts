import { pairScript } from "../../words/phone.ts";
import { find } from "../find.ts";
import { readStored, store } from "../storage.ts";
import { minutesAndSeconds } from "../times.ts";
import { askStatus, type Reply, sendOnce } from "./ask-door.ts";
import { say } from "./elements.ts";
import { code } from "./invite.ts";
import { showResult } from "./show-result.ts";

type Claimed = Extract<Reply, { readonly kind: "claimed" }>;

const CLAIM = "topdog_claim";
const TICK_MS = 1000;
const GIVE_UP_MS = 15_000;
/** The server's answers say whole seconds: smaller differences would make the countdown jump. */
const MAX_DRIFT_MS = 2000;

/** The claim that a page with this code showed before it was loaded again. */
export function readClaim(): Claimed | undefined {
  const stored = readStored("sessionStorage", CLAIM);
  if (stored === null) return undefined;
  const { of, at, ...reply } = JSON.parse(stored) as Claimed & { readonly of: string; readonly at: number };
  return of === code ? { ...reply, now: reply.now + Math.max(0, Date.now() - at) } : undefined;
}

/** Asks once what became of the claim. */
export async function askClaim({ claim }: Claimed): Promise<Reply> {
  return sendOnce(`/phone/pairing/claims/${claim.claim_id}`, JSON.stringify({ claim_secret: claim.claim_secret }));
}

/** Shows the digits in the question's place until somebody has typed them at the computer, or that is over. */
export function showClaim(reply: Claimed): void {
  const template = document.getElementById("claim");
  if (!(template instanceof HTMLTemplateElement)) return;
  store("sessionStorage", CLAIM, JSON.stringify({ ...reply, of: code, at: Date.now() }));
  const sheet = find("#sheet");
  const question = [...sheet.childNodes];
  const { title } = document;
  sheet.replaceChildren(template.content.cloneNode(true));
  find(".digits").textContent = reply.claim.digits;
  document.title = template.dataset["title"] ?? title;
  scrollTo(0, 0);
  find("#heading").focus();
  void follow(reply).then(([result, detail]) => {
    store("sessionStorage", CLAIM, undefined);
    if (showResult(result)) return;
    sheet.replaceChildren(...question);
    document.title = title;
    say("problem", detail);
  });
}

/** Resolves once the claim is over: the name of a result page, or another one where the invite can be accepted again, and what to show then. */
async function follow(reply: Claimed): Promise<readonly [result: string, detail: string]> {
  let end = endOf(reply);
  for (;;) {
    const left = Math.max(0, Math.ceil((end - Date.now()) / TICK_MS));
    find("#timer").textContent = pairScript.claimLeft.replace("{{time}}", minutesAndSeconds(left));
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    // The computer is gone, or says nothing: the claim is over there, too.
    if (Date.now() > end + GIVE_UP_MS) return ["", pairScript.lost];
    const answer = await askClaim(reply);
    say("status", answer.kind === "lost" ? pairScript.lostRetrying : "");
    if (answer.kind === "done") return ["paired", ""];
    // The phone slept, or its clock was corrected.
    if (answer.kind === "claimed" && Math.abs(endOf(answer) - end) > MAX_DRIFT_MS) end = endOf(answer);
    if (answer.kind === "refused" && answer.code === "claim_closed") return [await resultNow(), answer.detail];
  }
}

/** By this phone's clock. */
function endOf({ claim, now }: Claimed): number {
  return Date.now() + Date.parse(claim.expires_at) - now;
}

/** The result page of an invite that no phone can accept any more. */
async function resultNow(): Promise<string> {
  const [{ status }] = await askStatus().catch(() => [{ status: undefined }]);
  return status === "accepted" ? "invite_already_used" : `invite_${status ?? "pending"}`;
}

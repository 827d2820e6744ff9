import { pairClaim } from "../../words/phone.ts";
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
/** The server allows many times as many questions from one network. */
const TICKS_PER_QUESTION = 2;

/** The claim that a page with this code showed before it was loaded again. */
export function readClaim(): Claimed | undefined {
  const stored = readStored("sessionStorage", CLAIM);
  if (stored === null) return undefined;
  const { of, ...reply } = JSON.parse(stored) as Claimed & { readonly of: string };
  return of === code ? reply : undefined;
}

/** Asks once what became of the claim. */
export async function askClaim({ claim }: Claimed): Promise<Reply> {
  return sendOnce(`/phone/pairing/claims/${claim.claim_id}`, JSON.stringify({ claim_secret: claim.claim_secret }));
}

/** Shows the digits in the question's place until somebody has typed them at the computer, or that is over. */
export function showClaim(reply: Claimed): void {
  const template = document.getElementById("claim");
  if (!(template instanceof HTMLTemplateElement)) return;
  store("sessionStorage", CLAIM, JSON.stringify({ ...reply, of: code }));
  const sheet = find("#sheet");
  const question = [...sheet.childNodes];
  const title = document.title;
  sheet.replaceChildren(template.content.cloneNode(true));
  find(".digits").textContent = reply.claim.digits;
  document.title = template.dataset["title"] ?? title;
  scrollTo(0, 0);
  find("#heading").focus();
  void follow(reply).then(({ result, detail }) => {
    store("sessionStorage", CLAIM, undefined);
    if (showResult(result)) return;
    sheet.replaceChildren(...question);
    document.title = title;
    say("problem", detail);
  });
}

interface Over {
  /** Of a result page; any other name means that the invite can be accepted again. */
  readonly result: string;
  readonly detail: string;
}

/** Resolves once the claim is over. */
async function follow(reply: Claimed): Promise<Over> {
  const seconds = (Date.parse(reply.claim.expires_at) - reply.now) / TICK_MS;
  const [wall, steady] = [Date.now(), performance.now()];
  for (let ticks = 1; ; ticks++) {
    // The phone may sleep meanwhile: one of the clocks goes on.
    const left = Math.max(0, Math.ceil(seconds - Math.max(Date.now() - wall, performance.now() - steady) / TICK_MS));
    find("#timer").textContent = pairClaim.left.replace("{{time}}", minutesAndSeconds(left));
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    if (ticks % TICKS_PER_QUESTION > 0) continue;
    const answer = await askClaim(reply);
    say("status", answer.kind === "lost" ? pairClaim.offline : "");
    if (answer.kind === "done") return { result: "paired", detail: "" };
    if (answer.kind === "refused" && answer.code === "claim_closed") return { result: await resultNow(), detail: answer.detail };
  }
}

/** The result page of an invite that no phone can accept any more. */
async function resultNow(): Promise<string> {
  const [{ status }] = await askStatus().catch(() => [{ status: undefined }]);
  return status === "accepted" ? "invite_already_used" : `invite_${status ?? "pending"}`;
}

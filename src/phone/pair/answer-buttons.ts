import { pairScript } from "../../words/phone.ts";
import { find } from "../find.ts";
import { askStatus, type Reply } from "./ask-door.ts";
import { onTap, say } from "./elements.ts";
import { showClaim } from "./show-claim.ts";
import { showResult } from "./show-result.ts";

type Result = "paired" | "declined";

let busy = false;

/** An answer is under way. */
export function isAnswering(): boolean {
  return busy;
}

/** A tap on the button sends its answer, unless another one is under way, and shows what came of it. */
export function answerOnTap(selector: string, busyText: string, result: Result, send: (retrying: () => void) => Promise<Reply>): void {
  const button = find<HTMLButtonElement>(selector);
  const all = document.querySelectorAll("[name=action]");
  const answer = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    const idleText = button.textContent;
    say("problem", "");
    say("status", busyText);
    for (const each of all) each.setAttribute("aria-disabled", "true");
    button.setAttribute("aria-busy", "true");
    button.textContent = busyText;
    const reply = await send(() => {
      button.textContent = pairScript.retrying;
      say("status", pairScript.lostRetrying);
    });
    await showReply(reply, result);
    for (const each of all) each.removeAttribute("aria-disabled");
    button.removeAttribute("aria-busy");
    button.textContent = reply.kind === "lost" ? pairScript.tryAgain : idleText;
    say("status", "");
    busy = false;
  };
  onTap(button, () => void answer());
}

async function showReply(reply: Reply, result: Result): Promise<void> {
  if (reply.kind === "lost") say("problem", pairScript.lost);
  else if (reply.kind === "done") showResult(result);
  else if (reply.kind === "claimed") showClaim(reply);
  else if (!showResult(result === "declined" && reply.code === "invite_cancelled" ? result : reply.code)) {
    say("problem", reply.detail);
    const isOtp = reply.code.startsWith("otp_");
    const otp = document.querySelector<HTMLInputElement>("#otp");
    otp?.setAttribute("aria-invalid", String(isOtp));
    if (isOtp) otp?.focus();
    // The last wrong password cancels the invite, and none of its buttons works any more.
    if (reply.code === "otp_invalid") {
      const [{ status }] = await askStatus().catch(() => [{ status: undefined }]);
      if (status === "cancelled") showResult("invite_cancelled");
    }
  }
}

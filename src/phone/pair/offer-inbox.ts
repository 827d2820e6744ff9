import type { AnswerOf } from "../../contract/operations.ts";
import { find } from "../find.ts";
import { isApple } from "../home-screen.ts";
import { askDoor } from "./ask-door.ts";
import { onTap } from "./elements.ts";

/** Shows the link to the inbox where this browser has the token of a paired phone. */
export function offerInbox(): void {
  const inbox = document.getElementById("inbox");
  if (!inbox) return;
  const kind = isApple(navigator) ? "apple" : /Android/.test(navigator.userAgent) ? "android" : "";
  for (const advice of inbox.querySelectorAll<HTMLElement>("[data-on]")) advice.hidden = advice.dataset["on"] !== kind;
  askDoor("/phone/me", { method: "HEAD" })
    .then(async ({ ok }) => {
      inbox.hidden = !ok;
      const { heading } = inbox.dataset;
      if (ok && heading !== undefined) {
        find("#heading").textContent = document.title = heading;
        find("#meaning").hidden = true;
      }
      // On an iPhone only the installed app can ask for permission.
      if (ok && kind !== "apple") await offerNotifications();
      else if (inbox.querySelector("[data-on=apple]")) showNextStep(kind !== "apple");
    })
    .catch(() => undefined);
}

/** The next step is the one that is filled: the inbox, or what comes before it. */
function showNextStep(isInbox: boolean): void {
  const link = find("#inbox a[href='/inbox']");
  link.classList.toggle("accept", isInbox);
  link.classList.toggle("decline", !isInbox);
}

/** Offers to allow notifications. Browsers ask for permission only during a tap; the inbox then subscribes. */
async function offerNotifications(): Promise<void> {
  const state = document.getElementById("notify");
  const allow = document.querySelector<HTMLButtonElement>("#allow");
  if (!state || !allow) return;
  const response = await askDoor("/phone/push");
  if (!response.ok) return;
  const { available, subscribed } = (await response.json()) as AnswerOf<"pushStatus">;
  if (subscribed) return;
  const show = (): void => {
    const canAsk = available && "Notification" in window && "PushManager" in window && "serviceWorker" in navigator;
    const blocked = canAsk && Notification.permission === "denied";
    if (!canAsk) state.textContent = state.dataset["waiting"] ?? "";
    else if (blocked) state.textContent = state.dataset["blocked"] ?? "";
    state.hidden = false;
    allow.hidden = !canAsk || blocked;
    showNextStep(allow.hidden);
  };
  show();
  onTap(allow, () => {
    Notification.requestPermission().then((permission) => {
      if (permission === "granted") location.assign("/inbox#notifications");
      else show();
    }, show);
  });
}

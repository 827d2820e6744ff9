import type { AnswerOf } from "../../contract/operations.ts";
import { homeScreen, notifications } from "../../words/phone.ts";
import { isApple } from "../home-screen.ts";
import { askDoor } from "./ask-door.ts";
import { actionButton, element, onPress, showBusy } from "./element.ts";
import { standsAlone } from "./stands-alone.ts";
import { askStatus, type PushStatus, SUBSCRIPTION, subscribe, subscribeAgain, wentWrong } from "./subscribe.ts";

type TestedPhone = AnswerOf<"testOwnNotification">;

/**
 * Notifications on this phone: what prevents them, on, or off. Only a tap asks for permission; with `switchOnNow` a permission that was
 * given already is used at once.
 */
export function notificationsView(switchOnNow: boolean): HTMLElement[] {
  const card = statusCard();
  const show = async (): Promise<void> => {
    const reply = await askStatus();
    if (reply.kind !== "done") {
      card.say(
        notifications.unknown,
        button(notifications.again, notifications.asking, async () => ""),
      );
      card.problem.textContent = wentWrong(reply);
      return;
    }
    const { available, reason = "" } = reply.answer;
    const inTheWay = obstacle();
    if (!available) card.say(reason);
    else if (inTheWay === notifications.homeScreenFirst)
      card.say(inTheWay, element("a", { class: "button decline", href: "#home-screen" }, homeScreen.add));
    else if (inTheWay !== undefined) card.say(inTheWay);
    else await showStatus(reply.answer);
  };
  const button = (text: string, busyText: string, act: () => Promise<string>): HTMLElement => card.button(text, busyText, act, show);

  let wanted = switchOnNow;
  const showStatus = async ({ subscribed, public_key = "" }: PushStatus): Promise<void> => {
    const isOn = subscribed && (await ownSubscription()) !== undefined;
    if (wanted && Notification.permission === "granted" && !isOn) {
      wanted = false;
      const wrong = await switchOn(public_key).catch(() => notifications.failed);
      await show();
      card.problem.textContent = wrong;
    } else if (isOn) {
      card.say(
        notifications.on,
        button(notifications.test, notifications.testing, async () => sendTest(card.outcome)),
        button(notifications.switchOff, notifications.switchingOff, switchOff),
      );
    } else {
      card.say(
        notifications.off,
        button(notifications.allow, notifications.allowing, async () => switchOn(public_key)),
      );
    }
  };

  void show();
  return [element("h2", {}, notifications.heading), card.node];
}

/** A sentence on the status, buttons that change it, and what came of the last one. */
function statusCard() {
  const status = element("p", { tabindex: "-1", id: "notifications-state" }, notifications.asking);
  const outcome = element("p", { role: "status" });
  const problem = element("p", { class: "problem", role: "alert" });
  const node = element("div", { class: "card padded notifications", "aria-busy": "true" }, status, outcome, problem);
  return {
    node,
    outcome,
    problem,
    say(text: string, ...buttons: HTMLElement[]): void {
      status.textContent = text;
      node.replaceChildren(status, ...buttons, outcome, problem);
      node.setAttribute("aria-busy", "false");
    },
    /** `act` returns what went wrong, if anything did; then `show` reads the status again. */
    button(text: string, busyText: string, act: () => Promise<string>, show: () => Promise<void>): HTMLElement {
      const made = actionButton(text);
      onPress(made, () => {
        showBusy(made, busyText);
        problem.textContent = outcome.textContent = "";
        act()
          .catch(() => notifications.failed)
          .then(async (wrong) => {
            await show();
            problem.textContent = wrong;
            status.focus();
          })
          .catch(() => undefined);
      });
      return made;
    },
  };
}

async function sendTest(outcome: HTMLElement): Promise<string> {
  const reply = await askDoor<TestedPhone>("POST", "/phone/push/test");
  if (reply.kind !== "done") return wentWrong(reply);
  const { state, sentence } = reply.answer.push;
  if (state !== "accepted") return sentence;
  outcome.textContent = sentence;
  return "";
}

/** At each visit. Does nothing if notifications are off. */
export async function renewSubscription(): Promise<void> {
  if (obstacle() !== undefined || Notification.permission !== "granted" || !(await ownSubscription())) return;
  const registration = await navigator.serviceWorker.ready;
  await subscribeAgain(registration.pushManager);
}

/** What prevents notifications in this browser, and what to do. */
function obstacle(): string | undefined {
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) {
    return isApple(navigator) && !standsAlone() ? notifications.homeScreenFirst : notifications.noBrowser;
  }
  if (Notification.permission !== "denied") return undefined;
  if (isApple(navigator)) return notifications.deniedApple;
  return navigator.userAgent.includes("Android") ? notifications.deniedAndroid : notifications.denied;
}

async function ownSubscription(): Promise<PushSubscription | undefined> {
  const registration = await navigator.serviceWorker.getRegistration("/inbox");
  return (await registration?.pushManager.getSubscription()) ?? undefined;
}

async function switchOn(publicKey: string): Promise<string> {
  // Before anything else: some browsers ask the person only during a tap.
  const permission = Notification.permission === "granted" ? "granted" : await Notification.requestPermission();
  // For the other two the page shows the new status.
  if (permission !== "granted") return permission === "default" ? notifications.notAnswered : "";
  const registration = await navigator.serviceWorker.ready;
  return subscribe(registration.pushManager, publicKey);
}

async function switchOff(): Promise<string> {
  const reply = await askDoor("DELETE", SUBSCRIPTION);
  if (reply.kind === "done") await (await ownSubscription())?.unsubscribe();
  return wentWrong(reply);
}

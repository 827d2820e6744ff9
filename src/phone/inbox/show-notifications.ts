import type { AnswerOf } from "../../contract/operations.ts";
import { homeScreen, notifications } from "../../words/en/phone/this-phone.ts";
import { isApple } from "../home-screen.ts";
import { askDoor } from "./ask-door.ts";
import { element, onPress } from "./element.ts";
import { standsAlone } from "./stands-alone.ts";
import { askStatus, type PushStatus, SUBSCRIPTION, subscribe, subscribeAgain, wentWrong } from "./subscribe.ts";

type TestedPhone = AnswerOf<"testOwnNotification">;

/**
 * Notifications on this phone: what stands in their way, on, or off. Permission is asked for by a tap alone; with `switchOnNow` what was
 * allowed already is used at once.
 */
export function notificationsView(switchOnNow: boolean): HTMLElement[] {
  const card = element("div", { class: "card notifications", "aria-busy": "true" });
  const said = element("p", { tabindex: "-1", id: "notifications-state" }, notifications.asking);
  const outcome = element("p", { role: "status" });
  const problem = element("p", { class: "problem", role: "alert" });
  card.append(said, outcome, problem);

  const say = (text: string, ...buttons: HTMLElement[]): void => {
    said.textContent = text;
    card.replaceChildren(said, ...buttons, outcome, problem);
    card.setAttribute("aria-busy", "false");
  };
  const button = (text: string, busyText: string, act: () => Promise<string>): HTMLElement => {
    const made = element("button", { type: "button", class: "decline" }, text);
    onPress(made, () => {
      made.textContent = busyText;
      made.setAttribute("aria-busy", "true");
      made.setAttribute("aria-disabled", "true");
      problem.textContent = outcome.textContent = "";
      act()
        .catch(() => notifications.failed)
        .then(async (wrong) => {
          await show();
          problem.textContent = wrong;
          said.focus();
        })
        .catch(() => undefined);
    });
    return made;
  };

  const show = async (): Promise<void> => {
    const reply = await askStatus();
    if (reply.kind !== "done") {
      say(
        notifications.unknown,
        button(notifications.again, notifications.asking, async () => ""),
      );
      problem.textContent = wentWrong(reply);
      return;
    }
    const { available, reason = "" } = reply.answer;
    const inTheWay = obstacle();
    if (!available) say(reason);
    else if (inTheWay === notifications.homeScreenFirst)
      say(inTheWay, element("a", { class: "decline link", href: "#home-screen" }, homeScreen.add));
    else if (inTheWay !== undefined) say(inTheWay);
    else await showStatus(reply.answer);
  };

  const sendTest = async (): Promise<string> => {
    const reply = await askDoor<TestedPhone>("POST", "/phone/push/test");
    if (reply.kind !== "done") return wentWrong(reply);
    const { state, sentence } = reply.answer.push;
    if (state !== "accepted") return sentence;
    outcome.textContent = sentence;
    return "";
  };

  let wanted = switchOnNow;
  const showStatus = async ({ subscribed, public_key = "" }: PushStatus): Promise<void> => {
    if (wanted && Notification.permission === "granted" && !(subscribed && (await ownSubscription()))) {
      wanted = false;
      const wrong = await switchOn(public_key).catch(() => notifications.failed);
      await show();
      problem.textContent = wrong;
      return;
    }
    if (subscribed && (await ownSubscription())) {
      say(
        notifications.on,
        button(notifications.test, notifications.testing, sendTest),
        button(notifications.switchOff, notifications.switchingOff, switchOff),
      );
    } else {
      say(
        notifications.off,
        button(notifications.allow, notifications.allowing, async () => switchOn(public_key)),
      );
    }
  };

  void show();
  return [element("h2", {}, notifications.heading), card];
}

/** At each visit; nothing where notifications are off. */
export async function renewSubscription(): Promise<void> {
  if (obstacle() !== undefined || Notification.permission !== "granted" || !(await ownSubscription())) return;
  const registration = await navigator.serviceWorker.ready;
  await subscribeAgain(registration.pushManager);
}

/** What keeps this browser from showing notifications, and what to do. */
function obstacle(): string | undefined {
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) {
    return isApple(navigator) && !standsAlone() ? notifications.homeScreenFirst : notifications.noBrowser;
  }
  return Notification.permission === "denied" ? notifications.denied : undefined;
}

async function ownSubscription(): Promise<PushSubscription | undefined> {
  const registration = await navigator.serviceWorker.getRegistration("/inbox");
  return (await registration?.pushManager.getSubscription()) ?? undefined;
}

async function switchOn(publicKey: string): Promise<string> {
  // First of all: some browsers ask the person only in the very moment of a tap.
  const permission = Notification.permission === "granted" ? "granted" : await Notification.requestPermission();
  // The other two are said by what the page shows then.
  if (permission !== "granted") return permission === "default" ? notifications.notAnswered : "";
  const registration = await navigator.serviceWorker.ready;
  return subscribe(registration.pushManager, publicKey);
}

async function switchOff(): Promise<string> {
  const reply = await askDoor("DELETE", SUBSCRIPTION);
  if (reply.kind === "done") await (await ownSubscription())?.unsubscribe();
  return wentWrong(reply);
}

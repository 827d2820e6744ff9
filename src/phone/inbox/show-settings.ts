import { retry } from "../../words/en/phone/inbox.ts";
import { abilities } from "../../words/en/phone/pair-page.ts";
import { androidHomeScreen, homeScreen, thisPhone, unpair as words } from "../../words/en/phone/this-phone.ts";
import { isApple } from "../home-screen.ts";
import { element, name, onPress } from "./element.ts";
import type { Device } from "./kept-inbox.ts";
import { nameView, type Rename } from "./show-name.ts";
import { notificationsView } from "./show-notifications.ts";
import { standsAlone } from "./stands-alone.ts";
import { momentOf } from "./words.ts";

/** Offered by browsers that can install a page as an app. */
export interface InstallOffer extends Event {
  prompt(): Promise<unknown>;
}

export interface SettingsView {
  readonly node: HTMLElement;
}

/** This phone, as the computer knows it, and what it may change of itself. `unpair` answers what went wrong, if anything did. */
export function settingsView(
  device: Device | undefined,
  now: number,
  install: InstallOffer | undefined,
  rename: Rename,
  unpair: (retrying: () => void) => Promise<string>,
  /** Somebody has just allowed notifications, and came here to have them. */
  switchOn: boolean,
): SettingsView {
  const heading = element("h1", { tabindex: "-1", id: "heading" }, thisPhone.heading);
  // Opened before the computer has answered: what may be changed follows with the answer.
  if (!device) {
    return {
      node: element(
        "section",
        { class: "settings", "aria-labelledby": "heading" },
        heading,
        element("p", { class: "card" }, thisPhone.waiting),
      ),
    };
  }
  const called = nameView(device, rename);
  return {
    node: element(
      "section",
      { class: "settings", "aria-labelledby": "heading" },
      heading,
      element(
        "dl",
        { class: "card facts" },
        ...fact(thisPhone.name, called.shown),
        ...fact(thisPhone.user, name(device.user_id)),
        ...fact(thisPhone.paired, momentOf(device.paired_at, now)),
        ...fact(thisPhone.expires, momentOf(device.expires_at, now)),
      ),
      called.form,
      element("h2", {}, thisPhone.abilities),
      element("ul", { class: "card ticks" }, ...abilities.map((ability) => element("li", {}, ability))),
      ...notificationsView(switchOn),
      ...homeScreenPart(install),
      ...unpairing(unpair),
    ),
  };
}

function homeScreenPart(install: InstallOffer | undefined): HTMLElement[] {
  if (standsAlone()) return [];
  if (isApple(navigator))
    return [
      element("h2", {}, homeScreen.heading),
      element("p", { class: "card" }, homeScreen.why, element("a", { class: "decline link", href: "#home-screen" }, homeScreen.add)),
    ];
  if (!install && !navigator.userAgent.includes("Android")) return [];
  const button = element("button", { type: "button", class: "decline" }, thisPhone.install);
  onPress(button, () => void install?.prompt().catch(() => undefined));
  return [element("h2", {}, homeScreen.heading), install ? button : element("p", { class: "card" }, androidHomeScreen)];
}

function unpairing(unpair: (retrying: () => void) => Promise<string>): HTMLElement[] {
  const ask = element("button", { type: "button", class: "decline bad" }, words.open);
  const question = element("p", { tabindex: "-1", id: "unpair-question" }, words.question);
  const keep = element("button", { type: "button", class: "decline" }, words.keep);
  const yes = element("button", { type: "button", class: "decline bad" }, words.confirm);
  const problem = element("p", { class: "problem", role: "alert" });
  const confirm = element(
    "div",
    { class: "confirm card", role: "group", "aria-labelledby": "unpair-question", hidden: true },
    question,
    keep,
    yes,
    problem,
  );
  onPress(ask, () => {
    confirm.hidden = false;
    ask.hidden = true;
    question.focus();
  });
  onPress(keep, () => {
    confirm.hidden = true;
    ask.hidden = false;
    ask.focus();
  });
  const settle = async (): Promise<void> => {
    const busy = (text: string): void => {
      yes.textContent = text;
      yes.setAttribute("aria-busy", "true");
      yes.setAttribute("aria-disabled", "true");
    };
    busy(words.busy);
    problem.textContent = await unpair(() => busy(retry.retrying));
    yes.textContent = words.confirm;
    yes.removeAttribute("aria-busy");
    yes.removeAttribute("aria-disabled");
  };
  onPress(yes, () => void settle());
  return [element("h2", {}, words.heading), ask, confirm];
}

function fact(term: string, value: Node | string): HTMLElement[] {
  return [element("dt", {}, term), element("dd", {}, value)];
}

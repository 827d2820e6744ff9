import { ANDROID_HOME_SCREEN, isApple } from "../home-screen.ts";
import { ABILITIES } from "../pair/words.ts";
import { element, name, onPress } from "./element.ts";
import type { Device } from "./kept-inbox.ts";
import { nameView, type Rename } from "./show-name.ts";
import { notificationsView } from "./show-notifications.ts";
import { standsAlone } from "./stands-alone.ts";
import { HOME_SCREEN, momentOf } from "./words.ts";

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
  const heading = element("h1", { tabindex: "-1", id: "heading" }, "This phone");
  // Opened before the computer has answered: what may be changed follows with the answer.
  if (!device) {
    const wait = "Asking your computer about this phone… If this stays, Top Dog does not answer: check that it runs.";
    return {
      node: element("section", { class: "settings", "aria-labelledby": "heading" }, heading, element("p", { class: "card" }, wait)),
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
        ...fact("Name", called.shown),
        ...fact("User", name(device.user_id)),
        ...fact("Paired", momentOf(device.paired_at, now)),
        ...fact("Pairing ends", momentOf(device.expires_at, now)),
      ),
      called.form,
      element("h2", {}, "It may"),
      element("ul", { class: "card ticks" }, ...ABILITIES.map((ability) => element("li", {}, ability))),
      ...notificationsView(switchOn),
      ...homeScreen(install),
      ...unpairing(unpair),
    ),
  };
}

function homeScreen(install: InstallOffer | undefined): HTMLElement[] {
  if (standsAlone()) return [];
  if (isApple(navigator))
    return [
      element("h2", {}, HOME_SCREEN.heading),
      element("p", { class: "card" }, HOME_SCREEN.why, element("a", { class: "decline link", href: "#home-screen" }, HOME_SCREEN.add)),
    ];
  if (!install && !navigator.userAgent.includes("Android")) return [];
  const button = element("button", { type: "button", class: "decline" }, "Install the app");
  onPress(button, () => void install?.prompt().catch(() => undefined));
  return [element("h2", {}, HOME_SCREEN.heading), install ? button : element("p", { class: "card" }, ANDROID_HOME_SCREEN)];
}

function unpairing(unpair: (retrying: () => void) => Promise<string>): HTMLElement[] {
  const ask = element("button", { type: "button", class: "decline bad" }, "Unpair this phone…");
  const question = element(
    "p",
    { tabindex: "-1", id: "unpair-question" },
    "Unpair this phone? It gets nothing from Top Dog any more and can approve nothing. To undo it, pair it again.",
  );
  const keep = element("button", { type: "button", class: "decline" }, "Keep it paired");
  const yes = element("button", { type: "button", class: "decline bad" }, "Unpair");
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
    busy("Unpairing…");
    problem.textContent = await unpair(() => busy("Trying again…"));
    yes.textContent = "Unpair";
    yes.removeAttribute("aria-busy");
    yes.removeAttribute("aria-disabled");
  };
  onPress(yes, () => void settle());
  return [element("h2", {}, "Unpair"), ask, confirm];
}

function fact(term: string, value: Node | string): HTMLElement[] {
  return [element("dt", {}, term), element("dd", {}, value)];
}

import { homeScreenAdvice } from "../home-screen.ts";
import { ABILITIES } from "../pair/words.ts";
import { element, name, onPress } from "./element.ts";
import type { Device } from "./kept-inbox.ts";
import { nameView, type Rename } from "./show-name.ts";
import { notificationsView } from "./show-notifications.ts";
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
): SettingsView {
  const called = device && nameView(device, rename);
  const known = device
    ? element(
        "dl",
        { class: "card facts" },
        ...fact("Name", called?.shown ?? name(device.device_name)),
        ...fact("User", name(device.user_id)),
        ...fact("Paired", momentOf(device.paired_at, now)),
        ...fact("Pairing ends", momentOf(device.expires_at, now)),
      )
    : element("p", { class: "card" }, "Top Dog has not answered yet, so nothing is known of this phone.");
  return {
    node: element(
      "section",
      { class: "settings", "aria-labelledby": "heading" },
      element("h1", { tabindex: "-1", id: "heading" }, "This phone"),
      known,
      called?.form,
      element("h2", {}, "It may"),
      element("ul", { class: "card ticks" }, ...ABILITIES.map((ability) => element("li", {}, ability))),
      ...notificationsView(),
      ...homeScreen(install),
      ...unpairing(unpair),
    ),
  };
}

function homeScreen(install: InstallOffer | undefined): HTMLElement[] {
  if (matchMedia("(display-mode: standalone)").matches) return [];
  const advice = homeScreenAdvice(navigator);
  if (!install && advice === undefined) return [];
  const button = element("button", { type: "button", class: "decline" }, "Install the app");
  onPress(button, () => void install?.prompt().catch(() => undefined));
  return [element("h2", {}, "On your Home Screen"), install ? button : element("p", { class: "card" }, advice)];
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

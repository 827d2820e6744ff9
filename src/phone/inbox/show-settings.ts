import { abilities, androidHomeScreen, homeScreen, retry, thisPhone, unpair as words } from "../../words/phone.ts";
import { abilitiesOf } from "../abilities.ts";
import { isApple } from "../home-screen.ts";
import { actionButton, element, facts, linkPanel, name, onPress, pageView, showBusy, showIdle } from "./element.ts";
import { type Device, levelOf } from "./inbox-state.ts";
import { type ChooseLanguage, languageView } from "./show-language.ts";
import { nameView, type Rename } from "./show-name.ts";
import { notificationsView } from "./show-notifications.ts";
import { standsAlone } from "./stands-alone.ts";
import type { View } from "./visit.ts";
import { momentOf } from "./words.ts";

/** Offered by browsers that can install a page as an app. */
export interface InstallOffer extends Event {
  prompt(): Promise<unknown>;
}

interface PhoneActions {
  readonly rename: Rename;
  readonly chooseLanguage: ChooseLanguage;
  /** Returns what went wrong, if anything did. */
  readonly unpair: (retrying: () => void) => Promise<string>;
}

/** This phone as the computer knows it, and what it may change of itself. `switchOn`: notifications have just been allowed. */
export function settingsView(
  device: Device | undefined,
  now: number,
  install: InstallOffer | undefined,
  { rename, chooseLanguage, unpair }: PhoneActions,
  switchOn: boolean,
): View {
  // Opened before the computer has answered; the rest follows with the answer.
  if (!device) return pageView("settings", thisPhone.heading, element("p", { class: "quiet" }, thisPhone.waiting));
  const { shown, form } = nameView(device, rename);
  return pageView(
    "settings",
    thisPhone.heading,
    facts(
      [thisPhone.name, shown],
      [thisPhone.user, name(device.user_id)],
      [thisPhone.paired, momentOf(device.paired_at, now)],
      [thisPhone.expires, momentOf(device.expires_at, now)],
    ),
    form,
    element("h2", {}, thisPhone.abilities),
    element("ul", { class: "card ticks" }, ...abilitiesOf(levelOf(device), abilities).map((ability) => element("li", {}, ability))),
    ...notificationsView(switchOn),
    ...languageView(chooseLanguage),
    ...homeScreenPart(install),
    ...unpairing(unpair),
  );
}

function homeScreenPart(install: InstallOffer | undefined): HTMLElement[] {
  if (standsAlone()) return [];
  if (isApple(navigator))
    return [
      element("h2", {}, homeScreen.heading),
      element(
        "p",
        { class: "card padded" },
        homeScreen.why,
        element("a", { class: "button decline", href: "#home-screen" }, homeScreen.add),
      ),
    ];
  if (!install && !navigator.userAgent.includes("Android")) return [];
  const button = actionButton(thisPhone.install);
  onPress(button, () => void install?.prompt().catch(() => undefined));
  return [element("h2", {}, homeScreen.heading), install ? button : element("p", { class: "card padded" }, androidHomeScreen)];
}

function unpairing(unpair: PhoneActions["unpair"]): HTMLElement[] {
  const open = actionButton(words.open, "decline bad");
  const question = element("p", { tabindex: "-1", id: "unpair-question" }, words.question);
  const keep = actionButton(words.keep);
  const yes = actionButton(words.confirm, "decline bad");
  const problem = element("p", { class: "problem", role: "alert" });
  const attributes = { class: "card padded confirm", role: "group", "aria-labelledby": "unpair-question", hidden: true };
  const panel = element("div", attributes, question, keep, yes, problem);
  linkPanel(open, panel, question, keep);
  const confirm = async (): Promise<void> => {
    showBusy(yes, words.busy);
    problem.textContent = await unpair(() => showBusy(yes, retry.retrying));
    showIdle(yes, words.confirm);
  };
  onPress(yes, () => void confirm());
  return [element("h2", {}, words.heading), open, panel];
}

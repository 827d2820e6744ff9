import { announced, command, history, page, thisPhone, connection as words } from "../../words/phone.ts";
import { fill } from "../fill.ts";
import { actionButton, element, iconButton, note, onPress } from "./element.ts";
import { type Connection, isAway } from "./follow-inbox.ts";
import { type IconName, icon, mark } from "./icon.ts";
import { clockWords, connectionWords, momentOf } from "./words.ts";

/** The views that the tab bar opens, by the address of each. */
export const TABS = ["", "#history", "#command", "#settings"] as const;
export type Tab = (typeof TABS)[number];

const TAB_PARTS: Readonly<Record<Tab, readonly [IconName, string]>> = {
  "": ["inbox", page.inbox],
  "#history": ["history", history.heading],
  "#command": ["command", command.heading],
  "#settings": ["phone", thisPhone.heading],
};

export function isTab(hash: string): hash is Tab {
  return (TABS as readonly string[]).includes(hash);
}

export interface FrameState {
  readonly connection: Connection;
  readonly isRefreshing: boolean;
  /** When the computer last answered. */
  readonly lastContactAt: number | undefined;
  /** Milliseconds by which this phone's clock is ahead. */
  readonly aheadBy: number;
  readonly now: number;
  readonly waiting: number;
  readonly mayCommand: boolean;
}

/** What stays around each view: the top bar, what is known of the connection, and the tabs. */
export function frameView(actions: { readonly tryNow: () => void; readonly refresh: () => void }) {
  const back = element("a", { href: "#", class: "back", hidden: true }, icon("back"));
  const title = element("div", { class: "title" });
  const sign = mark();
  const connection = connectionView(actions.tryNow);
  const refresh = iconButton("refresh", page.refresh);
  onPress(refresh, actions.refresh);
  const tabs = tabBar();
  const content = element("main", {}, ...connection.notes);
  return {
    nodes: [element("header", { class: "top" }, back, sign, title, connection.state, refresh), content, tabs.node],
    content,
    /** Shows a view's heading in the top bar. A view without a tab has a link back to the tab it was opened from. */
    open(heading: HTMLElement, tab: Tab, hasTab: boolean): void {
      title.replaceChildren(heading);
      back.hidden = hasTab;
      back.setAttribute("href", tab === "" ? "#" : tab);
      back.setAttribute("aria-label", fill(page.backTo, { view: TAB_PARTS[tab][1] }));
      sign.toggleAttribute("hidden", !hasTab);
      refresh.hidden = tab === "#command" || tab === "#settings" || !hasTab;
      connection.age.hidden = refresh.hidden;
      tabs.node.hidden = !hasTab;
      tabs.show(tab);
      document.body.classList.toggle("sub", !hasTab);
    },
    update(state: FrameState): void {
      connection.update(state);
      refresh.classList.toggle("turning", state.isRefreshing);
      tabs.update(state);
    },
    focusTab: tabs.focus,
    /** The connection in a sentence. */
    words: connection.words,
  };
}

function tabBar() {
  const count = element("b", { hidden: true });
  const links = TABS.map((tab) => {
    const [sign, text] = TAB_PARTS[tab];
    return element("a", { href: tab === "" ? "#" : tab }, icon(sign), element("span", {}, text), tab === "" && count);
  });
  const linkTo = (tab: Tab): HTMLElement | undefined => links[TABS.indexOf(tab)];
  return {
    node: element("nav", { class: "tabbar", "aria-label": page.tabs }, ...links),
    show(current: Tab): void {
      for (const [index, link] of links.entries()) {
        if (TABS[index] === current) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      }
    },
    update({ waiting, mayCommand }: FrameState): void {
      const command = linkTo("#command");
      if (command) command.hidden = !mayCommand;
      count.hidden = waiting === 0;
      if (count.textContent === String(waiting)) return;
      // The number for the eye, a sentence for a screen reader.
      const sentence = element("span", { class: "sr-only" }, fill(announced.waiting, { count: waiting }));
      count.replaceChildren(element("span", { "aria-hidden": "true" }, String(waiting)), sentence);
    },
    focus: (tab: Tab): void => linkTo(tab)?.focus(),
  };
}

/** What is known of the connection, no more. */
function connectionView(tryNow: () => void) {
  const dot = element("span", { class: "dot", "aria-hidden": "true" });
  const short = element("span");
  const sentence = element("p");
  const button = actionButton(words.tryNow, "plain");
  const away = note("warn", "off", sentence, button);
  const clock = element("p");
  const clockNote = note("warn", "clock", clock);
  const age = element("p", { class: "hint age", id: "age" });
  away.id = "away";
  onPress(button, tryNow);
  let spoken = "";
  return {
    state: element("p", { class: "state", id: "connection" }, dot, short),
    notes: [away, clockNote, age],
    age,
    update({ connection, lastContactAt, aheadBy, now, isRefreshing }: FrameState): void {
      spoken = connectionWords(connection, lastContactAt, now);
      dot.className = `dot ${connection.kind}`;
      setText(short, isRefreshing ? words.refreshing : words.short[connection.kind]);
      away.hidden = !isAway(connection);
      if (!away.hidden) setText(sentence, spoken);
      setText(clock, clockWords(aheadBy));
      clockNote.hidden = clock.textContent === "";
      setText(age, lastContactAt === undefined ? "" : fill(words.age, { time: momentOf(lastContactAt, now) }));
    },
    words: () => spoken,
  };
}

/** Leaves an element alone whose text stays the same, so that nothing is read out twice. */
function setText(place: HTMLElement, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}

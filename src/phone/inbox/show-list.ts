import { approvalContent, approvalFacts, history, page, list as words } from "../../words/phone.ts";
import { fill } from "../fill.ts";
import { actionButton, element, filled, iconButton, type ListItem, name, onPress, pageView } from "./element.ts";
import { isAway } from "./follow-inbox.ts";
import { icon, mark } from "./icon.ts";
import { type ApprovalMessage, type InboxItem, isNews, newsAt, waitingAt } from "./inbox-state.ts";
import { listSection } from "./list-section.ts";
import { approvalHash, focusApproval, messageRow } from "./show-row.ts";
import { onSwipe } from "./swipe.ts";
import type { View } from "./visit.ts";
import { momentOf, timeLeft } from "./words.ts";

interface ListActions {
  /** A person has this message in sight: to be watched from now on. */
  readonly watch: (part: Element, messageId: string) => void;
  /** These need no attention any more. They stay in the history. */
  readonly clear: (messageIds: readonly string[]) => void;
}

/** The queue: what waits for an answer, the soonest first, then what is new today. It can be emptied. */
export function listView({ watch, clear }: ListActions): View {
  const clearAll = actionButton(words.clearAll, "plain");
  const waiting = listSection("waiting", words.waiting, "asks");
  const today = listSection("today", words.today, "card rows", clearAll);
  const emptyTitle = element("h2", {}, words.clear);
  const emptyText = element("p", { class: "quiet" }, words.empty);
  const toHistory = element("p", {}, element("a", { class: "button decline", href: "#history" }, history.open));
  const empty = element("div", { class: "empty", hidden: true }, mark(), emptyTitle, emptyText, toHistory);
  const { heading, node } = pageView("list", page.inbox, waiting.node, empty, today.node);
  let shownIds: readonly string[] = [];
  onPress(clearAll, () => {
    clear(shownIds);
    today.heading.focus();
  });

  return {
    heading,
    node,
    update(inbox, connection, now) {
      const seenIds = new Set(inbox.seen);
      const open = waitingAt(inbox, now);
      const news = newsAt(inbox, now).filter((item) => isNews(inbox, item, now));
      shownIds = news.map(({ message_id }) => message_id);
      const isUnknown = isAway(connection);
      const waitingTitle = isUnknown
        ? fill(words.wasWaiting, { time: momentOf(inbox.lastContactAt, now), count: open.length })
        : fill(words.waitingCount, { count: open.length });
      waiting.show(
        open.map((item) => askItem(item, !seenIds.has(item.message_id), now, watch)),
        waitingTitle,
      );
      const row = (item: InboxItem): ListItem =>
        newsItem(item, !seenIds.has(item.message_id), inbox.device.device_id, now, { watch, clear });
      today.show(news.map(row));
      clearAll.hidden = news.length < 2;
      // Of a computer that is away, only what waited when it last answered is known.
      emptyTitle.textContent = isUnknown ? waitingTitle : words.clear;
      empty.hidden = open.length > 0;
      emptyText.hidden = inbox.items.length > 0;
      toHistory.hidden = inbox.items.length === 0 || news.length > 0;
    },
    focus: (approvalId) => focusApproval(node, approvalId),
  };
}

function newsItem(item: InboxItem, isNew: boolean, thisPhone: string, now: number, { watch, clear }: ListActions): ListItem {
  return {
    key: item.message_id,
    sign: JSON.stringify([isNew, item.payload, new Date(now).toDateString()]),
    make: () => {
      const done = iconButton("check", words.done);
      const made = element("li", {}, messageRow(item, isNew, thisPhone, now), done);
      onPress(done, () => {
        const next = made.nextElementSibling ?? made.previousElementSibling;
        const heading = made.closest("section")?.querySelector<HTMLElement>("h2");
        clear([item.message_id]);
        (next?.querySelector<HTMLElement>("button") ?? heading)?.focus();
      });
      onSwipe(made, () => clear([item.message_id]));
      if (isNew) watch(made, item.message_id);
      return made;
    },
  };
}

function askItem(item: ApprovalMessage, isNew: boolean, now: number, watch: ListActions["watch"]): ListItem {
  return {
    key: item.message_id,
    sign: JSON.stringify([isNew, item.payload, new Date(now).toDateString()]),
    make: () => {
      const made = element("li", { class: "card ask" }, ...askCard(item, isNew, now));
      if (isNew) watch(made, item.message_id);
      return made;
    },
  };
}

/** Enough to see what is asked, by whom, and until when. The whole card is the link. */
function askCard({ payload, timestamp }: ApprovalMessage, isNew: boolean, now: number): HTMLElement[] {
  const { approval_id, affected_files, numbers, plan, project_name, requested_by, requires_approval_by } = payload;
  const lines = plan.trim().split("\n");
  const [first = ""] = lines;
  const until = { "data-until": requires_approval_by };
  const at = element("time", { datetime: timestamp }, momentOf(timestamp, now));
  const left = timeLeft(Date.parse(requires_approval_by) - now);
  return [
    element(
      "p",
      { class: "line" },
      numbers
        ? element("span", { class: "tag warn" }, icon("alert"), approvalFacts.highRiskTag)
        : element("span", { class: "tag" }, icon("help"), words.approve),
      isNew && element("span", { class: "new" }, words.new),
      element("span", { class: "when small", ...until }, left),
    ),
    element("h3", {}, element("a", { href: approvalHash(approval_id) }, name(project_name))),
    element("pre", { class: "command excerpt" }, first),
    element(
      "p",
      { class: "facts-line hint" },
      element(
        "span",
        {},
        ...(requested_by === undefined ? filled(words.asked, { time: at }) : filled(words.askedBy, { name: name(requested_by), time: at })),
      ),
      lines.length > 1 && element("span", {}, fill(approvalContent.lines, { count: lines.length })),
      affected_files.length > 0 && element("span", {}, fill(approvalContent.fileCount, { count: affected_files.length })),
    ),
    element("div", { class: "bar", "data-from": timestamp, ...until }),
  ];
}

/** Updates the countdowns of a part of the page. */
export function showTimeLeft(part: HTMLElement, now: number): void {
  for (const place of part.querySelectorAll<HTMLElement>("[data-until]")) {
    const end = Date.parse(place.dataset["until"] ?? "");
    const left = end - now;
    const { from } = place.dataset;
    place.classList.toggle("soon", left <= 60_000);
    if (from !== undefined) {
      const share = Math.max(0, Math.min(1, left / (end - Date.parse(from))));
      place.style.setProperty("--left", String(share));
      continue;
    }
    const text = timeLeft(left);
    if (place.textContent !== text) place.textContent = text;
  }
}

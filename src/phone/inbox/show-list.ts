import { approvalStatus, build, commandStatus, page, priority, list as words } from "../../words/phone.ts";
import { fill } from "../fill.ts";
import { dayAndTime } from "../times.ts";
import { element, filled, type ListItem, name, showItems } from "./element.ts";
import {
  type ApprovalMessage,
  type InboxItem,
  type InboxState,
  type NotificationMessage,
  newsAt,
  type ResultMessage,
  statusAt,
  waitingAt,
} from "./inbox-state.ts";
import { ALERT_SIGN, APPROVAL_SIGNS, BUILD_SIGNS, COMMAND_SIGNS, momentOf, settledBy, timeLeft } from "./words.ts";

/** A message in sight counts as seen after this. */
const SEEN_AFTER_MS = 1000;

/** The queue: what waits for an answer, then today, then older. `seen` is called with the message_id of what a person has had in sight. */
export function listView(seen: (messageId: string) => void) {
  const sections = [section("waiting", words.waiting), section("today", words.today), section("older", words.older)] as const;
  const [waiting, today, older] = sections;
  const empty = element("p", { class: "empty quiet" }, words.empty);
  const clear = element("p", { class: "clear quiet" }, words.clear);
  const node = element("section", { "aria-label": page.inbox }, clear, ...sections.map(({ node: part }) => part), empty);
  const watch = watchSight(seen);

  return {
    node,
    update(inbox: InboxState, now: number): void {
      const thisPhone = inbox.device.device_id;
      const seenIds = new Set(inbox.seen);
      const row = (item: InboxItem): ListItem => {
        const isNew = !seenIds.has(item.message_id);
        const day = new Date(now).toDateString();
        return {
          key: item.message_id,
          sign: JSON.stringify([isNew, item.payload, day, item.type === "approval_request" && statusAt(item, now)]),
          make: () => {
            const made =
              item.type === "approval_request"
                ? approvalRow(item, isNew, thisPhone, now)
                : element("li", {}, item.type === "notification" ? newsCard(item, isNew, now) : resultCard(item, isNew, now));
            if (isNew) watch(made, item.message_id);
            return made;
          },
        };
      };
      const open = waitingAt(inbox, now);
      const news = newsAt(inbox, now);
      const isToday = ({ timestamp }: InboxItem): boolean => new Date(timestamp).toDateString() === new Date(now).toDateString();
      waiting.show(open.map(row), fill(words.waitingCount, { count: open.length }));
      today.show(news.filter(isToday).map(row));
      older.show(news.filter((item) => !isToday(item)).map(row));
      clear.hidden = open.length > 0 || news.length === 0;
      empty.hidden = open.length + news.length > 0;
    },
    /** Focuses the card of an approval. */
    focus(approvalId: string): void {
      node.querySelector<HTMLElement>(`a[href="${CSS.escape(approvalHash(approvalId))}"]`)?.focus();
    },
  };
}

function approvalHash(approvalId: string): string {
  return `#approval/${encodeURIComponent(approvalId)}`;
}

function section(id: string, title: string) {
  const heading = element("h2", { id: `${id}-heading` }, title);
  const list = element("ul", { "aria-labelledby": `${id}-heading`, class: "rows" });
  const node = element("div", { id, hidden: true }, heading, list);
  return {
    node,
    show(items: readonly ListItem[], titleNow = title): void {
      node.hidden = items.length === 0;
      if (heading.textContent !== titleNow) heading.textContent = titleNow;
      showItems(list, items);
    },
  };
}

function approvalRow(item: ApprovalMessage, isNew: boolean, thisPhone: string, now: number): HTMLElement {
  const { payload, timestamp } = item;
  const status = statusAt(item, now);
  const link = element(
    "a",
    { href: approvalHash(payload.approval_id), class: "card" },
    ...top(isNew, APPROVAL_SIGNS[status], status, status === "pending" ? words.approve : approvalStatus[status]),
    element("span", { class: "project" }, name(payload.project_name)),
    element("span", { class: "excerpt" }, payload.plan.trim().split("\n", 1)[0] ?? ""),
    status === "pending"
      ? element("span", { class: "when", "data-until": payload.requires_approval_by }, leftOf(payload.requires_approval_by, now))
      : element("span", { class: "when quiet" }, settledBy({ ...payload, status }, thisPhone, now)),
    status === "pending" && element("span", { class: "quiet" }, ...askedBy(payload.requested_by, time(timestamp, now))),
  );
  return element("li", {}, link);
}

function askedBy(requester: string | undefined, at: HTMLElement): (Node | string)[] {
  return requester === undefined ? filled(words.asked, { time: at }) : filled(words.askedBy, { name: name(requester), time: at });
}

function newsCard({ payload, timestamp }: NotificationMessage, isNew: boolean, now: number): HTMLElement {
  return element(
    "div",
    { class: "card" },
    ...(payload.alert
      ? top(isNew, ALERT_SIGN, "failure", words.alert)
      : top(isNew, BUILD_SIGNS[payload.status], payload.status, build[payload.status])),
    element("p", { class: "project" }, name(payload.project_name)),
    element("p", { class: "message", dir: "auto" }, payload.message),
    element(
      "p",
      { class: "quiet" },
      payload.priority !== "normal" && element("strong", { class: `priority ${payload.priority}` }, priority[payload.priority]),
      payload.action_required && element("strong", { class: "priority" }, words.needsYou),
      time(timestamp, now),
    ),
  );
}

/** The result of a command from this phone. */
function resultCard({ payload, timestamp }: ResultMessage, isNew: boolean, now: number): HTMLElement {
  return element(
    "div",
    { class: "card" },
    ...top(isNew, COMMAND_SIGNS[payload.status], payload.status === "done" ? "success" : "failure", commandStatus[payload.status]),
    element("p", { class: "message", dir: "auto" }, payload.message),
    element("p", { class: "quiet" }, time(timestamp, now)),
  );
}

function top(isNew: boolean, sign: string, status: string, word: string): HTMLElement[] {
  const mark = element("span", { class: `sign ${status}`, "aria-hidden": "true" }, sign);
  return [element("span", { class: "top" }, mark, element("strong", {}, word), isNew && element("span", { class: "new" }, words.new))];
}

function time(timestamp: string, now: number): HTMLElement {
  return element("time", { datetime: timestamp, title: dayAndTime(new Date(timestamp)) }, momentOf(timestamp, now));
}

function leftOf(until: string, now: number): string {
  return timeLeft(Date.parse(until) - now);
}

/** Updates the countdowns of a part of the page. */
export function showTimeLeft(part: HTMLElement, now: number): void {
  for (const place of part.querySelectorAll<HTMLElement>("[data-until]")) {
    const left = Date.parse(place.dataset["until"] ?? "") - now;
    const text = timeLeft(left);
    if (place.textContent !== text) place.textContent = text;
    place.classList.toggle("soon", left <= 60_000);
  }
}

/** Calls `seen` once for each element that was in sight for a while, on a visible page. */
function watchSight(seen: (id: string) => void): (part: Element, id: string) => void {
  const ids = new WeakMap<Element, string>();
  const timers = new WeakMap<Element, ReturnType<typeof setTimeout>>();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        clearTimeout(timers.get(target));
        if (isIntersecting) checkLater(target);
      }
    },
    { threshold: 0.1 },
  );
  const checkLater = (target: Element): void => {
    const timer = setTimeout(() => check(target), SEEN_AFTER_MS);
    timers.set(target, timer);
  };
  const check = (target: Element): void => {
    if (document.visibilityState === "visible") {
      observer.unobserve(target);
      if (target.isConnected) seen(ids.get(target) ?? "");
    } else checkLater(target);
  };
  return (part, id) => {
    ids.set(part, id);
    observer.observe(part);
  };
}

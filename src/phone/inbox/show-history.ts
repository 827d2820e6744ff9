import { history as words } from "../../words/phone.ts";
import { fill } from "../fill.ts";
import { dayOfWeek } from "../times.ts";
import { element, type ListItem, pageView, showItems, textField } from "./element.ts";
import { type InboxItem, type InboxState, newsAt } from "./inbox-state.ts";
import { listSection } from "./list-section.ts";
import { focusApproval, messageRow, textOfRow } from "./show-row.ts";
import type { View } from "./visit.ts";

/** All messages of the last days, by day, with a search. Waiting approvals are in the inbox alone. */
export function historyView(watch: (part: Element, messageId: string) => void): View {
  const field = textField({ id: "search", type: "search", enterkeyhint: "search", autocapitalize: "none", placeholder: words.placeholder });
  const found = element("p", { class: "hint", role: "status" });
  const nothing = element("p", { class: "quiet empty" });
  const days = element("div", { class: "days" });
  const sections = new Map<string, ReturnType<typeof listSection>>();
  const label = element("label", { for: "search", class: "sr-only" }, words.search);
  const form = element("form", { role: "search", class: "search" }, label, field);
  const { heading, node } = pageView("history", words.heading, form, found, days, nothing);
  let latest: readonly [InboxState, number] | undefined;

  const update = (inbox: InboxState, now: number): void => {
    latest = [inbox, now];
    const thisPhone = inbox.device.device_id;
    const seen = new Set(inbox.seen);
    const all = newsAt(inbox, now);
    const typed = field.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const items = all.filter((item) => {
      const text = typed.length === 0 ? "" : textOfRow(item, thisPhone, now);
      return typed.every((word) => text.includes(word));
    });
    const byDay = new Map<string, InboxItem[]>();
    for (const item of items) {
      const day = new Date(item.timestamp).toDateString();
      byDay.set(day, [...(byDay.get(day) ?? []), item]);
    }
    const row = (item: InboxItem): ListItem => ({
      key: item.message_id,
      sign: JSON.stringify([!seen.has(item.message_id), item.payload, new Date(now).toDateString()]),
      make: () => {
        const isNew = !seen.has(item.message_id);
        const made = element("li", {}, messageRow(item, isNew, thisPhone, now));
        if (isNew) watch(made, item.message_id);
        return made;
      },
    });
    const sectionOf = (day: string) => {
      const known = sections.get(day) ?? listSection(`day-${Date.parse(day)}`, "", "card rows");
      sections.set(day, known);
      return known;
    };
    showItems(
      days,
      [...byDay.keys()].map((day) => ({ key: day, sign: "", make: () => sectionOf(day).node })),
    );
    for (const [day, its] of byDay) sectionOf(day).show(its.map(row), dayWords(day, now));
    found.textContent = typed.length === 0 ? "" : fill(words.found, { count: items.length, total: all.length });
    nothing.hidden = items.length > 0;
    nothing.textContent = typed.length === 0 ? words.empty : fill(words.nothing, { typed: field.value });
  };
  const again = (): void => {
    if (latest) update(...latest);
  };
  field.addEventListener("input", again);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    field.blur();
  });
  return {
    heading,
    node,
    update: (inbox, _connection, now) => update(inbox, now),
    focus: (approvalId) => focusApproval(node, approvalId),
  };
}

function dayWords(day: string, now: number): string {
  const yesterday = new Date(now);
  yesterday.setDate(yesterday.getDate() - 1);
  if (day === new Date(now).toDateString()) return words.today;
  return day === yesterday.toDateString() ? words.yesterday : dayOfWeek(new Date(day));
}

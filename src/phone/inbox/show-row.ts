import { approvalStatus, build, commandStatus, priority, list as words } from "../../words/phone.ts";
import { dayAndTime, timeOfDay } from "../times.ts";
import { element, name } from "./element.ts";
import { type IconName, icon } from "./icon.ts";
import { type InboxItem, statusAt } from "./inbox-state.ts";
import { ALERT_SIGN, APPROVAL_SIGNS, BUILD_SIGNS, COMMAND_SIGNS, settledBy } from "./words.ts";

/** What a row of a list says of a message. */
interface RowParts {
  readonly sign: IconName;
  /** Of what came of it, for the colour. */
  readonly status: string;
  readonly word: string;
  readonly project?: string;
  readonly message: string;
  readonly tags?: readonly HTMLElement[];
}

/** A message that needs no answer any more, on a few lines. An approval's row is a link to all of it. */
export function messageRow(item: InboxItem, isNew: boolean, thisPhone: string, now: number): HTMLElement {
  const { sign, status, word, project, message, tags = [] } = partsOf(item, thisPhone, now);
  const children = [
    element("span", { class: `sign ${status}` }, icon(sign)),
    element(
      "span",
      { class: "what" },
      element("span", { class: "top" }, element("strong", {}, word), isNew && element("span", { class: "new" }, words.new)),
      project !== undefined && element("span", { class: "project hint" }, name(project)),
      element("span", { class: "message", dir: "auto" }, message),
      tags.length > 0 && element("span", { class: "tags" }, ...tags),
    ),
    element("time", { datetime: item.timestamp, title: dayAndTime(new Date(item.timestamp)) }, timeOfDay(new Date(item.timestamp))),
  ];
  return item.type === "approval_request"
    ? element("a", { class: "row", href: approvalHash(item.payload.approval_id) }, ...children)
    : element("div", { class: "row" }, ...children);
}

/** What a search looks through. */
export function textOfRow(item: InboxItem, thisPhone: string, now: number): string {
  const { word, project = "", message } = partsOf(item, thisPhone, now);
  const more = item.type === "approval_request" ? [item.payload.plan, ...item.payload.affected_files, item.payload.requested_by ?? ""] : [];
  return [word, project, message, ...more].join("\n").toLocaleLowerCase();
}

function partsOf(item: InboxItem, thisPhone: string, now: number): RowParts {
  if (item.type === "approval_request") {
    const status = statusAt(item, now);
    return {
      sign: APPROVAL_SIGNS[status],
      status,
      word: approvalStatus[status],
      project: item.payload.project_name,
      message: settledBy({ ...item.payload, status }, thisPhone, now),
    };
  }
  if (item.type === "command_result") {
    const { status, message } = item.payload;
    return { sign: COMMAND_SIGNS[status], status: status === "done" ? "success" : "failure", word: commandStatus[status], message };
  }
  const { payload } = item;
  const tags = [
    ...(payload.priority === "normal"
      ? []
      : [element("span", { class: payload.priority === "critical" ? "tag bad" : "tag" }, priority[payload.priority])]),
    ...(payload.action_required ? [element("span", { class: "tag warn" }, words.needsYou)] : []),
  ];
  return {
    sign: payload.alert ? ALERT_SIGN : BUILD_SIGNS[payload.status],
    status: payload.alert ? "failure" : payload.status,
    word: payload.alert ? words.alert : build[payload.status],
    project: payload.project_name,
    message: payload.message,
    tags,
  };
}

export function approvalHash(approvalId: string): string {
  return `#approval/${encodeURIComponent(approvalId)}`;
}

/** Focuses the link to an approval. Returns whether there is one. */
export function focusApproval(part: HTMLElement, approvalId: string): boolean {
  const link = part.querySelector<HTMLElement>(`a[href="${CSS.escape(approvalHash(approvalId))}"]`);
  link?.focus();
  return link !== null;
}

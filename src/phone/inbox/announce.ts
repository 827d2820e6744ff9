import { announced } from "../../words/phone.ts";
import { fill } from "../fill.ts";
import { find } from "../find.ts";
import { findApproval, type InboxState, statusAt, waitingAt } from "./inbox-state.ts";
import { settledBy, timeLeft } from "./words.ts";

/** For a screen reader: when it is idle, or at once. */
export function say(where: "polite" | "urgent", text: string): void {
  find(`#${where}`).textContent = text;
}

/** Says what is waiting, on the first contact; after that, what has just changed. */
export function announce(before: InboxState, after: InboxState, wasLive: boolean, now: number): void {
  const waiting = waitingAt(after, now);
  if (!wasLive) {
    say("polite", waiting.length === 0 ? announced.nothingWaiting : fill(announced.waiting, { count: waiting.length }));
    return;
  }
  const known = new Set(before.items.map(({ message_id }) => message_id));
  const requests = waiting.filter(({ message_id }) => !known.has(message_id));
  const [first] = requests;
  if (first) {
    const left = timeLeft(Date.parse(first.payload.requires_approval_by) - now);
    say(
      "urgent",
      requests.length === 1
        ? fill(announced.approval, { project: first.payload.project_name, left })
        : fill(announced.approvals, { count: requests.length }),
    );
  }
  const count = after.items.filter(({ message_id, type }) => type === "notification" && !known.has(message_id)).length;
  const settled = waitingAt(before, now).flatMap(({ payload: { approval_id, project_name } }) => {
    const found = findApproval(after, approval_id);
    if (!found || statusAt(found, now) === "pending") return [];
    return [fill(announced.settled, { project: project_name, sentence: settledBy(found.payload, after.device.device_id, now) })];
  });
  const sentences = [...settled, ...(count === 0 ? [] : [fill(announced.messages, { count })])].join(" ");
  if (sentences !== "") say("polite", sentences);
}

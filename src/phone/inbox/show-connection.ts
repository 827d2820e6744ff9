import { connection as words } from "../../words/en/phone/inbox.ts";
import { element, onPress } from "./element.ts";
import type { Connection } from "./follow-inbox.ts";
import { clockWords, connectionWords } from "./words.ts";

export interface ConnectionView {
  readonly node: HTMLElement;
  readonly update: (connection: Connection, lastContactAt: number | undefined, aheadBy: number, now: number) => void;
  readonly words: () => string;
}

/** What is known of the connection, no more. */
export function connectionView(tryNow: () => void): ConnectionView {
  const sign = element("span", { class: "dot", "aria-hidden": "true" });
  const text = element("span", { id: "connection" });
  const button = element("button", { type: "button", class: "decline small", hidden: true }, words.tryNow);
  const clock = element("p", { class: "clock", hidden: true });
  onPress(button, tryNow);
  return {
    node: element("div", { class: "connection" }, element("p", {}, sign, text), button, clock),
    update(connection, lastContactAt, aheadBy, now) {
      sign.className = `dot ${connection.kind}`;
      const sentence = connectionWords(connection, lastContactAt, now);
      if (text.textContent !== sentence) text.textContent = sentence;
      button.hidden = connection.kind === "connecting" || connection.kind === "connected";
      clock.textContent = clockWords(aheadBy);
      clock.hidden = clock.textContent === "";
    },
    words: () => text.textContent ?? "",
  };
}

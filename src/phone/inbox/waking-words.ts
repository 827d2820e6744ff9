import { build, notification } from "../../words/en/phone/inbox.ts";
import { fill } from "../../words/message.ts";

export interface WakingWords {
  readonly title: string;
  readonly body: string;
  /** A later notification of the same takes its place. */
  readonly tag: string;
  /** Where in the inbox a tap leads. */
  readonly hash: string;
}

/** What was pushed → what is shown. Something is, whatever came. */
export function wakingWords(text: string | undefined): WakingWords {
  const { kind, id, project, count } = partsOf(text);
  const title = project === "" ? notification.title : project;
  const tag = `${kind} ${id}`;
  if (kind === "approval_pending") return { title, body: notification.approval, tag, hash: `#approval/${encodeURIComponent(id)}` };
  if (kind === "approvals_pending") return { title, body: fill(notification.approvals, { count }), tag: kind, hash: "" };
  if (kind === "test") return { title, body: notification.test, tag, hash: "" };
  const [, body] = Object.entries(build).find(([status]) => kind === `build_${status}`) ?? [];
  return { title, body: body ?? notification.unknown, tag, hash: "" };
}

function partsOf(text = "{}"): { readonly kind: string; readonly id: string; readonly project: string; readonly count: number } {
  let pushed: unknown;
  try {
    pushed = JSON.parse(text);
  } catch {
    // Shown without words of its own.
  }
  const value = (name: string): unknown =>
    typeof pushed === "object" && pushed !== null ? (pushed as Record<string, unknown>)[name] : undefined;
  const word = (name: string): string => {
    const said = value(name);
    return typeof said === "string" ? said : "";
  };
  const count = value("count");
  return { kind: word("kind"), id: word("id"), project: word("project"), count: typeof count === "number" ? count : 0 };
}

import { build, notification } from "../../words/en/phone/inbox.ts";
import { fill } from "../../words/message.ts";

export interface PushNotification {
  readonly title: string;
  readonly body: string;
  /** A later notification with the same tag replaces it. */
  readonly tag: string;
  /** Where in the inbox a tap goes. */
  readonly hash: string;
}

/** The notification to show for a pushed text, which may be anything: browsers expect one for each push. */
export function notificationOf(text: string | undefined): PushNotification {
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
    const given = value(name);
    return typeof given === "string" ? given : "";
  };
  const count = value("count");
  return { kind: word("kind"), id: word("id"), project: word("project"), count: typeof count === "number" ? count : 0 };
}

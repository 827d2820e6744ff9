import { Notification } from "electron";

export interface Notice {
  readonly title: string;
  readonly body: string;
  readonly onClick?: () => void;
}

/** Those on screen: a notification that is collected no longer hears its click. */
const shown = new Set<Notification>();

/** A notification of the system, where it has them. Never a phone number, never a code: it lies open on a locked screen. */
export function notify({ title, body, onClick }: Notice): void {
  if (!Notification.isSupported()) return;
  const notification = new Notification({ title, body });
  shown.add(notification);
  const forget = (): void => void shown.delete(notification);
  notification.on("click", () => {
    forget();
    onClick?.();
  });
  notification.on("close", forget);
  notification.on("failed", forget);
  notification.show();
}

import { Notification } from "electron";

export interface Notice {
  readonly title: string;
  readonly body: string;
  readonly onClick?: () => void;
}

/** The notifications on screen. One that is garbage-collected would get no click event. */
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

import type { ReactNode } from "react";

/** Where a notice is shown: beside the form, above a list, or to screen readers only. */
export type NoticePlace =
  | "claims"
  | "pair"
  | "invites"
  | "devices"
  | "approvals"
  | "sms"
  | "reachability"
  | "settings"
  | "access"
  | "audit"
  | "unseen";

export interface Notice {
  /** Distinguishes two equal sentences, so that the second is announced as well. */
  readonly id: number;
  readonly text: ReactNode;
  /** `check`: the person should check something. */
  readonly tone: "good" | "check";
}

/** One sentence per place about what has just happened. It stays until the next one, or until it is dismissed. */
export function createNotices() {
  const listeners = new Set<() => void>();
  const notices = new Map<NoticePlace, Notice>();
  let count = 0;
  const emit = (): void => {
    for (const listener of listeners) listener();
  };
  return {
    say(place: NoticePlace, text: ReactNode, tone: Notice["tone"] = "good"): void {
      count += 1;
      notices.set(place, { id: count, text, tone });
      emit();
    },
    clear(place: NoticePlace): void {
      if (notices.delete(place)) emit();
    },
    at: (place: NoticePlace) => notices.get(place),
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export type Notices = ReturnType<typeof createNotices>;

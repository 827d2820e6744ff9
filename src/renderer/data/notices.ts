import type { ReactNode } from "react";

/** Where a notice is shown: beside the form, above a list, or to screen readers only. */
export type NoticePlace = "pair" | "invites" | "devices" | "approvals" | "sms" | "reachability" | "settings" | "audit" | "unseen";

export interface Notice {
  /** Distinguishes two equal sentences, so that the second is announced as well. */
  readonly id: number;
  readonly text: ReactNode;
  /** `check`: the person should check something. */
  readonly tone: "good" | "check";
}

export interface Notices {
  readonly say: (place: NoticePlace, text: ReactNode, tone?: Notice["tone"]) => void;
  readonly clear: (place: NoticePlace) => void;
  readonly at: (place: NoticePlace) => Notice | undefined;
  readonly subscribe: (listener: () => void) => () => void;
}

/** One sentence per place about what has just happened. It stays until the next one, or until it is dismissed. */
export function createNotices(): Notices {
  const listeners = new Set<() => void>();
  const notices = new Map<NoticePlace, Notice>();
  let count = 0;
  const emit = (): void => {
    for (const listener of listeners) listener();
  };
  return {
    say(place, text, tone = "good") {
      count += 1;
      notices.set(place, { id: count, text, tone });
      emit();
    },
    clear(place) {
      if (notices.delete(place)) emit();
    },
    at: (place) => notices.get(place),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

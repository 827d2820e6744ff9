import type { ReactNode } from "react";

/** Where a notice is read: beside the form, above a list, or by a screen reader only. */
export type NoticePlace = "pair" | "invites" | "devices" | "approvals" | "sms" | "reachability" | "settings" | "audit" | "unseen";

export interface Notice {
  /** Tells two equal sentences apart, so that the second is announced as well. */
  readonly id: number;
  readonly text: ReactNode;
  /** `check`: something to look into; else all is well. */
  readonly tone: "good" | "check";
}

export interface Notices {
  readonly say: (place: NoticePlace, text: ReactNode, tone?: Notice["tone"]) => void;
  readonly clear: (place: NoticePlace) => void;
  readonly at: (place: NoticePlace) => Notice | undefined;
  readonly subscribe: (listener: () => void) => () => void;
}

/** What has just happened, one sentence for each place; it stays until the next or until it is dismissed. */
export function createNotices(): Notices {
  const listeners = new Set<() => void>();
  const said = new Map<NoticePlace, Notice>();
  let count = 0;
  const emit = (): void => {
    for (const listener of listeners) listener();
  };
  return {
    say(place, text, tone = "good") {
      count += 1;
      said.set(place, { id: count, text, tone });
      emit();
    },
    clear(place) {
      if (said.delete(place)) emit();
    },
    at: (place) => said.get(place),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

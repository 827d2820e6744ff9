import { flushSync } from "react-dom";
import type { PagePlace } from "./places.ts";

export const VIEWS = ["phones", "approvals", "activity", "settings"] as const;
/** A part of the page that is shown alone. */
export type View = (typeof VIEWS)[number];

/** The view that contains this place. */
export function viewOf(place: PagePlace): View {
  if (place === "approvals") return "approvals";
  return place === "sms" || place === "reachability" || place.startsWith("setting:") ? "settings" : "phones";
}

/** Which view is shown. A view that was shown stays rendered, so that typed text is not lost. */
export function createViews() {
  const listeners = new Set<() => void>();
  let current: View = "phones";
  return {
    current: () => current,
    /** It is rendered when this returns: an element has to be visible before it takes the focus. */
    show(view: View): void {
      if (view === current) return;
      current = view;
      flushSync(() => {
        for (const listener of listeners) listener();
      });
    },
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

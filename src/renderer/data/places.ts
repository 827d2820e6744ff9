import type { Route } from "../../contract/pairing-api.ts";

/** The contract's routes, and those that only links within the page open. */
export type PagePlace = Route | "qr" | "sms" | "reachability" | "welcome" | `setting:${string}`;

/** `show` renders the view that contains a place. A menu entry may open the number field before the page has rendered it. */
export function createPlaces(show: (place: PagePlace) => void) {
  const marked = new Map<PagePlace, HTMLElement>();
  const marks = new Map<PagePlace, (element: HTMLElement | null) => void>();
  let wanted: PagePlace | undefined;
  const listeners = new Set<(place: PagePlace) => void>();

  const open = (place: PagePlace): void => {
    show(place);
    for (const listener of listeners) listener(place);
    const element = marked.get(place);
    wanted = element ? undefined : place;
    if (!element) return;
    element.focus();
    element.scrollIntoView({ block: "nearest" });
  };

  return {
    /** At once, or as soon as the place is rendered. */
    open,
    /** The listener is called before a place is opened, so that it can be shown first; also for one that is already wanted. */
    onOpen(listener: (place: PagePlace) => void) {
      listeners.add(listener);
      if (wanted !== undefined) listener(wanted);
      return () => void listeners.delete(listener);
    },
    /** For the element that takes the focus when its place is opened. */
    mark(place: PagePlace) {
      const known = marks.get(place);
      if (known) return known;
      const mark = (element: HTMLElement | null): void => {
        if (element) marked.set(place, element);
        else marked.delete(place);
        if (element && wanted === place) open(place);
      };
      marks.set(place, mark);
      return mark;
    },
  };
}

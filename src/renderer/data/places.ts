import type { Route } from "../../contract/pairing-api.ts";

/** The contract's, and those that only the page itself leads to: the QR code, who sends text messages, how phones get here, the first steps. */
export type PagePlace = Route | "qr" | "sms" | "reachability" | "welcome";

export interface Places {
  /** For the element that takes the focus when its place is opened. */
  readonly mark: (place: PagePlace) => (element: HTMLElement | null) => void;
  /** At once, or as soon as the place is there. */
  readonly open: (place: PagePlace) => void;
  /** Hears each place before it is opened, and one that is waited for already: what hides it can make way. */
  readonly onOpen: (listener: (place: PagePlace) => void) => () => void;
}

/** A menu entry may ask for the number field before the page has loaded what stands around it. */
export function createPlaces(): Places {
  const marked = new Map<PagePlace, HTMLElement>();
  const marks = new Map<PagePlace, (element: HTMLElement | null) => void>();
  let wanted: PagePlace | undefined;

  const openers = new Set<(place: PagePlace) => void>();

  const open = (place: PagePlace): void => {
    for (const listener of openers) listener(place);
    const element = marked.get(place);
    wanted = element ? undefined : place;
    if (!element) return;
    element.focus();
    element.scrollIntoView({ block: "nearest" });
  };

  return {
    open,
    onOpen(listener) {
      openers.add(listener);
      if (wanted !== undefined) listener(wanted);
      return () => void openers.delete(listener);
    },
    mark(place) {
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

import type { Place } from "../../contract/pairing-api.ts";

export interface Places {
  /** For the element that takes the focus when its place is opened. */
  readonly mark: (place: Place) => (element: HTMLElement | null) => void;
  /** At once, or as soon as the place is there. */
  readonly open: (place: Place) => void;
}

/** A menu entry may ask for the number field before the page has loaded what stands around it. */
export function createPlaces(): Places {
  const marked = new Map<Place, HTMLElement>();
  const marks = new Map<Place, (element: HTMLElement | null) => void>();
  let wanted: Place | undefined;

  const open = (place: Place): void => {
    const element = marked.get(place);
    wanted = element ? undefined : place;
    if (!element) return;
    element.focus();
    element.scrollIntoView({ block: "nearest" });
  };

  return {
    open,
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

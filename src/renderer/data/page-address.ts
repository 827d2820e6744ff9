import type { PageState } from "./page-state.ts";
import type { PagePlace } from "./places.ts";
import { VIEWS, type View } from "./views.ts";

/** Places that a link may name. Each is in a view of its own name, or in the one that contains it. */
const LINKED: readonly PagePlace[] = ["pair", "qr", "claims", "devices", "sms", "reachability"];

/** Opens what the address names behind `#`, such as `#settings`, `#pair` or `#device:‹id›`, and writes the shown view into it. */
export function followAddress({ places, views }: PageState): void {
  const named = (): string => decodeURIComponent(window.location.hash.slice(1));
  const viewIn = (name: string): View | undefined => (name === "" ? "phones" : VIEWS.find((view) => view === name));
  const open = (): void => {
    const name = named();
    const view = viewIn(name);
    const place = LINKED.find((known) => known === name) ?? (name.startsWith("device:") ? (name as `device:${string}`) : undefined);
    if (view) views.show(view);
    else if (place) places.open(place);
  };
  open();
  window.addEventListener("hashchange", open);
  views.subscribe(() => {
    if (viewIn(named()) !== views.current()) window.history.pushState(undefined, "", `#${views.current()}`);
  });
}

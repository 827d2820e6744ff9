import { type FocusEvent, type RefObject, useEffect, useEffectEvent, useRef } from "react";
import type { Claim } from "../data/claims.ts";
import { usePageState } from "../data/page-state.ts";
import { phoneNameIn } from "../parts/sentence.tsx";

/** The page's clock may be this late. */
const LATE_MS = 1500;

/** Announces each phone that begins to wait, and each whose time is over. `arrived` is called for the former. */
export function useClaimNews(
  claims: readonly Claim[],
  clockOffset: number,
  field: RefObject<HTMLInputElement | null>,
  arrived: () => void,
): void {
  const { clock, notices } = usePageState();
  const known = useRef<readonly Claim[]>([]);
  const compare = useEffectEvent((now: readonly Claim[]) => {
    const before = known.current;
    known.current = now;
    const has = (list: readonly Claim[], { claim_id }: Claim): boolean => list.some((other) => other.claim_id === claim_id);
    const added = now.filter((claim) => !has(before, claim));
    const gone = before.filter((claim) => !has(now, claim));
    if (added.length > 0) {
      arrived();
      notices.clear("claims");
      if (before.length === 0 && !isTyping()) field.current?.focus();
    }
    for (const { device_name } of added) notices.say("unseen", phoneNameIn("claims.asked", device_name));
    for (const { device_name, expires_at } of gone)
      if (clock.now() + clockOffset + LATE_MS >= Date.parse(expires_at))
        notices.say("claims", phoneNameIn("claims.over", device_name), "check");
  });
  useEffect(() => compare(claims), [claims]);
}

/** Whether the person is busy with another field or a dialog, which must keep the focus. */
function isTyping(): boolean {
  const { activeElement } = document;
  if (!(activeElement instanceof HTMLElement)) return false;
  if (activeElement.isContentEditable || activeElement.matches("select")) return true;
  if (activeElement.closest("[role=dialog], [role=alertdialog], [role=listbox]")) return true;
  return activeElement.matches("input, textarea") && (activeElement as HTMLInputElement).value !== "";
}

/** When the focused part of the card disappears, the focus stays in the card: in its field, or on its heading. */
export function useClaimFocus(field: RefObject<HTMLInputElement | null>) {
  const section = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const had = useRef(false);
  useEffect(() => {
    if (had.current && document.activeElement === document.body) (field.current ?? heading.current)?.focus({ preventScroll: true });
  });
  return {
    heading,
    section: {
      ref: section,
      onFocus() {
        had.current = true;
      },
      /** Not when the element is removed: React calls no handler then. */
      onBlur(_event: FocusEvent) {
        had.current = section.current?.contains(document.activeElement) === true;
      },
    },
  };
}

/** A message in sight counts as seen after this. */
const SEEN_AFTER_MS = 1000;

/** Calls `seen` once for each element that was in sight for a while, on a visible page. */
export function watchSight(seen: (id: string) => void): (part: Element, id: string) => void {
  const ids = new WeakMap<Element, string>();
  const timers = new WeakMap<Element, ReturnType<typeof setTimeout>>();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        clearTimeout(timers.get(target));
        if (isIntersecting) checkLater(target);
      }
    },
    { threshold: 0.1 },
  );
  const checkLater = (target: Element): void => {
    const timer = setTimeout(() => check(target), SEEN_AFTER_MS);
    timers.set(target, timer);
  };
  const check = (target: Element): void => {
    if (document.visibilityState === "visible") {
      observer.unobserve(target);
      if (target.isConnected) seen(ids.get(target) ?? "");
    } else checkLater(target);
  };
  return (part, id) => {
    ids.set(part, id);
    observer.observe(part);
  };
}

/**
 * Calls `changed` when ends have come into view, with whether all have by now. What is behind the `dock` is not in view; until that is on
 * the page, nothing is.
 */
export function watchEnds(ends: readonly HTMLElement[], dock: HTMLElement, changed: (allSeen: boolean) => void): void {
  const unseen = new Set<Element>(ends);
  let observer: IntersectionObserver | undefined;
  const watch = (): void => {
    observer?.disconnect();
    const covered = getComputedStyle(dock).position === "sticky" ? dock.offsetHeight : 0;
    observer = new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries) if (isIntersecting) unseen.delete(target);
        changed(unseen.size === 0);
      },
      { rootMargin: `0px 0px -${covered}px 0px` },
    );
    for (const end of unseen) observer.observe(end);
  };
  new ResizeObserver(watch).observe(dock);
}

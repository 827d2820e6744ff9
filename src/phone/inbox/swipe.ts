/** Pixels that a finger has to move a row aside. */
const FAR_ENOUGH = 96;

/** Swiping a row aside, either way, acts as its button does. What acts is called once, when the finger is lifted. */
export function onSwipe(row: HTMLElement, act: () => void): void {
  let from: { readonly x: number; readonly y: number } | undefined;
  let moved = 0;
  const show = (distance: number): void => {
    moved = distance;
    row.classList.toggle("swiped", distance !== 0);
    row.classList.toggle("enough", Math.abs(distance) >= FAR_ENOUGH);
    row.style.setProperty("--swipe", `${distance}px`);
  };
  row.addEventListener(
    "touchstart",
    ({ touches: [first, second] }) => {
      from = first && !second ? { x: first.clientX, y: first.clientY } : undefined;
    },
    { passive: true },
  );
  row.addEventListener(
    "touchmove",
    ({ touches: [first] }) => {
      if (!from || !first) return;
      const [across, down] = [first.clientX - from.x, first.clientY - from.y];
      // Mostly down is scrolling, and stays so.
      if (moved === 0 && Math.abs(down) >= Math.abs(across)) from = Math.abs(down) > 8 ? undefined : from;
      else show(across);
    },
    { passive: true },
  );
  row.addEventListener("touchend", () => {
    const isFar = from !== undefined && Math.abs(moved) >= FAR_ENOUGH;
    from = undefined;
    show(0);
    if (isFar) act();
  });
  row.addEventListener("touchcancel", () => {
    from = undefined;
    show(0);
  });
}

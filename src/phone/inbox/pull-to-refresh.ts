import { page } from "../../words/phone.ts";
import { element } from "./element.ts";
import { icon } from "./icon.ts";

/** Pixels that a finger has to pull. */
const FAR_ENOUGH = 72;
const MAX_PULL = 110;

/**
 * Pulling a list down from its top refreshes it. An addition: the button in the top bar does the same. Returns what shows the pull, to be
 * put above the list.
 */
export function pullToRefresh(mayPull: () => boolean, refresh: () => void): HTMLElement {
  const label = element("span");
  const node = element("div", { class: "pull", "aria-hidden": "true", hidden: true }, icon("refresh"), label);
  let from: number | undefined;
  let pulled = 0;
  const show = (distance: number): void => {
    pulled = distance;
    node.hidden = distance === 0;
    // A third of the way: what is pulled feels heavier than the finger.
    node.style.setProperty("--pull", `${Math.min(distance, MAX_PULL) / 1.5}px`);
    node.classList.toggle("enough", distance >= FAR_ENOUGH);
    label.textContent = distance >= FAR_ENOUGH ? page.release : page.pull;
  };
  const isOneFinger = ({ touches }: TouchEvent): boolean => touches.length === 1;
  addEventListener("touchstart", (event) => {
    from = isOneFinger(event) && scrollY <= 0 && mayPull() ? event.touches[0]?.clientY : undefined;
  });
  addEventListener(
    "touchmove",
    (event) => {
      if (from === undefined) return;
      if (!isOneFinger(event) || scrollY > 0) {
        from = undefined;
        show(0);
        return;
      }
      show(Math.max(0, (event.touches[0]?.clientY ?? from) - from - 10));
    },
    { passive: true },
  );
  const end = (isRelease: boolean): void => {
    if (from !== undefined && isRelease && pulled >= FAR_ENOUGH) refresh();
    from = undefined;
    show(0);
  };
  addEventListener("touchend", () => end(true));
  addEventListener("touchcancel", () => end(false));
  return node;
}

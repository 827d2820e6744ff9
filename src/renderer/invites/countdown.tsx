import { type ReactNode, useEffect, useRef } from "react";
import { usePageState } from "../data/page-state.ts";
import { fill, Ltr, numberIn } from "../parts/sentence.tsx";
import { minutesAndSeconds } from "../parts/times.ts";

const MINUTE_MS = 60_000;
const SHORT_MS = 30_000;

/** The minutes at which screen readers announce the time left. */
const ANNOUNCED_MINUTES = [5, 1] as const;

/** Screen readers do not announce a timer. Five minutes, one minute and the end are announced. */
export function Countdown({ left, number }: { readonly left: number; readonly number: string }): ReactNode {
  const { notices } = usePageState();
  const before = useRef(left);

  useEffect(() => {
    const past = before.current;
    before.current = left;
    for (const count of ANNOUNCED_MINUTES) {
      if (past > count * MINUTE_MS && left <= count * MINUTE_MS && left > 0)
        notices.say("unseen", fill("invites.minutesLeft", { number: <Ltr>{number}</Ltr>, count }));
    }
  }, [left, number, notices]);

  useEffect(
    () => () => {
      // The row removes this when the invite ends. Nothing else announces that its time is over.
      if (before.current <= 1000) notices.say("unseen", numberIn("invites.hasExpired", number));
    },
    [notices, number],
  );

  return (
    <span role="timer" aria-live="off" className={left < SHORT_MS ? "timer short" : "timer"}>
      {fill("invites.left", { left: <Ltr>{minutesAndSeconds(left)}</Ltr> })}
    </span>
  );
}

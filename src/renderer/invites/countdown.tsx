import { type ReactNode, useEffect, useRef } from "react";
import { usePageState } from "../data/page-state.ts";
import { fill, Ltr, numberIn } from "../parts/sentence.tsx";
import { minutesAndSeconds } from "../parts/times.ts";

const MINUTE = 60_000;
const SHORT = 30_000;

/** The minutes at which the time left is said aloud. */
const SAID_AT = [5, 1] as const;

/** A timer is silent by its role; five minutes, one minute and the end are said. */
export function Countdown({ left, number }: { readonly left: number; readonly number: string }): ReactNode {
  const { notices } = usePageState();
  const before = useRef(left);

  useEffect(() => {
    const past = before.current;
    before.current = left;
    for (const count of SAID_AT) {
      if (past > count * MINUTE && left <= count * MINUTE && left > 0) {
        notices.say("unseen", fill("invites.minutesLeft", { number: <Ltr>{number}</Ltr>, count }));
      }
    }
  }, [left, number, notices]);

  useEffect(
    () => () => {
      // It leaves the row when the invite has ended; if that was the clock's doing, nobody else says so.
      if (before.current <= 1000) notices.say("unseen", numberIn("invites.hasExpired", number));
    },
    [notices, number],
  );

  return (
    <span role="timer" aria-live="off" className={left < SHORT ? "timer short" : "timer"}>
      {fill("invites.left", { left: <Ltr>{minutesAndSeconds(left)}</Ltr> })}
    </span>
  );
}

import { pairScript } from "../../words/phone.ts";
import { find } from "../find.ts";
import { minutesAndSeconds, timeOfDay } from "../times.ts";
import { isAnswering } from "./answer-buttons.ts";
import { askStatus, dateOf } from "./ask-door.ts";
import { say } from "./elements.ts";
import { showResult } from "./show-result.ts";

/** Shows the time left, and the result page when it is over. An answer under way is waited for. */
export function startCountdown(): void {
  const timer = find("#timer");
  const [clock, rest] = [timer.querySelector("time"), timer.querySelector("span")];
  if (!clock || !rest) return;
  // Counted from the seconds the server saw: this phone's clock may be wrong, but it sleeps and wakes with the phone.
  let seconds = Number(timer.dataset["seconds"]);
  let wall = performance.timeOrigin;
  let steady = 0;
  let warned = false;
  const tick = (): void => {
    if (!timer.isConnected) return;
    const left = Math.ceil(seconds - Math.max(Date.now() - wall, performance.now() - steady) / 1000);
    if (left <= 0) {
      if (!isAnswering()) void checkAgain();
      else setTimeout(tick, 1000);
      return;
    }
    rest.textContent = timeLeft(left);
    timer.classList.toggle("soon", left <= 60);
    if (left <= 60 && !warned) say("status", pairScript.lastMinute);
    warned = left <= 60;
    setTimeout(tick, 1000);
  };
  /** Sending the link again renews its time. */
  const checkAgain = async (): Promise<void> => {
    rest.textContent = timeLeft(0);
    let wait = 10_000;
    try {
      const [{ is_valid, expires_at = "" }, response] = await askStatus();
      if (is_valid === true) {
        seconds = (Date.parse(expires_at) - dateOf(response)) / 1000;
        wall = Date.now();
        steady = performance.now();
        clock.dateTime = expires_at;
        showClock();
        wait = 0;
      } else if (response.ok) {
        showResult("invite_expired");
      }
    } catch {
      // No connection: checked again later, or answered by the tap itself.
    }
    setTimeout(tick, wait);
  };
  const showClock = (): void => {
    clock.textContent = pairScript.expires.replace("{{time}}", timeOfDay(new Date(clock.dateTime)));
  };
  showClock();
  tick();
}

function timeLeft(seconds: number): string {
  return pairScript.left.replace("{{time}}", minutesAndSeconds(seconds));
}

/*
 * Makes the pairing page answer in place. The page works without it: everything here is an improvement, and nothing here
 * happens to the invite before a person taps.
 */
import type { AnswerOf } from "../../contract/operations.ts";
import type { Problem } from "../../contract/problem.ts";
import { pairScript } from "../../words/en/phone/pair-page.ts";
import { isApple } from "../home-screen.ts";
import { timeOfDay } from "../times.ts";

interface Attempt {
  readonly key: string;
  readonly body: string;
}

type Reply =
  | { readonly kind: "done" }
  | { readonly kind: "refused"; readonly code: string; readonly detail: string }
  | { readonly kind: "lost" };

const MORE_TRIES = 3;
const ANSWER_WITHIN = 12_000;
const PAIR = "/pair";

const ATTEMPT = "topdog_pair";

const form = document.querySelector<HTMLFormElement>("#ask");
const query = new URLSearchParams(location.search);
/** By text message or by QR code: the same page, other words on the wire. */
const byQr = form ? form.dataset["by"] === "qr" : query.has("token");
const codeField = byQr ? "token" : "code";
const pairPath = byQr ? "/phone/pairing/pair" : "/phone/pairing/accept-invite";
/** The address held it, or the page does: the same page may have been reloaded since. */
const code = value(codeField) || (query.get(codeField) ?? "");
/** What was sent and never answered. Sent again word for word, it gets the answer that was lost. */
let attempt = readAttempt();

hideCode();
offerInbox();
takePastedLink();
if (form) ask(form);
else if (attempt && document.querySelector('[data-ending="invite_already_used"]')) void listenAgain(attempt);

/** The code leaves the address at once, so that no history, screenshot or shared link holds it; a reload still finds it. */
function hideCode(): void {
  const state: unknown = history.state;
  if (query.has(codeField)) {
    history.replaceState((form ?? attempt) ? { [codeField]: code } : null, "", PAIR);
  } else if (document.querySelector("[data-missing]") && state !== null && typeof state === "object") {
    const [kept] = Object.entries(state as Readonly<Record<string, string>>);
    if (kept) location.replace(`${PAIR}?${new URLSearchParams([kept]).toString()}`);
  }
}

/** This phone used the link and did not hear so: asking again changes nothing, and brings the answer. */
async function listenAgain({ body, key }: Attempt): Promise<void> {
  const reply = await send(pairPath, body, key);
  if (reply.kind === "done") location.replace(`${PAIR}/done?result=paired`);
  if (reply.kind !== "lost") keepAttempt(undefined);
}

function ask(form: HTMLFormElement): void {
  const name = find<HTMLInputElement>("#name");
  const device = find("#device");
  const accept = find<HTMLButtonElement>(".accept");
  const decline = find<HTMLButtonElement>(".decline");
  let { type = "", os = "" } = form.dataset;
  let busy = false;

  const deviceId = recall("localStorage", "topdog_device_id") ?? value("device_id");
  if (!remember("localStorage", "topdog_device_id", deviceId)) find("#elsewhere").hidden = false;

  name.addEventListener("input", showName);
  for (const field of form.querySelectorAll<HTMLInputElement>("input[type=text]"))
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") field.blur();
    });
  if (attempt) {
    name.value = (JSON.parse(attempt.body) as { readonly device_name: string }).device_name;
    name.readOnly = true;
    showName();
  }
  void describePhone((model, version) => {
    os = version || os;
    suggest(model);
  });
  // An iPad asks for desktop pages and says it is a Mac; Macs have no touch screen.
  if (navigator.maxTouchPoints > 1 && navigator.userAgent.includes("Macintosh")) {
    type = "ios";
    os = "";
    suggest("iPad");
  }
  startTimer();
  reportOpened();
  onTap(accept, () => void answer(accept, pairScript.pairing, pair));
  onTap(decline, () => void answer(decline, pairScript.declining, refuse));

  function showName(): void {
    device.textContent = name.value.trim() || name.defaultValue;
  }

  function suggest(model: string): void {
    // Nor under the hands of somebody who is about to type.
    if (model === "" || model === "K" || name.value !== name.defaultValue || document.activeElement === name) return;
    name.value = name.defaultValue = model.slice(0, 40);
    showName();
  }

  async function pair(): Promise<void> {
    attempt ??= {
      key: value("request_id"),
      body: JSON.stringify({
        ...(byQr ? { pairing_token: code, otp_code: value("otp_code") } : { invite_code: code }),
        device_id: deviceId,
        device_name: name.value.trim() || name.defaultValue,
        device_type: type,
        os_version: os,
        app_version: "web",
      }),
    };
    name.readOnly = true;
    keepAttempt(attempt);
    const reply = await send(pairPath, attempt.body, attempt.key, retrying(accept));
    if (reply.kind !== "lost") {
      // Whatever was answered, it was answered for good: the next tap may say something else.
      name.readOnly = false;
      keepAttempt(undefined);
    }
    settle(reply, "paired", accept);
    // The last wrong password ended the invite: nothing stays that can be tapped in vain.
    if (reply.kind === "refused" && reply.code === "otp_invalid") {
      const status = await askStatus().then(
        async (response) => ((await response.json()) as Partial<AnswerOf<"inviteStatus">>).status,
        () => undefined,
      );
      if (status === "cancelled") show("invite_cancelled");
    }
  }

  async function refuse(): Promise<void> {
    const reply = await send("/phone/pairing/decline-invite", JSON.stringify({ invite_code: code }), undefined, retrying(decline));
    settle(reply, "declined", decline);
  }

  async function answer(button: HTMLButtonElement, label: string, work: () => Promise<void>): Promise<void> {
    if (busy) return;
    busy = true;
    const idle = button.textContent;
    say("problem", "");
    say("status", label);
    for (const each of [accept, decline]) each.setAttribute("aria-disabled", "true");
    button.setAttribute("aria-busy", "true");
    button.textContent = label;
    await work();
    for (const each of [accept, decline]) each.removeAttribute("aria-disabled");
    button.removeAttribute("aria-busy");
    if (button.textContent !== pairScript.tryAgain) button.textContent = idle;
    say("status", "");
    busy = false;
  }

  function retrying(button: HTMLButtonElement): () => void {
    return () => {
      button.textContent = pairScript.retrying;
      say("status", pairScript.lostRetrying);
    };
  }

  function settle(reply: Reply, done: "paired" | "declined", button: HTMLButtonElement): void {
    if (reply.kind === "lost") {
      say("problem", pairScript.lost);
      button.textContent = pairScript.tryAgain;
    } else if (reply.kind === "done") {
      show(done);
    } else if (!show(done === "declined" && reply.code === "invite_cancelled" ? done : reply.code)) {
      say("problem", reply.detail);
      const otp = document.querySelector<HTMLInputElement>("#otp");
      otp?.setAttribute("aria-invalid", String(reply.code.startsWith("otp_")));
      if (reply.code.startsWith("otp_")) otp?.focus();
    }
  }

  function startTimer(): void {
    const timer = find("#timer");
    const [clock, rest] = [timer.querySelector("time"), timer.querySelector("span")];
    if (!clock || !rest) return;
    // Counted from the seconds the server saw: this phone's clock may be wrong, but it sleeps and wakes with the phone.
    let seconds = Number(timer.dataset["seconds"]);
    let wall = performance.timeOrigin;
    let steady = 0;
    let warned = false;
    const tick = (): void => {
      if (!form.isConnected) return;
      const left = Math.ceil(seconds - Math.max(Date.now() - wall, performance.now() - steady) / 1000);
      if (left <= 0) {
        if (!busy) void checkAgain();
        else setTimeout(tick, 1000);
        return;
      }
      rest.textContent = timeLeft(left);
      timer.classList.toggle("soon", left <= 60);
      if (left <= 60 && !warned) say("status", pairScript.lastMinute);
      warned = left <= 60;
      setTimeout(tick, 1000);
    };
    /** Time is up by our count, unless the link was sent again meanwhile. */
    const checkAgain = async (): Promise<void> => {
      rest.textContent = timeLeft(0);
      let wait = 10_000;
      try {
        const response = await askStatus();
        const { is_valid, expires_at = "" } = (await response.json()) as Partial<AnswerOf<"inviteStatus">>;
        if (is_valid === true) {
          seconds = (Date.parse(expires_at) - Date.parse(response.headers.get("date") ?? "")) / 1000;
          wall = Date.now();
          steady = performance.now();
          clock.dateTime = expires_at;
          showClock();
          wait = 0;
        } else if (response.ok) {
          show("invite_expired");
        }
      } catch {
        // Nobody there to ask: asked again later, or answered by the tap itself.
      }
      setTimeout(tick, wait);
    };
    const showClock = (): void => {
      clock.textContent = pairScript.expires.replace("{{time}}", timeOfDay(new Date(clock.dateTime)));
    };
    showClock();
    tick();
  }
}

function timeLeft(seconds: number): string {
  return pairScript.left.replace("{{time}}", `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`);
}

function askStatus(): Promise<Response> {
  return fetch(`/phone/pairing/invite/${encodeURIComponent(code)}`, {
    cache: "no-store",
    referrerPolicy: "no-referrer",
    signal: timeLimit(),
  });
}

/**
 * The desk may know that somebody reads this. Message apps and scanners open pages too, scripts and all, but touch nothing: the first
 * touch or key of a person is the sign. Once, and if it is lost, nothing is lost.
 */
function reportOpened(): void {
  const signs = ["pointerdown", "touchstart", "keydown"] as const;
  const heard = (event: Event): void => {
    if (!event.isTrusted || document.visibilityState !== "visible") return;
    for (const sign of signs) removeEventListener(sign, heard, true);
    fetch("/phone/pairing/opened", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code }),
      keepalive: true,
      referrerPolicy: "no-referrer",
    }).catch(() => undefined);
  };
  for (const sign of signs) addEventListener(sign, heard, { capture: true, passive: true });
}

/** Asks until somebody answers. A tunnel that is down answers as well, but not in our words. */
async function send(path: string, body: string, key?: string, retrying?: () => void): Promise<Reply> {
  for (let tries = 0; tries <= MORE_TRIES; tries++) {
    if (tries > 0) {
      retrying?.();
      await new Promise((resolve) => setTimeout(resolve, 400 * 2 ** tries));
    }
    try {
      const response = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...(key === undefined ? {} : { "Idempotency-Key": key }) },
        body,
        cache: "no-store",
        referrerPolicy: "no-referrer",
        signal: timeLimit(),
      });
      const kind = response.headers.get("content-type") ?? "";
      // The answer holds the token. The browser keeps it in a cookie that no script can read, so it is not read here.
      if (response.ok && kind.startsWith("application/json")) return { kind: "done" };
      if (kind.startsWith("application/problem+json")) {
        const { code, detail } = (await response.json()) as Problem;
        return { kind: "refused", code, detail };
      }
    } catch {
      // No connection, or one that broke: asked again.
    }
  }
  return { kind: "lost" };
}

/** Puts an answer in the question's place. `false`: there is no page for it. */
function show(name: string): boolean {
  const template = document.getElementById(name);
  if (!(template instanceof HTMLTemplateElement)) return false;
  find("#sheet").replaceChildren(template.content.cloneNode(true));
  document.title = template.dataset["title"] ?? document.title;
  // A reload shows the same answer again, where there is an address for it.
  if (name === "paired" || name === "declined") history.replaceState(null, "", `${PAIR}/done?result=${name}`);
  scrollTo(0, 0);
  find("#heading").focus();
  offerInbox();
  return true;
}

/** Where this browser has kept the token, there is more to see. */
function offerInbox(): void {
  const inbox = document.getElementById("inbox");
  if (!inbox) return;
  const kind = isApple(navigator) ? "apple" : /Android/.test(navigator.userAgent) ? "android" : "";
  for (const advice of inbox.querySelectorAll<HTMLElement>("[data-on]")) advice.hidden = advice.dataset["on"] !== kind;
  fetch("/phone/me", { method: "HEAD", cache: "no-store", referrerPolicy: "no-referrer" })
    .then(async ({ ok }) => {
      inbox.hidden = !ok;
      const { heading } = inbox.dataset;
      if (ok && heading !== undefined) {
        find("#heading").textContent = document.title = heading;
        find("#meaning").hidden = true;
      }
      // On an iPhone it is the installed app that asks.
      if (ok && kind !== "apple") await offerNotifications();
    })
    .catch(() => undefined);
}

/** Nobody was asked yet. Browsers ask a person only in the very moment of a tap; the inbox then does the rest. */
async function offerNotifications(): Promise<void> {
  const state = document.getElementById("notify");
  const allow = document.querySelector<HTMLButtonElement>("#allow");
  if (!state || !allow) return;
  const response = await fetch("/phone/push", { cache: "no-store", referrerPolicy: "no-referrer" });
  if (!response.ok) return;
  const { available, subscribed } = (await response.json()) as AnswerOf<"pushStatus">;
  if (subscribed) return;
  const tell = (): void => {
    const canAsk = available && "Notification" in window && "PushManager" in window && "serviceWorker" in navigator;
    const blocked = canAsk && Notification.permission === "denied";
    if (!canAsk) state.textContent = state.dataset["waiting"] ?? "";
    else if (blocked) state.textContent = state.dataset["blocked"] ?? "";
    state.hidden = false;
    allow.hidden = !canAsk || blocked;
  };
  tell();
  onTap(allow, () => {
    Notification.requestPermission().then((permission) => {
      if (permission === "granted") location.assign("/inbox#notifications");
      else tell();
    }, tell);
  });
}

/** To our own pairing page alone, whatever was pasted. */
function takePastedLink(): void {
  const paste = document.querySelector<HTMLFormElement>("#paste");
  if (!paste) return;
  paste.hidden = false;
  paste.addEventListener("submit", (event) => {
    event.preventDefault();
    const [, search] = /\/pair(\?(?:code|token)=[\w-]+(?:&otp=\d+)?)/.exec(find<HTMLInputElement>("#link").value) ?? [];
    if (search === undefined) say("problem", pairScript.noLink);
    else location.assign(PAIR + search);
  });
}

/** Only a person's own tap counts, never a script's. */
function onTap(button: HTMLButtonElement, act: () => void): void {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    if (event.isTrusted) act();
  });
}

interface PhoneHints {
  readonly userAgentData?: {
    getHighEntropyValues(
      names: readonly string[],
    ): Promise<{ readonly model?: string; readonly platformVersion?: string; readonly platform?: string }>;
  };
}

async function describePhone(tell: (model: string, version: string) => void): Promise<void> {
  try {
    const hints = await (navigator as PhoneHints).userAgentData?.getHighEntropyValues(["model", "platformVersion"]);
    if (hints?.platform === "Android") tell(hints.model ?? "", (hints.platformVersion ?? "").replace(/(\.0)+$/, ""));
  } catch {
    // A browser that will not say: the name stays what the server guessed.
  }
}

function readAttempt(): Attempt | undefined {
  const kept = recall("sessionStorage", ATTEMPT);
  if (kept === null) return undefined;
  const read = JSON.parse(kept) as Attempt;
  const sent = JSON.parse(read.body) as { readonly invite_code?: string; readonly pairing_token?: string };
  return (sent.invite_code ?? sent.pairing_token) === code ? read : undefined;
}

function keepAttempt(now: Attempt | undefined): void {
  attempt = now;
  remember("sessionStorage", ATTEMPT, now && JSON.stringify(now));
}

function recall(area: "localStorage" | "sessionStorage", name: string): string | null {
  try {
    return window[area].getItem(name);
  } catch {
    return null;
  }
}

function remember(area: "localStorage" | "sessionStorage", name: string, text: string | undefined): boolean {
  try {
    if (text === undefined) window[area].removeItem(name);
    else window[area].setItem(name, text);
    return true;
  } catch {
    return false;
  }
}

function timeLimit(): AbortSignal {
  const control = new AbortController();
  setTimeout(() => control.abort(), ANSWER_WITHIN);
  return control.signal;
}

function say(where: "status" | "problem", text: string): void {
  const place = document.getElementById(where);
  if (place) place.textContent = text;
}

function value(field: string): string {
  return document.querySelector<HTMLInputElement>(`[name="${field}"]`)?.value ?? "";
}

function find<T extends HTMLElement = HTMLElement>(selector: string): T {
  const found = document.querySelector<T>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

import { find } from "../find.ts";
import { isApple } from "../home-screen.ts";
import { readStored, store } from "../storage.ts";
import { type Reply, sendAnswer } from "./ask-door.ts";
import { valueOfField } from "./elements.ts";
import { byQr, code } from "./invite.ts";

/** What was sent and not answered. Sent again with the same key and body, it gets the answer that was lost. */
export interface Attempt {
  readonly key: string;
  readonly body: string;
}

const ATTEMPT = "topdog_pair";
const DEVICE_ID = "topdog_device_id";
const MAX_NAME_LENGTH = 40;

/** The attempt with this code, from before a reload. */
export function readAttempt(): Attempt | undefined {
  const stored = readStored("sessionStorage", ATTEMPT);
  if (stored === null) return undefined;
  const attempt = JSON.parse(stored) as Attempt;
  const sent = JSON.parse(attempt.body) as { readonly invite_code?: string; readonly pairing_token?: string };
  return (sent.invite_code ?? sent.pairing_token) === code ? attempt : undefined;
}

/** Saves the attempt until the door has answered it, whatever it answers. */
export async function sendAttempt(attempt: Attempt, retrying?: () => void): Promise<Reply> {
  store("sessionStorage", ATTEMPT, JSON.stringify(attempt));
  const reply = await sendAnswer(byQr ? "/phone/pairing/pair" : "/phone/pairing/accept-invite", attempt.body, attempt.key, retrying);
  if (reply.kind !== "lost") store("sessionStorage", ATTEMPT, undefined);
  return reply;
}

/** Fills in what is known of this phone. Returns what accepts the invite: with `attempt` again, else with what the form holds then. */
export function acceptanceOf(form: HTMLFormElement, attempt: Attempt | undefined): (retrying: () => void) => Promise<Reply> {
  const name = find<HTMLInputElement>("#name");
  let { type = "", os = "" } = form.dataset;
  const deviceId = readStored("localStorage", DEVICE_ID) ?? valueOfField("device_id");
  if (!store("localStorage", DEVICE_ID, deviceId)) find("#elsewhere").hidden = false;
  const nameNow = (): string => name.value.trim() || name.defaultValue;
  const showName = (): void => {
    find("#device").textContent = nameNow();
  };

  name.addEventListener("input", showName);
  if (attempt) {
    name.value = (JSON.parse(attempt.body) as { readonly device_name: string }).device_name;
    name.readOnly = true;
    showName();
  }
  void describePhone((model, version, newType) => {
    type = newType ?? type;
    os = version ?? os;
    // A name that was typed, or is about to be, stays. Browsers that hide the model call it K.
    if (model === "" || model === "K" || name.value !== name.defaultValue || document.activeElement === name) return;
    name.value = name.defaultValue = model.slice(0, MAX_NAME_LENGTH);
    showName();
  });

  return async (retrying) => {
    attempt ??= {
      key: valueOfField("request_id"),
      body: JSON.stringify({
        ...(byQr ? { pairing_token: code, otp_code: valueOfField("otp_code") } : { invite_code: code }),
        device_id: deviceId,
        device_name: nameNow(),
        device_type: type,
        os_version: os,
        app_version: "web",
      }),
    };
    name.readOnly = true;
    const reply = await sendAttempt(attempt, retrying);
    if (reply.kind !== "lost") {
      // Any answer is final: the next tap may send something else.
      name.readOnly = false;
      attempt = undefined;
    }
    return reply;
  };
}

interface PhoneHints {
  readonly userAgentData?: {
    getHighEntropyValues(
      names: readonly string[],
    ): Promise<{ readonly model?: string; readonly platformVersion?: string; readonly platform?: string }>;
  };
}

/** Calls back with what this browser reports beyond its User-Agent header, from which the server guessed the rest. */
async function describePhone(known: (model: string, version: string | undefined, type?: "ios") => void): Promise<void> {
  // An iPad that asks for desktop pages.
  if (isApple(navigator) && navigator.userAgent.includes("Macintosh")) known("iPad", "", "ios");
  try {
    const hints = await (navigator as PhoneHints).userAgentData?.getHighEntropyValues(["model", "platformVersion"]);
    const version = hints?.platformVersion?.replace(/(\.0)+$/, "");
    if (hints?.platform === "Android") known(hints.model ?? "", version || undefined);
  } catch {
    // The browser does not report it.
  }
}

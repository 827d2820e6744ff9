import { parse } from "bowser";
import { cleanName, type DeviceType } from "../../core/index.ts";

/** What a phone's browser reveals about the phone. The person may correct the name. */
export interface PhoneGuess {
  readonly name: string;
  readonly type: DeviceType;
  readonly osVersion: string;
}

const MAX_READ = 512;
/** `; Pixel 8)`, `; SM-S918B Build/…`. Browsers that hide the model write "K", and Firefox writes "Mobile" or "Tablet". */
const ANDROID_MODEL = /\bAndroid [\d.]+; (?:[a-z]{2}-[a-z]{2}; )?([^;()]{2,60}?)(?: Build\/[^;()]*)?(?:; wv)?\)/i;
const NO_MODEL: ReadonlySet<string> = new Set(["Mobile", "Tablet", "wv"]);

/** A `User-Agent` → a name to start from. */
export function describePhone(userAgent: string | undefined): PhoneGuess {
  const ua = (userAgent ?? "").slice(0, MAX_READ);
  if (ua === "") return { name: "Phone", type: "web", osVersion: "" };
  const { os, platform } = parse(ua);
  const tablet = platform.type === "tablet";
  if (os.name === "iOS") return { name: tablet ? "iPad" : "iPhone", type: "ios", osVersion: cleanName(os.version ?? "") };
  if (os.name === "Android") {
    const model = cleanName(ANDROID_MODEL.exec(ua)?.[1] ?? "");
    const named = model.length > 1 && !NO_MODEL.has(model);
    return { name: named ? model : `Android ${tablet ? "tablet" : "phone"}`, type: "android", osVersion: cleanName(os.version ?? "") };
  }
  const name = platform.type !== "desktop" ? "Phone" : os.name === "macOS" ? "Mac" : cleanName(`${os.name ?? ""} computer`);
  return { name, type: "web", osVersion: cleanName(os.version ?? "") };
}

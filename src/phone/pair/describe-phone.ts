import { isApple } from "../home-screen.ts";

interface PhoneHints {
  readonly userAgentData?: {
    getHighEntropyValues(
      names: readonly string[],
    ): Promise<{ readonly model?: string; readonly platformVersion?: string; readonly platform?: string }>;
  };
}

/** Calls back with what this browser reports beyond its User-Agent header, from which the server guessed the rest. */
export async function describePhone(known: (model: string, version: string | undefined, type?: "ios") => void): Promise<void> {
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

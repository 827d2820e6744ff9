/** How the inbox comes onto the Home Screen of a phone, in its makers' words. */
export const HOME_SCREEN = {
  ios: "To put it on your Home Screen, tap Share in Safari, then “Add to Home Screen”. The app is paired by itself: open it and paste a new pairing link.",
  android: "To put it on your Home screen, open the inbox, then the browser’s menu, and tap “Add to Home screen” or “Install app”.",
} as const;

/** By what the browser says of itself. `undefined`: it does not say enough. */
export function homeScreenAdvice({
  userAgent,
  maxTouchPoints,
}: {
  readonly userAgent: string;
  readonly maxTouchPoints: number;
}): string | undefined {
  if (isApple({ userAgent, maxTouchPoints })) return HOME_SCREEN.ios;
  return userAgent.includes("Android") ? HOME_SCREEN.android : undefined;
}

/** An iPhone or iPad, in whatever browser. */
export function isApple({ userAgent, maxTouchPoints }: { readonly userAgent: string; readonly maxTouchPoints: number }): boolean {
  // An iPad asks for desktop pages and says it is a Mac; Macs have no touch screen.
  return /iPhone|iPad|iPod/.test(userAgent) || (userAgent.includes("Macintosh") && maxTouchPoints > 1);
}

/** An iPhone or iPad, in whatever browser. */
export function isApple({ userAgent, maxTouchPoints }: { readonly userAgent: string; readonly maxTouchPoints: number }): boolean {
  // An iPad asks for desktop pages and says it is a Mac; Macs have no touch screen.
  return /iPhone|iPad|iPod/.test(userAgent) || (userAgent.includes("Macintosh") && maxTouchPoints > 1);
}

/** On an iPhone or iPad: Safari itself. Others carry its words as well, and a name of their own; views within apps lack `Safari/`. */
export function isAppleSafari(browser: { readonly userAgent: string; readonly maxTouchPoints: number }): boolean {
  const { userAgent } = browser;
  return (
    isApple(browser) && /Version\/.*Safari\//.test(userAgent) && !/CriOS|FxiOS|EdgiOS|OPT\/|OPiOS|DuckDuckGo|Brave|GSA\//.test(userAgent)
  );
}

/** How the inbox comes onto the Home screen of an Android phone, in its makers' words. */
export const ANDROID_HOME_SCREEN =
  "To put it on your Home screen, open the inbox, then the browser’s menu, and tap “Add to Home screen” or “Install app”.";

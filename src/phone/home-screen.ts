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

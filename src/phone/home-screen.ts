/** How to put the inbox on the Home Screen, by what the browser says of itself. `undefined`: there is no way here, or it is done. */
export function homeScreenAdvice({ userAgent, maxTouchPoints }: Pick<Navigator, "userAgent" | "maxTouchPoints">): string | undefined {
  if (matchMedia("(display-mode: standalone)").matches) return undefined;
  // An iPad asks for desktop pages and says it is a Mac; Macs have no touch screen.
  if (/iPhone|iPad|iPod/.test(userAgent) || (userAgent.includes("Macintosh") && maxTouchPoints > 1)) {
    const own = /Safari\//.test(userAgent) && !/FxiOS|EdgiOS|GSA\/|Instagram|FBAN|FBAV|Line\//.test(userAgent);
    if (!own) return "To put it on your Home Screen, open this page in Safari first.";
    return "To put it on your Home Screen, tap Share, then “Add to Home Screen”. The app is paired by itself: open it and paste a new pairing link.";
  }
  if (/Android/.test(userAgent))
    return "To put it on your Home screen, open the browser’s menu and tap “Add to Home screen” or “Install app”.";
  return undefined;
}

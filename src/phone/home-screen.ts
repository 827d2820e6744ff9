/** How to put the inbox on the Home Screen, by what the browser says of itself. `undefined`: it does not say enough. */
export function homeScreenAdvice(userAgent: string, touchPoints = 0): string | undefined {
  // An iPad asks for desktop pages and says it is a Mac; Macs have no touch screen.
  if (/iPhone|iPad|iPod/.test(userAgent) || (userAgent.includes("Macintosh") && touchPoints > 1)) {
    const canAdd = userAgent.includes("Safari/") && !/FxiOS|EdgiOS|GSA\/|Instagram|FBAN|FBAV|Line\//.test(userAgent);
    if (!canAdd) return "To put it on your Home Screen, open this page in Safari first.";
    return "To put it on your Home Screen, tap Share, then “Add to Home Screen”. The app is paired by itself: open it and paste a new pairing link.";
  }
  if (userAgent.includes("Android")) {
    return "To put it on your Home screen, open the inbox, then the browser’s menu, and tap “Add to Home screen” or “Install app”.";
  }
  return undefined;
}

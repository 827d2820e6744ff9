import { type BrowserWindow, type Rectangle, screen } from "electron";
import type { PreferenceStore, Preferences } from "./preferences.ts";

const SETTLED = 500;

/** Puts a window where the last one was, while there still is a screen, and remembers where it goes. */
export function rememberPlace(window: BrowserWindow, preferences: PreferenceStore): void {
  const { window: last } = preferences.get();
  if (last && isOnScreen(last)) {
    window.setBounds({ x: last.x, y: last.y, width: last.width, height: last.height });
    if (last.maximized) window.maximize();
  }
  let timer: NodeJS.Timeout | undefined;
  const note = (): void => {
    clearTimeout(timer);
    if (window.isDestroyed()) return;
    const { x, y, width, height } = window.getNormalBounds();
    const place: Preferences["window"] = { x, y, width, height, maximized: window.isMaximized() };
    if (JSON.stringify(place) !== JSON.stringify(preferences.get().window)) preferences.set({ window: place });
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(note, SETTLED);
  };
  window.on("resize", soon);
  window.on("move", soon);
  window.on("maximize", soon);
  window.on("unmaximize", soon);
  window.on("hide", note);
  window.on("close", note);
}

/** Enough of the title bar to take hold of it. */
function isOnScreen({ x, y, width }: Rectangle): boolean {
  return screen.getAllDisplays().some(({ workArea }) => {
    const visible = Math.min(x + width, workArea.x + workArea.width) - Math.max(x, workArea.x);
    return visible >= 100 && y >= workArea.y && y <= workArea.y + workArea.height - 40;
  });
}

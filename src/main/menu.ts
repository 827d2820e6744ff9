import type { MenuItemConstructorOptions } from "electron";
import type { Route } from "../contract/pairing-api.ts";
import { say } from "../words/say.ts";

/** The application menu. The edit roles are what makes copy and paste work on macOS. */
export function menuTemplate(open: (place: Route) => void): MenuItemConstructorOptions[] {
  return [
    ...(process.platform === "darwin" ? [{ role: "appMenu" } as const] : []),
    {
      label: say("desktop.menuPhone"),
      submenu: [
        { id: "pair", label: say("desktop.menuPair"), accelerator: "CmdOrCtrl+Shift+P", click: () => open("pair") },
        { id: "devices", label: say("desktop.menuDevices"), accelerator: "CmdOrCtrl+Shift+D", click: () => open("devices") },
        { type: "separator" },
        { role: "close", accelerator: "CmdOrCtrl+W" },
        ...(process.platform === "darwin" ? [] : [{ role: "quit", accelerator: "CmdOrCtrl+Q" } as const]),
      ],
    },
    { role: "editMenu" },
    {
      label: say("desktop.menuView"),
      submenu: [{ role: "resetZoom" }, { role: "zoomIn" }, { role: "zoomOut" }, { type: "separator" }, { role: "togglefullscreen" }],
    },
    { role: "windowMenu" },
  ];
}

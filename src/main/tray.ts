import path from "node:path";
import { Menu, nativeImage, Tray } from "electron";
import { type Pairing, standingOf } from "../core/index.ts";

export interface TrayNeeds {
  readonly iconFolder: string;
  readonly title: string;
  readonly open: () => void;
  readonly pair: () => void;
  readonly quit: () => void;
}

/** What stays while the window is hidden: the way back to it, the invites that wait, and the real end. */
export function showTray({ iconFolder, title, open, pair, quit }: TrayNeeds): { readonly showWaiting: (count: number) => void } {
  const mac = process.platform === "darwin";
  const icon = nativeImage.createFromPath(path.join(iconFolder, mac ? "trayTemplate.png" : "tray.png"));
  const tray = new Tray(icon);
  tray.on("click", open);
  const showWaiting = (count: number): void => {
    const waiting = count === 1 ? "1 invite is waiting" : `${count} invites are waiting`;
    tray.setToolTip(count === 0 ? title : `${title} – ${waiting}`);
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { id: "tray-pair", label: "&Pair Phone…", click: pair },
        { id: "tray-open", label: `&Open ${title}`, click: open },
        { id: "tray-waiting", label: waiting, visible: count > 0, click: pair },
        { type: "separator" },
        { id: "tray-quit", label: "&Quit", click: quit },
      ]),
    );
  };
  showWaiting(0);
  return { showWaiting };
}

/** Counts the invites that wait, now and whenever that may have changed. */
export function followInvites(pairing: Pick<Pairing, "listSessions" | "listen" | "now">, tell: (waiting: number) => void): void {
  const look = async (): Promise<void> => {
    const now = pairing.now();
    tell((await pairing.listSessions()).filter((session) => standingOf(session, now) === "pending").length);
  };
  void look();
  pairing.listen(() => void look());
}

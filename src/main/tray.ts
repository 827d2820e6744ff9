import path from "node:path";
import { Menu, nativeImage, Tray } from "electron";
import type { Pairing } from "../core/index.ts";
import { say } from "../words/say.ts";
import { followNews } from "./follow-news.ts";

export interface TrayDeps {
  readonly iconFolder: string;
  readonly title: () => string;
  readonly open: () => void;
  readonly pair: () => void;
  readonly approvals: () => void;
  readonly quit: () => void;
}

export interface Waiting {
  readonly invites: number;
  readonly approvals: number;
}

export interface TrayView {
  /** What is not named stays as it was. */
  readonly showWaiting: (change: Partial<Waiting>) => void;
}

/** What stays while the window is hidden: the way back to it, who waits, and the real end. */
export function showTray({ iconFolder, title, open, pair, approvals, quit }: TrayDeps): TrayView {
  const mac = process.platform === "darwin";
  const icon = nativeImage.createFromPath(path.join(iconFolder, mac ? "trayTemplate.png" : "tray.png"));
  const tray = new Tray(icon);
  tray.on("click", open);
  let waiting: Waiting = { invites: 0, approvals: 0 };
  const showWaiting = (change: Partial<Waiting>): void => {
    waiting = { ...waiting, ...change };
    const asked = say("desktop.approvalsWaiting", { count: waiting.approvals });
    const invited = say("desktop.invitesWaiting", { count: waiting.invites });
    const parts = [...(waiting.approvals > 0 ? [asked] : []), ...(waiting.invites > 0 ? [invited] : [])];
    tray.setToolTip([title(), ...parts].join(" – "));
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { id: "tray-pair", label: say("desktop.trayPair"), click: pair },
        { id: "tray-open", label: say("desktop.trayOpen", { title: title() }), click: open },
        { id: "tray-approvals", label: `${asked}…`, visible: waiting.approvals > 0, click: approvals },
        { id: "tray-waiting", label: invited, visible: waiting.invites > 0, click: pair },
        { type: "separator" },
        { id: "tray-quit", label: say("desktop.trayQuit"), click: quit },
      ]),
    );
  };
  showWaiting({});
  return { showWaiting };
}

/** Counts the pending invites, now and whenever the number may have changed. Returns a function that stops it. */
export function followInvites(
  pairing: Pick<Pairing, "countPendingInvites" | "listen">,
  show: (waiting: number) => void,
  failed: (cause: unknown) => void,
): () => void {
  return followNews(pairing, undefined, async () => show(await pairing.countPendingInvites()), failed);
}

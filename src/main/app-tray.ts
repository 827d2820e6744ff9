import path from "node:path";
import { app } from "electron";
import { messageOf } from "../base/message-of.ts";
import { say as sayInWords } from "../words/say.ts";
import { appNotifications } from "./app-notifications.ts";
import { followAlerts } from "./follow-alerts.ts";
import { followApprovals } from "./follow-approvals.ts";
import { followClaims } from "./follow-claims.ts";
import { followMessages } from "./follow-messages.ts";
import { followPhones, phonesNotRead } from "./follow-phones.ts";
import type { MainWindow } from "./main-window.ts";
import { say } from "./say.ts";
import type { ServerSupervisor } from "./server-supervisor.ts";
import { followInvites, showTray, type TrayView } from "./tray.ts";

/** The tray icon with the invites and approvals that wait, and notifications of the system. Both follow each server that starts. */
export function setupTray(dist: string, window: MainWindow, supervisor: ServerSupervisor): TrayView {
  const tray = showTray({
    iconFolder: path.join(dist, "main"),
    title: () => sayInWords("desktop.title"),
    open: window.page.show,
    pair: () => window.navigate("pair"),
    approvals: () => window.navigate("approvals"),
    quit: () => app.quit(),
  });
  const { waits, paired, answered, alerted, notDelivered } = appNotifications(window);
  supervisor.onServer(({ pairing }) => {
    const failed = (cause: unknown): void => say(sayInWords("desktop.trayFailed", { why: messageOf(cause) }));
    const stops = [
      followInvites(pairing, (invites) => tray.showWaiting({ invites }), failed),
      followApprovals(pairing, { waiting: (approvals) => tray.showWaiting({ approvals }), answered, failed }),
      followAlerts(pairing, alerted),
      followClaims(pairing, waits, failed),
      followMessages(pairing, notDelivered, failed),
      followPhones(pairing, { paired, revoked: () => undefined, failed: (cause) => say(phonesNotRead(cause)) }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  });
  return tray;
}

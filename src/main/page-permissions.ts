import { session } from "electron";
import { isPage } from "./page-protocol.ts";

/** The page needs one thing of the browser around it: to copy a link. */
const ALLOWED = "clipboard-sanitized-write";

export function refuseDeviceFeatures(): void {
  session.defaultSession.setPermissionRequestHandler((contents, permission, answer) =>
    answer(permission === ALLOWED && isPage(contents.getURL())),
  );
  session.defaultSession.setPermissionCheckHandler(
    (_contents, permission, origin) => permission === ALLOWED && isPage(origin.replace(/\/$/, "")),
  );
}

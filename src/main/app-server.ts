import path from "node:path";
import { app, powerMonitor } from "electron";
import packageJson from "../../package.json" with { type: "json" };
import { messageOf } from "../base/message-of.ts";
import { assemble } from "../host/assemble.ts";
import { isGiven } from "../settings/read-option.ts";
import { say as sayInWords } from "../words/say.ts";
import type { AppSettings } from "./app-settings.ts";
import { startKeychain } from "./keychain-process.ts";
import type { PreferenceStore } from "./preferences.ts";
import { say } from "./say.ts";
import { createServerSupervisor, type ServerSupervisor } from "./server-supervisor.ts";

/** The app's pairing server, in this process. It is not started yet. */
export function superviseAppServer(dist: string, settings: AppSettings, preferences: PreferenceStore): ServerSupervisor {
  const supervisor = createServerSupervisor({
    openSettings: settings.open,
    setSettingsAside: settings.setAside,
    assemble: (opened) =>
      assemble(opened, {
        distFolder: dist,
        appVersion: packageJson.version,
        askBeforeAws: true,
        idleSeconds: () => powerMonitor.getSystemIdleTime(),
        startKeychain: () => startKeychain(path.join(dist, "main/keychain-worker.js")),
        print: (line) => void process.stdout.write(`${line}\n`),
        lost(sentence) {
          say(sentence);
          // The next start names the process that holds the folder, and the window offers what to do.
          void supervisor.restart();
        },
      }),
    isFixed: (setting) => isGiven(process.env[setting]),
    onSaved: (chosen) =>
      preferences.set({
        ...("PAIRING_PORT" in chosen ? { localPort: undefined } : {}),
        ...("PAIRING_PHONE_PORT" in chosen ? { phonePort: undefined } : {}),
      }),
    say,
  });
  return supervisor;
}

/** Before the process ends, requests in flight are finished and the storage folder is released. Returns whether the app is quitting. */
export function quitWithServer(supervisor: ServerSupervisor): () => boolean {
  let quitting = false;
  let closed = false;
  app.on("before-quit", () => {
    quitting = true;
  });
  app.on("will-quit", (event) => {
    if (closed) return;
    event.preventDefault();
    supervisor.close().then(
      () => {
        closed = true;
        app.quit();
      },
      (cause: unknown) => {
        say(sayInWords("desktop.serverNotStopped", { why: messageOf(cause) }));
        app.exit(1);
      },
    );
  });
  return () => quitting;
}

import { app } from "electron";
import { notices } from "./notices.ts";
import { notify } from "./notify.ts";
import type { PreferenceStore } from "./preferences.ts";
import { say } from "./say.ts";
import type { ServerSupervisor } from "./server-supervisor.ts";
import { canUpdate, createUpdates, loadUpdater, type Updates } from "./updates.ts";

/** Updates of the app. It does not check for any yet. */
export function openAppUpdates(supervisor: ServerSupervisor, preferences: PreferenceStore): Updates {
  const updates = createUpdates({
    available: canUpdate(),
    load: loadUpdater,
    wanted: () => preferences.get().lookForUpdates,
    async beforeInstall() {
      await supervisor.close();
      // The new version starts before this one has ended.
      app.releaseSingleInstanceLock();
    },
    ready: (version) =>
      notify({
        ...notices.updateReady(version),
        onClick: () => void updates.install(),
      }),
    say,
  });
  return updates;
}

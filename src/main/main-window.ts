import path from "node:path";
import type { BrowserWindow, BrowserWindowConstructorOptions } from "electron";
import { messageOf } from "../base/message-of.ts";
import { present } from "../base/present.ts";
import type { Route } from "../contract/pairing-api.ts";
import type { DesktopPreferences, UpdateState } from "../contract/window-request-schemas.ts";
import type { Device } from "../core/index.ts";
import { followPhones } from "./follow-phones.ts";
import { answerPage, type PageDeps } from "./ipc.ts";
import { isOwnLink } from "./outside-links.ts";
import { createPageWindow, type PageWindow } from "./page-window.ts";
import type { ServerSupervisor } from "./server-supervisor.ts";
import type { Updates } from "./updates.ts";

export interface MainWindowDeps {
  readonly supervisor: ServerSupervisor;
  /** Where the build put `preload/`. */
  readonly distFolder: string;
  readonly makeWindow: (options: BrowserWindowConstructorOptions) => BrowserWindow;
  readonly onWindow?: (window: BrowserWindow) => void;
  readonly startServer: PageDeps["requests"]["startServer"];
  readonly chooseFolder: PageDeps["requests"]["chooseFolder"];
  readonly preferences: () => DesktopPreferences;
  /** Rejects with one sentence. */
  readonly setPreferences: (change: DesktopPreferences) => Promise<void>;
  readonly onPaired: (device: Device) => void;
  readonly onRevoked: (device: Device) => void;
  /** Absent: new versions are the host's business. */
  readonly updates?: Pick<Updates, "state" | "check" | "install">;
  readonly warn: (line: string) => void;
}

const NO_UPDATES: UpdateState = { kind: "unavailable" };

export interface MainWindow {
  readonly page: PageWindow;
  /** The page at this place; at the list of phones when the place is a phone that is not paired. */
  readonly navigate: (place: Route) => Promise<void>;
  /** Nobody is answered from now on. The server goes on until its keeper closes it. */
  readonly close: () => void;
}

/** What the app and an IDE that embeds it have in common: a server, its page, and the news of its phones. */
export function openMainWindow(deps: MainWindowDeps): MainWindow {
  const { supervisor, distFolder, makeWindow, onWindow, warn } = deps;
  const page = createPageWindow({
    preload: path.join(distFolder, "preload/index.cjs"),
    makeWindow,
    mayOpen: async (address) => isOwnLink(address, (await supervisor.server()).baseUrl()),
    ...(onWindow ? { onMade: onWindow } : {}),
  });
  const stopAnswers = answerPage({
    page,
    server: supervisor.server,
    onServer: supervisor.onServer,
    requests: {
      serverState: async () => supervisor.state(),
      startServer: deps.startServer,
      restartServer: async () => supervisor.restart(),
      goBack: async () => supervisor.goBack(),
      chooseFolder: deps.chooseFolder,
      preferences: async () => deps.preferences(),
      async setPreferences(change) {
        const problem = await deps.setPreferences(change).then(() => undefined, messageOf);
        return { ...deps.preferences(), ...present({ problem }) };
      },
      updateState: async () => deps.updates?.state() ?? NO_UPDATES,
      lookForUpdates: async () => deps.updates?.check() ?? NO_UPDATES,
      installUpdate: async () => deps.updates?.install() ?? NO_UPDATES,
    },
    refused: noteRefused(deps),
    warn(message, facts) {
      warn(message);
      void supervisor.server().then(({ log }) => log.warn(message, facts));
    },
  });
  let stopPhones: () => void = () => undefined;
  supervisor.onServer(({ pairing }) => {
    stopPhones();
    stopPhones = followPhones(pairing, {
      paired: deps.onPaired,
      revoked: deps.onRevoked,
      failed: (cause) =>
        warn(`Nobody was told of a paired phone: ${cause instanceof Error ? cause.message : "the list could not be read."}`),
    });
  });

  return {
    page,
    async navigate(place) {
      if (!place.startsWith("device:")) {
        page.open(place);
        return;
      }
      page.show();
      const devices = await (await supervisor.server()).pairing.listDevices();
      const paired = devices.some(({ deviceId, status }) => `device:${deviceId}` === place && status !== "revoked");
      if (!paired) warn("A link to a phone that is not paired was opened: its list is shown instead.");
      page.open(paired ? place : "devices");
    },
    close() {
      stopPhones();
      stopAnswers();
      page.close();
    },
  };
}

/** Each kind of refusal has its line in the log, and in the audit trail, once: who asks without end does not fill them. */
function noteRefused({ supervisor, warn }: Pick<MainWindowDeps, "supervisor" | "warn">): PageDeps["refused"] {
  const noted = new Set<string>();
  return (channel, why) => {
    const kind = `${channel} ${why}`;
    if (noted.has(kind)) return;
    noted.add(kind);
    warn(`A message to the desktop app was refused (${channel}): ${why}.`);
    void supervisor.server().then(async ({ log, pairing }) => {
      log.warn("a message to the desktop app was refused", { channel, why });
      await pairing
        .noteRefusedMessage(channel, why)
        .catch(() => log.warn("a refusal could not be written into the audit trail", { channel }));
    });
  };
}

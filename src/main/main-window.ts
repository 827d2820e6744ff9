import path from "node:path";
import type { BrowserWindow, BrowserWindowConstructorOptions } from "electron";
import { messageOf } from "../base/message-of.ts";
import { present } from "../base/present.ts";
import type { Route } from "../contract/pairing-api.ts";
import type { DesktopPreferences, UpdateState } from "../contract/window-request-schemas.ts";
import { inLanguage } from "../operations/request-language.ts";
import type { Language } from "../words/languages.ts";
import { languageNow, say } from "../words/say.ts";
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
  /** Absent: the host updates itself. */
  readonly updates?: Pick<Updates, "state" | "check" | "install">;
  readonly warn: (line: string) => void;
}

const NO_UPDATES: UpdateState = { kind: "unavailable" };

export interface MainWindow {
  readonly page: PageWindow;
  /** Shows the page at this route; at the list of phones when the route is a phone that is not paired. */
  readonly navigate: (route: Route) => void;
  /** The page is not answered any more. The server keeps running until its supervisor closes it. */
  readonly close: () => void;
}

/** The window that the app and an IDE have in common: a page, and the answers to what it asks. */
export function openMainWindow(deps: MainWindowDeps): MainWindow {
  const { supervisor, distFolder, makeWindow, onWindow, warn } = deps;
  const page = createPageWindow({
    preload: path.join(distFolder, "preload/index.cjs"),
    makeWindow,
    mayOpen: async (address) => isOwnLink(address, (await supervisor.server()).baseUrl()),
    ...present({ onMade: onWindow }),
  });
  let language = languageNow();
  const stopAnswers = answerPage({
    page,
    async server() {
      const server = await supervisor.server();
      return { ask: async (name, input) => inLanguage(language, async () => server.ask(name, input)) };
    },
    onServer: supervisor.onServer,
    requests: windowRequests(deps, (chosen) => {
      language = chosen;
    }),
    refused: noteRefused(deps),
    warn(message, facts) {
      warn(message);
      void supervisor.server().then(({ log }) => log.warn(message, facts));
    },
  });
  const showPhone = async (route: Route): Promise<void> => {
    page.show();
    const devices = await (await supervisor.server()).pairing.listDevices();
    const paired = devices.some(({ deviceId, status }) => `device:${deviceId}` === route && status !== "revoked");
    if (!paired) warn(say("desktop.phoneNotPaired"));
    page.open(paired ? route : "devices");
  };
  return {
    page,
    navigate(route) {
      if (route.startsWith("device:")) void showPhone(route);
      else page.open(route);
    },
    close() {
      stopAnswers();
      page.close();
    },
  };
}

/** What the page asks of the host rather than of the server. */
function windowRequests(deps: MainWindowDeps, choose: (language: Language) => void): PageDeps["requests"] {
  const { supervisor, updates, preferences } = deps;
  return {
    serverState: async () => supervisor.state(),
    startServer: deps.startServer,
    restartServer: async () => supervisor.restart(),
    goBack: async () => supervisor.goBack(),
    chooseFolder: deps.chooseFolder,
    preferences: async () => preferences(),
    async setPreferences(change) {
      if (change.language !== undefined) choose(change.language);
      const problem = await deps.setPreferences(change).then(() => undefined, messageOf);
      return { ...preferences(), ...present({ problem }) };
    },
    updateState: async () => updates?.state() ?? NO_UPDATES,
    lookForUpdates: async () => updates?.check() ?? NO_UPDATES,
    installUpdate: async () => updates?.install() ?? NO_UPDATES,
  };
}

/** Logs and audits each kind of rejected message once, so that repeated ones fill neither the log nor the audit trail. */
function noteRefused({ supervisor, warn }: Pick<MainWindowDeps, "supervisor" | "warn">): PageDeps["refused"] {
  const noted = new Set<string>();
  return (channel, why) => {
    const kind = `${channel} ${why}`;
    if (noted.has(kind)) return;
    noted.add(kind);
    warn(say("desktop.messageRefused", { channel, why }));
    void supervisor.server().then(async ({ log, pairing }) => {
      log.warn("a message to the desktop app was refused", { channel, why });
      await pairing
        .noteRefusedMessage(channel, why)
        .catch(() => log.warn("a refusal could not be written into the audit trail", { channel }));
    });
  };
}

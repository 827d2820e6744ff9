import path from "node:path";
import type { BrowserWindow, BrowserWindowConstructorOptions } from "electron";
import type { DeskPreferences, UpdateState } from "../contract/desk-schemas.ts";
import type { Place } from "../contract/pairing-api.ts";
import type { Device } from "../core/index.ts";
import { followPhones } from "./follow-phones.ts";
import { answerPage, type PageNeeds } from "./ipc.ts";
import { isOwnLink } from "./outside-links.ts";
import { createPageWindow, type PageWindow } from "./page-window.ts";
import type { ServerKeeper } from "./server-keeper.ts";
import type { Updates } from "./updates.ts";

export interface DeskNeeds {
  readonly keeper: ServerKeeper;
  /** Where the build put `preload/`. */
  readonly distFolder: string;
  readonly makeWindow: (options: BrowserWindowConstructorOptions) => BrowserWindow;
  readonly onWindow?: (window: BrowserWindow) => void;
  readonly startServer: PageNeeds["desk"]["startServer"];
  readonly chooseFolder: PageNeeds["desk"]["chooseFolder"];
  readonly preferences: () => DeskPreferences;
  /** Rejects with one sentence. */
  readonly setPreferences: (change: DeskPreferences) => Promise<void>;
  readonly onPaired: (device: Device) => void;
  readonly onRevoked: (device: Device) => void;
  /** Absent: new versions are the host's business. */
  readonly updates?: Pick<Updates, "state" | "look" | "install">;
  readonly warn: (line: string) => void;
}

const NO_UPDATES: UpdateState = { kind: "unavailable" };

export interface Desk {
  readonly page: PageWindow;
  /** The page at this place; at the list of phones when the place is a phone that is not paired. */
  readonly lead: (place: Place) => Promise<void>;
  /** Nobody is answered from now on. The server goes on until its keeper closes it. */
  readonly close: () => void;
}

/** What the app and an IDE that embeds it have in common: a server, its page, and the news of its phones. */
export function openDesk(needs: DeskNeeds): Desk {
  const { keeper, distFolder, makeWindow, onWindow, warn } = needs;
  const page = createPageWindow({
    preload: path.join(distFolder, "preload/index.cjs"),
    makeWindow,
    mayOpen: async (address) => isOwnLink(address, (await keeper.server()).baseUrl()),
    ...(onWindow ? { onMade: onWindow } : {}),
  });
  const stopAnswers = answerPage({
    page,
    server: keeper.server,
    onServer: keeper.onServer,
    desk: {
      serverState: async () => keeper.state(),
      startServer: needs.startServer,
      restartServer: async () => keeper.restart(),
      goBack: async () => keeper.goBack(),
      chooseFolder: needs.chooseFolder,
      preferences: async () => needs.preferences(),
      async setPreferences(change) {
        const problem = await needs.setPreferences(change).then(
          () => undefined,
          (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)),
        );
        return { ...needs.preferences(), ...(problem === undefined ? {} : { problem }) };
      },
      updateState: async () => needs.updates?.state() ?? NO_UPDATES,
      lookForUpdates: async () => needs.updates?.look() ?? NO_UPDATES,
      installUpdate: async () => needs.updates?.install() ?? NO_UPDATES,
    },
    refused: noteRefused(needs),
    warn(message, facts) {
      warn(message);
      void keeper.server().then(({ log }) => log.warn(message, facts));
    },
  });
  let stopPhones: () => void = () => undefined;
  keeper.onServer(({ pairing }) => {
    stopPhones();
    stopPhones = followPhones(pairing, {
      paired: needs.onPaired,
      revoked: needs.onRevoked,
      failed: (cause) =>
        warn(`Nobody was told of a paired phone: ${cause instanceof Error ? cause.message : "the list could not be read."}`),
    });
  });

  return {
    page,
    async lead(place) {
      if (!place.startsWith("device:")) {
        page.open(place);
        return;
      }
      page.show();
      const devices = await (await keeper.server()).pairing.listDevices();
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
function noteRefused({ keeper, warn }: Pick<DeskNeeds, "keeper" | "warn">): PageNeeds["refused"] {
  const noted = new Set<string>();
  return (channel, why) => {
    const kind = `${channel} ${why}`;
    if (noted.has(kind)) return;
    noted.add(kind);
    warn(`A message to the desktop app was refused (${channel}): ${why}.`);
    void keeper.server().then(async ({ log, pairing }) => {
      log.warn("a message to the desktop app was refused", { channel, why });
      await pairing
        .noteRefusedMessage(channel, why)
        .catch(() => log.warn("a refusal could not be written into the audit trail", { channel }));
    });
  };
}

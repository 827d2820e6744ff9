import { messageOf } from "../base/message-of.ts";
import { present } from "../base/present.ts";
import type { ServerState } from "../contract/window-request-schemas.ts";
import { settingAtFault } from "../host/assemble.ts";
import { SettingsFileError } from "../host/open-settings.ts";
import type { SettingsStore } from "../settings/settings-store.ts";

type Failed = Extract<ServerState, { kind: "failed" }>;
type FaultySetting = NonNullable<ReturnType<typeof settingAtFault>>;

/** How a person can go back to settings with which the server starts. */
export interface WayBack {
  readonly kind: NonNullable<Failed["way_back"]>;
  readonly take: () => Promise<unknown>;
}

const FAULTS: Readonly<Record<FaultySetting, Failed["fault"]>> = {
  PAIRING_PORT: "local-port",
  PAIRING_PHONE_PORT: "phone-port",
  PAIRING_STORAGE_PATH: "folder",
  PAIRING_HOST: "other",
  PAIRING_PHONE_HOST: "other",
  PAIRING_METRICS_PORT: "other",
  PAIRING_METRICS_HOST: "other",
};

/** What the window shows of a start that failed. */
export function failureOf(
  cause: unknown,
  settings: SettingsStore | undefined,
  wayBack: WayBack | undefined,
  isFixed: (setting: string) => boolean,
): Failed {
  const sentence = messageOf(cause);
  const way = present({ way_back: wayBack?.kind });
  const setting = settingAtFault(cause);
  if (setting === undefined || !settings) return { kind: "failed", sentence, fault: "other", value: "", fixed: true, ...way };
  const { localPort, phonePort, storageFolder, localHost, phoneHost, metricsPort = "", metricsHost } = settings.inUse();
  const values: Readonly<Record<FaultySetting, string | number>> = {
    PAIRING_PORT: localPort,
    PAIRING_PHONE_PORT: phonePort,
    PAIRING_STORAGE_PATH: storageFolder,
    PAIRING_HOST: localHost,
    PAIRING_PHONE_HOST: phoneHost,
    PAIRING_METRICS_PORT: metricsPort,
    PAIRING_METRICS_HOST: metricsHost,
  };
  return { kind: "failed", sentence, fault: FAULTS[setting], value: String(values[setting]), fixed: isFixed(setting), ...way };
}

export function wayBackFrom(
  cause: unknown,
  settings: SettingsStore | undefined,
  lastWorking: SettingsStore | undefined,
  setAside: () => Promise<void>,
): WayBack | undefined {
  if (cause instanceof SettingsFileError && !settings) return { kind: "aside", take: setAside };
  if (lastWorking?.list().some(({ waiting }) => waiting)) return { kind: "previous", take: lastWorking.dropWaiting };
  const setting = settingAtFault(cause);
  if (setting === undefined || setting === "PAIRING_STORAGE_PATH" || settings?.saved()[setting] === undefined) return undefined;
  return { kind: "default", take: async () => settings.save({ [setting]: null }) };
}

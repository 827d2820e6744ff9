import * as z from "zod";
import { present } from "../base/present.ts";
import { createSerialQueue } from "../base/serial-queue.ts";
import { type SettingsFile, splitSettings } from "../base/settings-file.ts";
import { type FieldFault, type HostSetting, type HostSettings, PairingError, type SettingsChange } from "../core/index.ts";
import { say } from "../words/say.ts";
import { kindOf, type Option, textsOf } from "./option.ts";
import { OPTIONS, type OptionName } from "./options.ts";
import { isGiven } from "./read-option.ts";
import {
  examineSettings,
  SAVED_AMONG_SECRETS,
  type SavedSettings,
  type SettingFault,
  type Settings,
  type SettingsDefaults,
  SettingsError,
} from "./read-settings.ts";
import { unknownVariables } from "./unknown-variables.ts";
import { GATE, type UsableSettings, usableSettings } from "./usable-settings.ts";

/** A server's settings: the environment, then saved values, then defaults. */
export interface SettingsStore extends HostSettings {
  /** Saved values apply at once, except those that need a restart. */
  readonly inUse: () => Settings;
  readonly saved: () => SavedSettings;
  /** Probable mistakes in the environment, a sentence each, to print at start. */
  readonly warnings: readonly string[];
  /**
   * Records whether an admin token is stored where secrets are. Rejects with `invalid_request` if the gate would be left without
   * one.
   */
  readonly noteAdminToken: (isSaved: boolean) => Promise<void>;
  /** Discards saved values that wait for a restart. */
  readonly dropWaiting: () => Promise<void>;
  /**
   * Before the server starts: saved values are from now on those that `common` has for all servers of a database, but for settings of
   * `isOwn`, which stay where they are. Throws {@link SettingsError} when they cannot be used.
   */
  readonly share: (common: SettingsFile<SavedSettings>, isOwn: (name: string) => boolean) => void;
  /** Takes over what another server saved. Returns what is wrong with it for this one, a sentence each; that alone is not taken over. */
  readonly refresh: () => readonly string[];
}

export interface SettingsStoreDeps {
  readonly env: NodeJS.ProcessEnv;
  readonly defaults: SettingsDefaults;
  /** Was read, and holds no faults. */
  readonly file: SettingsFile<SavedSettings>;
}

/** Saved settings, as far as their form goes; `examineSettings` judges the values. */
export const SavedSettingsSchema: z.ZodType<SavedSettings> = z.record(z.string(), z.string());

/** The settings that can be changed on the page, in their order there. */
const EDITABLE = (Object.entries(OPTIONS) as [OptionName, Option][]).filter(([, { group }]) => group !== undefined);
const OPTION_OF: ReadonlyMap<string, Option> = new Map(EDITABLE);

/** Whether a saved setting stays with its server where others are shared. */
export function isOwnSetting(name: string): boolean {
  return OPTION_OF.get(name)?.own === true;
}

export function isEditable(name: string): name is OptionName {
  return OPTION_OF.has(name);
}

export function createSettingsStore({ env, defaults, file }: SettingsStoreDeps): SettingsStore {
  const examine = (saved: SavedSettings): Examined => examineSettings(env, defaults, saved);
  const state = createSavedState(file, examine);
  /** Serialised: parallel saves would undo each other. */
  const queue = createSerialQueue();
  const keep = async (change: (latest: SavedSettings) => SavedSettings): Promise<void> => queue.run(async () => state.update(change));

  const accepted = (latest: SavedSettings, change: SettingsChange): SavedSettings => {
    checkEditable(env, change);
    const next = changed(latest, change);
    checkTokenIsShared(change, examine(next).settings, state.isTokenShared());
    const faults = newFaults(examine, latest, next, Object.keys(change));
    if (faults.length > 0) throw rejection(faults.map(({ name, rule }) => ({ field: `values.${name}`, message: rule })));
    return next;
  };

  const list = (): HostSetting[] => EDITABLE.map(([name, option]) => described(name, option, env[name], state.valuesOf(name)));

  return {
    list,
    inUse: state.inUse,
    warnings: unknownVariables(env),
    saved: state.saved,
    dropWaiting: async () => keep(state.withRestartAsStarted),
    noteAdminToken: async (isSaved) =>
      keep((latest) => {
        const next = changed(latest, { ADMIN_TOKEN: isSaved ? SAVED_AMONG_SECRETS : null });
        // Saved values that wait for a restart are checked too: they must not leave the gate without a token.
        if (newFaults(examine, latest, next, []).length > 0)
          throw new PairingError("invalid_request", { params: { reason: "admin_token_in_use" } });
        return next;
      }),
    check: (change) => void accepted(state.saved(), change),
    async save(change) {
      await keep((latest) => accepted(latest, change));
      return list();
    },
    share: state.share,
    refresh: state.refresh,
  };
}

type Examined = ReturnType<typeof examineSettings>;

/** What is saved of one setting, and what of that is in use. */
interface SavedValues {
  readonly saved: string | undefined;
  readonly used: string | undefined;
  readonly fault: SettingFault | undefined;
}

/** The saved values with those that are in use: a restart may be needed for some, and others may be wrong at this server alone. */
function createSavedState(given: SettingsFile<SavedSettings>, examine: (saved: SavedSettings) => Examined) {
  let file = given;
  let started = file.read() ?? {};
  let saved = started;
  let usable = started;
  let used = started;
  let faults: UsableSettings["faults"] = new Map();
  let inUse = examine(started).settings;
  let isTokenShared = true;

  const withRestartAsStarted = (values: SavedSettings): SavedSettings => withRestartOf(values, started);
  const use = (next: SavedSettings): void => {
    saved = next;
    ({ values: usable, faults } = usableSettings(next, usable, examine));
    used = withRestartAsStarted(usable);
    inUse = examine(used).settings;
  };
  return {
    inUse: () => inUse,
    saved: () => saved,
    valuesOf: (name: OptionName): SavedValues => ({ saved: saved[name], used: used[name], fault: faults.get(name) }),
    isTokenShared: () => isTokenShared,
    withRestartAsStarted,
    async update(change: (latest: SavedSettings) => SavedSettings): Promise<void> {
      use(await file.update((latest) => change(latest ?? {})));
    },
    share(common: SettingsFile<SavedSettings>, isOwn: (name: string) => boolean): void {
      const together = splitSettings(common, file, isOwn);
      const next = together.read() ?? {};
      const { faults: found } = examine(next);
      if (found.length > 0) throw new SettingsError(sentencesOf(found).join("\n"));
      file = together;
      isTokenShared = !isOwn("ADMIN_TOKEN");
      started = next;
      usable = next;
      use(next);
    },
    refresh(): readonly string[] {
      use(file.read() ?? {});
      return sentencesOf(faults.values());
    },
  };
}

function sentencesOf(faults: Iterable<SettingFault>): readonly string[] {
  return [...new Set([...faults].map(({ sentence }) => sentence))];
}

/** Those that the change made: another server's value that is wrong here is not in the way of a right one. */
function newFaults(
  examine: (saved: SavedSettings) => Examined,
  before: SavedSettings,
  next: SavedSettings,
  names: readonly string[],
): readonly SettingFault[] {
  const known = sentencesOf(examine(before).faults);
  return examine(next).faults.filter(({ name, sentence }) => names.includes(name) || !known.includes(sentence));
}

/** The gate is all servers' as soon as it is saved, so their token has to be everyone's, too. */
function checkTokenIsShared(change: SettingsChange, { adminRequired, adminToken }: Settings, isTokenShared: boolean): void {
  if (!isTokenShared && GATE in change && adminRequired && adminToken === undefined)
    throw rejection([{ field: `values.${GATE}`, message: say("settingRules.gateTokenNotShared") }]);
}

/** Fixed settings, for a server that is started for inspection. */
export function fixedSettings(settings: Settings): SettingsStore {
  return {
    list: () => [],
    inUse: () => settings,
    warnings: [],
    saved: () => ({}),
    dropWaiting: async () => undefined,
    share: () => undefined,
    refresh: () => [],
    noteAdminToken: async () => refuseLocked(),
    check: refuseLocked,
    save: async () => refuseLocked(),
  };
}

/** A setting for the settings page: its value in the environment, as saved, and as in use. */
function described(
  name: OptionName,
  option: Option,
  fromEnvironment: string | undefined,
  { saved, used, fault }: SavedValues,
): HostSetting {
  const { group = "", restart = false } = option;
  const { description, defaultText } = textsOf(name, option);
  const locked = isGiven(fromEnvironment);
  return {
    name,
    group,
    ...kindOf(option),
    description,
    ...present({
      default: isGiven(defaultText) ? defaultText : undefined,
      value: locked ? fromEnvironment : saved,
      fault: locked ? undefined : fault?.rule,
    }),
    locked,
    restart,
    waiting: restart && !locked && !fault && meaningOf(option, saved) !== meaningOf(option, used),
  };
}

function checkEditable(env: NodeJS.ProcessEnv, change: SettingsChange): void {
  // The text is not shown: it may contain anything.
  if (!Object.keys(change).every(isEditable)) throw rejection([{ field: "values", message: say("settingRules.notOnThisPage") }]);
  const locked = Object.keys(change).filter((name) => isGiven(env[name]));
  if (locked.length > 0) throw new PairingError("setting_locked", { params: { reason: "variable", variable: locked.join(", ") } });
}

function refuseLocked(): never {
  throw new PairingError("setting_locked");
}

function rejection(fields: readonly FieldFault[]): PairingError {
  const names = fields.map(({ field }) => field.replace("values.", ""));
  return new PairingError("invalid_request", { params: { reason: "settings", settings: names.join(", ") }, fields });
}

/** An empty text counts as not set, as in the environment. */
function changed(saved: SavedSettings, change: SettingsChange): SavedSettings {
  const next = { ...saved, ...change };
  return Object.fromEntries(Object.entries(next).filter(([, text]) => text !== null && text !== "" && text !== undefined));
}

/** The saved values, with those of the start where a restart is needed. */
function withRestartOf(saved: SavedSettings, started: SavedSettings): SavedSettings {
  const isRead = ([name]: readonly [string, unknown]): boolean => OPTION_OF.get(name)?.restart === true;
  return Object.fromEntries([...Object.entries(saved).filter((entry) => !isRead(entry)), ...Object.entries(started).filter(isRead)]);
}

/** A canonical form: equal for every spelling of a value, and for a typed default. */
function meaningOf({ schema, default: defaultValue }: Option, text: string | undefined): string {
  const read = schema.safeParse(text ?? defaultValue ?? "");
  return JSON.stringify(read.success ? read.data : (text ?? defaultValue));
}

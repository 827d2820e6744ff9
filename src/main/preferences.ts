import { existsSync, lstatSync, renameSync } from "node:fs";
import path from "node:path";
import ElectronStore from "electron-store";
import * as z from "zod";
import { LANGUAGE_TAGS } from "../words/languages.ts";
import { say as sayInWords } from "../words/say.ts";

const Preferences = z.object({
  window: z
    .object({
      x: z.number().int(),
      y: z.number().int(),
      width: z.number().int().min(1),
      height: z.number().int().min(1),
      maximized: z.boolean(),
    })
    .optional(),
  /** Chosen on the page. */
  language: z.enum(LANGUAGE_TAGS).optional().catch(undefined),
  closeToTray: z.boolean().default(true),
  /** Closing the window was explained once. */
  toldAboutTray: z.boolean().default(false),
  startAtLogin: z.boolean().default(false),
  lookForUpdates: z.boolean().default(false),
  /** Of a version that kept them here: they become saved settings at the first start. */
  localPort: z.number().int().min(0).max(65535).optional(),
  phonePort: z.number().int().min(0).max(65535).optional(),
  /** Chosen in the window when the default one could not be used. */
  storageFolder: z.string().min(1).max(4096).optional(),
});
export type Preferences = z.output<typeof Preferences>;

export interface PreferenceStore {
  readonly get: () => Preferences;
  /** Remembers it now; on disk as well as the disk allows. */
  readonly set: (change: Partial<Preferences>) => void;
}

const NAME = "preferences";

/**
 * Preferences of the app: the window's position, the tray. Nothing that a phone relies on, since the library loses its file on a full
 * disk, and its last write in a power cut. A damaged file is reported, set aside and started again.
 */
export function openPreferences(folder: string, say: (line: string) => void): PreferenceStore {
  const file = path.join(folder, `${NAME}.json`);
  const open = (): ElectronStore => {
    const found = lstatSync(file, { throwIfNoEntry: false });
    // Reading a pipe would wait for its other end, and the whole app with it.
    if (found && !found.isFile() && !found.isSymbolicLink()) throw new Error("not a plain file");
    return new ElectronStore({ cwd: folder, name: NAME, configFileMode: 0o600, accessPropertiesByDotNotation: false });
  };

  let store: ElectronStore | undefined;
  let known = Preferences.parse({});
  try {
    store = open();
    known = Preferences.parse(store.store);
  } catch (cause) {
    store = isDamage(cause) ? anew() : undefined;
    if (!store) say(sayInWords("desktop.preferencesUnusable", { file, why: reasonOf(cause) }));
  }

  function anew(): ElectronStore | undefined {
    try {
      const aside = freeName(folder);
      renameSync(file, aside);
      say(sayInWords("desktop.preferencesDamaged", { file, aside }));
      return open();
    } catch {
      return undefined;
    }
  }

  return {
    get: () => known,
    set(change) {
      known = { ...known, ...change };
      try {
        if (store) store.store = JSON.parse(JSON.stringify(known)) as Record<string, unknown>;
      } catch (cause) {
        say(sayInWords("desktop.fileUnwritable", { file, why: reasonOf(cause) }));
      }
    },
  };
}

function isDamage(cause: unknown): boolean {
  return cause instanceof SyntaxError || cause instanceof z.ZodError;
}

function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  return code ?? message;
}

function freeName(folder: string): string {
  for (let number = 1; ; number += 1) {
    const name = path.join(folder, `${NAME}.damaged-${number}.json`);
    if (!existsSync(name)) return name;
  }
}

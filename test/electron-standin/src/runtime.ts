import type { Chromium } from "./cdp.js";

export class StandinError extends Error {
  override name = "ElectronStandinError";
}

/** Everything the modules share. One per process. */
export const rt = {
  chromium: undefined as Chromium | undefined,
  headless: true,
  ready: false,
  mainLoaded: false,
  quitting: false,
  exiting: false,
  debuggingPort: undefined as string | undefined,
  switches: new Map<string, string | undefined>(),
  appPath: process.cwd(),
  exePath: process.execPath,
  argv: [] as string[],
  verbose: Boolean(process.env.ELECTRON_ENABLE_LOGGING),
  /** API members the app really touched: input for the conformance run on real Electron */
  ledger: new Set<string>(),
  log(msg: string) {
    process.stderr.write(`[electron stand-in] ${msg}\n`);
  },
};

const QUIET = new Set(["then", "toJSON", "constructor", "prototype", "asymmetricMatch", "nodeType", "$$typeof", "__esModule", "default"]);

/**
 * Wrap an object so that reading a member the stand-in lacks is an error that names it.
 * `absent` lists members that really are undefined on this platform (feature tests such as `app.dock?.…`).
 */
export function strict<T extends object>(target: T, name: string, absent: readonly string[] = []): T {
  return new Proxy(target, {
    get(t, k) {
      if (typeof k === "symbol" || k in t) {
        if (typeof k === "string" && !k.startsWith("_")) rt.ledger.add(`${name}.${k}`);
        return Reflect.get(t, k);
      }
      if (QUIET.has(k) || k.startsWith("_") || absent.includes(k)) return undefined;
      throw new StandinError(
        `${name}.${k} is not implemented by the Electron stand-in. Add it to standin/src (with its type from electron.d.ts) or do not use it.`,
      );
    },
    set(t, k, v) {
      return Reflect.set(t, k, v);
    },
  });
}

export function refuse(what: string, why = ""): never {
  throw new StandinError(`${what} is not modelled by the Electron stand-in${why ? `: ${why}` : ""}.`);
}

export interface PreventableEvent {
  preventDefault(): void;
  readonly defaultPrevented: boolean;
  [k: string]: unknown;
}
export function makeEvent(extra: Record<string, unknown> = {}): PreventableEvent {
  let prevented = false;
  return Object.defineProperties(
    {
      preventDefault() {
        prevented = true;
      },
      ...extra,
    } as any,
    {
      defaultPrevented: { get: () => prevented },
    },
  );
}

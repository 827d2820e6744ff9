import type { Instant, Log, ReachFinding, Tunnel, TunnelFailure, TunnelState } from "../../core/index.ts";

export interface RunTimeouts {
  /** For an address, and the connection behind it. */
  readonly address: number;
  /** Between asking it to end and ending it. */
  readonly end: number;
  /** For a lost connection to come back. */
  readonly reconnect?: number;
}

export interface RunListener {
  readonly online: (address: string) => void;
  /** Once, when nothing of it runs any more. */
  readonly ended: (failure: TunnelFailure, output: string | undefined) => void;
}

/** One run of a tunnel, from its start to its end. */
export interface Run {
  /** Resolves when it has ended. */
  readonly stop: () => Promise<void>;
}

/** What a run needs is there, or why it is not. */
export type Prepared =
  | { readonly program: string; readonly run: (timeouts: RunTimeouts, listener: RunListener) => Run }
  | { readonly failure: TunnelFailure; readonly output?: string };

export interface TunnelTimeouts extends RunTimeouts {
  /** Before it is tried again the first time; twice as long each time after. */
  readonly firstWait: number;
  readonly longestWait: number;
  /** A tunnel that stood this long is waited for anew. */
  readonly steady: number;
  /** Between two looks at the public address, and before the look that confirms what a first one missed. */
  readonly probeEvery?: number;
  readonly probeAgain?: number;
}

export interface TunnelDeps {
  /** Asked before each run. Never rejects. */
  readonly prepare: () => Promise<Prepared>;
  /** Whether this server answers at its public address. Never rejects. Absent: nobody looks. */
  readonly probe?: ((address: string) => Promise<ReachFinding>) | undefined;
  readonly now: () => Instant;
  readonly changed: () => void;
  readonly log: Log;
  readonly timeouts?: TunnelTimeouts | undefined;
}

export const PROBE = { every: 20_000, again: 5000 };
const TIMEOUTS: TunnelTimeouts = { address: 40_000, end: 2000, firstWait: 2000, longestWait: 300_000, steady: 60_000 };

/** Only a person can mend these: another try would end the same way. */
const FOR_GOOD: ReadonlySet<TunnelFailure> = new Set([
  "not_installed",
  "not_runnable",
  "not_trusted",
  "strange_address",
  "ngrok_not_installed",
  "ngrok_sealed",
  "ngrok_not_loadable",
  "ngrok_no_authtoken",
  "ngrok_authtoken_refused",
  "ngrok_account_closed",
  "ngrok_too_old",
  "ngrok_strange_address",
]);

/** A tunnel that is started, watched, and started again when it ends: whoever runs it. */
export function createTunnel(deps: TunnelDeps): Tunnel {
  const { now, log } = deps;
  const timeouts = deps.timeouts ?? TIMEOUTS;
  let state: TunnelState = { kind: "off" };
  let run: Run | undefined;
  /** Runs that were told to stop, and may not have. */
  let stopping: Promise<unknown> = Promise.resolve();
  let again: NodeJS.Timeout | undefined;
  let wait = timeouts.firstWait;
  /** What was begun before the last start or stop is nobody's any more. */
  let turn = 0;
  let nextProbe: NodeJS.Timeout | undefined;

  const become = (next: TunnelState): void => {
    state = next;
    deps.changed();
  };

  const fail = (failure: TunnelFailure, output: string | undefined): void => {
    const words = output === undefined ? {} : { output };
    log.warn("the tunnel failed", { failure, ...words });
    if (FOR_GOOD.has(failure)) {
      become({ kind: "failed", failure, ...words });
      return;
    }
    become({ kind: "failed", failure, ...words, again: now() + wait });
    const mine = turn;
    again = setTimeout(() => {
      if (mine === turn) void begin();
    }, wait);
    again.unref();
    wait = Math.min(wait * 2, timeouts.longestWait);
  };

  /**
   * A program may live without a connection and say nothing of it. What was reached before and is not reached twice in a row counts as
   * lost; an address that this computer never reached may still be reached by phones.
   */
  const watch = (address: string, mine: number, seen: { reached: boolean; missed: boolean } = { reached: false, missed: false }): void => {
    const { probe } = deps;
    if (!probe) return;
    const wait = seen.missed ? (timeouts.probeAgain ?? PROBE.again) : (timeouts.probeEvery ?? PROBE.every);
    clearTimeout(nextProbe);
    nextProbe = setTimeout(() => {
      void probe(address).then((finding) => {
        if (mine !== turn || state.kind !== "online") return;
        const missed = finding === "tunnel_broken" || (seen.reached && finding === "no_answer");
        if (missed && seen.missed) lose(address);
        else watch(address, mine, { reached: seen.reached || finding === "reached", missed });
      });
    }, wait);
    nextProbe.unref();
  };

  const lose = (address: string): void => {
    log.warn("nothing comes through the tunnel any more", { address });
    if (state.kind === "online" && now() - state.since >= timeouts.steady) wait = timeouts.firstWait;
    turn += 1;
    if (run) stopping = Promise.all([stopping, run.stop()]);
    run = undefined;
    fail("disconnected", undefined);
  };

  const begin = async (): Promise<void> => {
    turn += 1;
    const mine = turn;
    become({ kind: "starting", since: now() });
    const prepared = await deps.prepare();
    if (mine !== turn) return;
    if ("failure" in prepared) {
      fail(prepared.failure, prepared.output);
      return;
    }
    let since: Instant | undefined;
    run = prepared.run(timeouts, {
      online(address) {
        if (mine !== turn) return;
        since = now();
        log.info("the tunnel is online", { address });
        become({ kind: "online", address, since });
        watch(address, mine);
      },
      ended(failure, output) {
        if (mine !== turn) return;
        run = undefined;
        if (since !== undefined && now() - since >= timeouts.steady) wait = timeouts.firstWait;
        fail(failure, output);
      },
    });
    log.info("the tunnel starts", { program: prepared.program });
  };

  return {
    state: () => state,
    start() {
      if (state.kind === "starting" || state.kind === "online") return;
      clearTimeout(again);
      wait = timeouts.firstWait;
      void begin();
    },
    async stop() {
      clearTimeout(again);
      clearTimeout(nextProbe);
      turn += 1;
      if (run) {
        log.info("the tunnel is stopped");
        stopping = Promise.all([stopping, run.stop()]);
        run = undefined;
      }
      if (state.kind !== "off") become({ kind: "off" });
      await stopping;
    },
  };
}

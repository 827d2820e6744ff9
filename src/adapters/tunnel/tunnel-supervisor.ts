import { present } from "../../base/present.ts";
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
  /** Between two probes of the public address, and before the probe that confirms a first one without an answer. */
  readonly probeEvery?: number;
  readonly probeAgain?: number;
}

export interface TunnelDeps {
  /** Asked before each run. Never rejects. */
  readonly prepare: () => Promise<Prepared>;
  /** Whether this server answers at its public address. Never rejects. Absent: it is not probed. */
  readonly probe?: ((address: string) => Promise<ReachFinding>) | undefined;
  readonly now: () => Instant;
  readonly changed: () => void;
  readonly log: Log;
  readonly timeouts?: TunnelTimeouts | undefined;
}

export const PROBE = { every: 20_000, again: 5000 };
const TIMEOUTS: TunnelTimeouts = { address: 40_000, end: 2000, firstWait: 2000, longestWait: 300_000, steady: 60_000 };

/** Only a person can fix these: another try would end the same way. */
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

interface Supervised extends TunnelDeps {
  readonly timeouts: TunnelTimeouts;
  state: TunnelState;
  run: Run | undefined;
  /** Resolves when all runs that were stopped have ended. */
  stopping: Promise<unknown>;
  again: NodeJS.Timeout | undefined;
  wait: number;
  /** Results of a former turn, which ended with a start or a stop, are ignored. */
  turn: number;
  nextProbe: NodeJS.Timeout | undefined;
}

/** Starts a tunnel, watches it, and starts it again when it ends. */
export function createTunnel(deps: TunnelDeps): Tunnel {
  const timeouts = deps.timeouts ?? TIMEOUTS;
  const tunnel: Supervised = {
    ...{ ...deps, timeouts, state: { kind: "off" }, run: undefined, stopping: Promise.resolve() },
    ...{ again: undefined, wait: timeouts.firstWait, turn: 0, nextProbe: undefined },
  };
  return {
    state: () => tunnel.state,
    start() {
      if (tunnel.state.kind === "starting" || tunnel.state.kind === "online") return;
      clearTimeout(tunnel.again);
      tunnel.wait = timeouts.firstWait;
      void begin(tunnel);
    },
    async stop() {
      clearTimeout(tunnel.again);
      clearTimeout(tunnel.nextProbe);
      if (tunnel.run) deps.log.info("the tunnel is stopped");
      endTurn(tunnel);
      if (tunnel.state.kind !== "off") become(tunnel, { kind: "off" });
      await tunnel.stopping;
    },
  };
}

function become(tunnel: Supervised, state: TunnelState): void {
  tunnel.state = state;
  tunnel.changed();
}

function endTurn(tunnel: Supervised): void {
  tunnel.turn += 1;
  if (tunnel.run) tunnel.stopping = Promise.all([tunnel.stopping, tunnel.run.stop()]);
  tunnel.run = undefined;
}

async function begin(tunnel: Supervised): Promise<void> {
  const { now, log, timeouts } = tunnel;
  tunnel.turn += 1;
  const { turn } = tunnel;
  become(tunnel, { kind: "starting", since: now() });
  const prepared = await tunnel.prepare();
  if (turn !== tunnel.turn) return;
  if ("failure" in prepared) {
    fail(tunnel, prepared.failure, prepared.output);
    return;
  }
  tunnel.run = prepared.run(timeouts, {
    online(address) {
      if (turn !== tunnel.turn) return;
      log.info("the tunnel is online", { address });
      become(tunnel, { kind: "online", address, since: now() });
      watch(tunnel, address);
    },
    ended(failure, output) {
      if (turn !== tunnel.turn) return;
      tunnel.run = undefined;
      fail(tunnel, failure, output);
    },
  });
  log.info("the tunnel starts", { program: prepared.program });
}

function fail(tunnel: Supervised, failure: TunnelFailure, output?: string): void {
  const { state, turn, now, timeouts } = tunnel;
  if (state.kind === "online" && now() - state.since >= timeouts.steady) tunnel.wait = timeouts.firstWait;
  const failed = { kind: "failed", failure, ...present({ output }) } as const;
  tunnel.log.warn("the tunnel failed", { failure, ...present({ output }) });
  if (FOR_GOOD.has(failure)) {
    become(tunnel, failed);
    return;
  }
  const { wait } = tunnel;
  become(tunnel, { ...failed, again: now() + wait });
  tunnel.again = setTimeout(() => {
    if (turn === tunnel.turn) void begin(tunnel);
  }, wait).unref();
  tunnel.wait = Math.min(wait * 2, timeouts.longestWait);
}

/**
 * A program may live without a connection and print nothing of it. What was reached before and is not reached twice in a row counts as
 * lost; an address that this computer never reached may still be reached by phones.
 */
function watch(tunnel: Supervised, address: string, seen = { reached: false, missed: false }): void {
  const { probe, timeouts, turn } = tunnel;
  if (!probe) return;
  const wait = seen.missed ? (timeouts.probeAgain ?? PROBE.again) : (timeouts.probeEvery ?? PROBE.every);
  clearTimeout(tunnel.nextProbe);
  tunnel.nextProbe = setTimeout(() => {
    void probe(address).then((finding) => {
      if (turn !== tunnel.turn || tunnel.state.kind !== "online") return;
      const missed = finding === "tunnel_broken" || (seen.reached && finding === "no_answer");
      if (missed && seen.missed) lose(tunnel, address);
      else watch(tunnel, address, { reached: seen.reached || finding === "reached", missed });
    });
  }, wait).unref();
}

function lose(tunnel: Supervised, address: string): void {
  tunnel.log.warn("nothing comes through the tunnel any more", { address });
  endTurn(tunnel);
  fail(tunnel, "disconnected");
}

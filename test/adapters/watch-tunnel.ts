import { expect } from "vitest";
import { createTunnel, type TunnelDeps, type TunnelTimeouts } from "../../src/adapters/tunnel/tunnel-supervisor.ts";
import type { Tunnel, TunnelState } from "../../src/core/index.ts";
import { afterEachTest } from "../after-each-test.ts";

/** No retries, and no time limit for a healthy start. */
export const PATIENT: TunnelTimeouts = { address: 30_000, end: 20_000, firstWait: 3_600_000, longestWait: 3_600_000, steady: 0 };

const tunnels: Tunnel[] = [];
afterEachTest(async () => {
  await Promise.all(tunnels.splice(0).map((tunnel) => tunnel.stop()));
});

export interface Watched {
  readonly tunnel: Tunnel;
  readonly states: TunnelState[];
  readonly logged: string[];
  /** The first state of this kind from now on, or the present one. */
  readonly becomes: <K extends TunnelState["kind"]>(kind: K) => Promise<Extract<TunnelState, { kind: K }>>;
}

/** A tunnel whose states and log lines are recorded, and which is stopped after the test. */
export function watchTunnel(prepare: TunnelDeps["prepare"], part: Partial<Pick<TunnelDeps, "now" | "timeouts" | "probe">> = {}): Watched {
  const states: TunnelState[] = [];
  const logged: string[] = [];
  const log = (message: string, facts = {}): void => void logged.push(`${message} ${JSON.stringify(facts)}`);
  const tunnel = createTunnel({
    prepare,
    now: Date.now,
    changed: () => void states.push(tunnel.state()),
    log: { info: log, warn: log, error: log },
    timeouts: PATIENT,
    ...part,
  });
  tunnels.push(tunnel);
  return {
    tunnel,
    states,
    logged,
    async becomes(kind) {
      await expect.poll(() => tunnel.state().kind, { timeout: 30_000 }).toBe(kind);
      return tunnel.state() as never;
    },
  };
}

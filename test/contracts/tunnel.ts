import { describe, expect, it } from "vitest";
import type { TunnelDeps } from "../../src/adapters/tunnel/tunnel-supervisor.ts";
import { PATIENT, watchTunnel } from "../adapters/watch-tunnel.ts";

export interface TunnelPlay {
  readonly prepare: TunnelDeps["prepare"];
  /** The number of started runs. */
  readonly begun: () => number;
  /** The number of runs with a live process. */
  readonly alive: () => number;
}

/** The contract of a tunnel, for every provider. `play` makes one whose runs all go well, or all fail at once. */
export function describeTunnel(runner: string, play: (how: "well" | "badly") => TunnelPlay): void {
  describe(`a tunnel run by ${runner}`, () => {
    it("is started only when it is asked for, and once", async () => {
      const { prepare, begun } = play("well");
      const { tunnel, states, becomes } = watchTunnel(prepare);
      expect(tunnel.state()).toEqual({ kind: "off" });
      tunnel.start();
      tunnel.start();
      expect(tunnel.state()).toMatchObject({ kind: "starting" });
      await becomes("online");
      tunnel.start();
      expect(states.map(({ kind }) => kind)).toEqual(["starting", "online"]);
      expect(begun()).toBe(1);
    });

    it("is off when it is stopped, and nothing of it runs any more", async () => {
      const { prepare, alive } = play("well");
      const { tunnel, becomes } = watchTunnel(prepare);
      tunnel.start();
      await becomes("online");
      await tunnel.stop();
      expect([tunnel.state(), alive()]).toEqual([{ kind: "off" }, 0]);
      await tunnel.stop();
      tunnel.start();
      await becomes("online");
    });

    it("is waited for longer each time it fails, up to a limit", async () => {
      const timeouts = { ...PATIENT, firstWait: 1, longestWait: 4 };
      const { tunnel, states } = watchTunnel(play("badly").prepare, { now: () => 0, timeouts });
      tunnel.start();
      const waits = (): (number | undefined)[] => states.flatMap((state) => (state.kind === "failed" ? [state.again] : []));
      await expect.poll(() => waits().length, { timeout: 30_000 }).toBeGreaterThanOrEqual(4);
      await tunnel.stop();
      expect(waits().slice(0, 4)).toEqual([1, 2, 4, 4]);
    });

    it("is not tried again once it was stopped, and at once when somebody wants it", async () => {
      const { prepare, begun } = play("badly");
      const { tunnel, becomes } = watchTunnel(prepare);
      tunnel.start();
      await becomes("failed");
      await tunnel.stop();
      expect([tunnel.state(), begun()]).toEqual([{ kind: "off" }, 1]);
      tunnel.start();
      await becomes("failed");
      tunnel.start();
      await expect.poll(begun, { timeout: 30_000 }).toBe(3);
    });
  });
}

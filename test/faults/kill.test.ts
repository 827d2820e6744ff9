import { rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { freshHome, killServers, startHeadless } from "../e2e/headless.ts";
import { dice } from "./dice.ts";
import { howMany, say, spread } from "./figures.ts";
import { createWorld, WIDE } from "./world.ts";

const CYCLES = howMany("FAULTS_KILLS", 1000);
/** Cycles on one storage folder: a start reads all of it, so the next folder begins where starts would get slow. Before, all of it is checked. */
const ON_ONE_FOLDER = 250;
const WRITERS = 8;
const SEED = howMany("FAULTS_SEED", 20_260_115);

afterEach(killServers);

it(`${CYCLES} times kill -9 under ${WRITERS} writers: nothing acknowledged is lost, nothing revoked comes back, every start succeeds`, async () => {
  const roll = dice(SEED);
  const began = performance.now();
  const starts: number[] = [];
  const total = { acknowledged: 0, doubts: 0, done: 0, dead: 0 };
  for (let cycle = 0; cycle < CYCLES; ) {
    const home = freshHome();
    const world = createWorld(home, WRITERS, SEED + cycle);
    const until = Math.min(CYCLES, cycle + ON_ONE_FOLDER);
    const start = async (older: number) => {
      try {
        const started = performance.now();
        const server = await startHeadless(home, WIDE);
        starts.push(performance.now() - started);
        const { doubts, done } = await world.settle(server);
        total.doubts += doubts;
        total.done += done;
        await world.check(server, older);
        return server;
      } catch (cause) {
        throw new Error(`After cycle ${cycle} (FAULTS_SEED=${SEED}), in ${home}`, { cause });
      }
    };
    for (; cycle < until; cycle += 1) {
      const server = await start(1);
      const load = world.load(server);
      await load.begun;
      await delay(roll() * 120);
      if (cycle % 4 === 3) {
        // A checkpoint is written when changes have paused: every fourth kill looks for one.
        load.stop();
        await load.ended;
        await delay(280 + roll() * 60);
      }
      server.child.kill("SIGKILL");
      await server.ended;
      await load.ended;
      if ((cycle + 1) % 50 === 0) {
        const perCycle = (performance.now() - began) / (cycle + 1);
        say(`kill -9: ${cycle + 1} of ${CYCLES} cycles, ${perCycle.toFixed(0)} ms each; starts ${spread(starts.slice(-50))}`);
      }
    }
    const server = await start(Number.POSITIVE_INFINITY);
    server.child.kill("SIGTERM");
    expect((await server.ended).code).toBe(0);
    total.acknowledged += world.acknowledged();
    total.dead += world.writers.reduce((sum, { dead }) => sum + dead.length, 0);
    rmSync(home, { recursive: true });
  }
  say(
    `kill -9: ${CYCLES} cycles in ${((performance.now() - began) / 1000).toFixed(0)} s, ${total.acknowledged} acknowledged changes, 0 lost; ` +
      `${total.dead} tokens taken away, 0 came back; ${total.doubts} requests without an answer, ${total.done} of them done; ` +
      `${starts.length} starts, 0 failed, ${spread(starts)}`,
  );
  expect(total.acknowledged).toBeGreaterThan(CYCLES);
  // The kills hit requests in the middle, or they would prove nothing.
  expect(total.doubts).toBeGreaterThan(CYCLES);
});

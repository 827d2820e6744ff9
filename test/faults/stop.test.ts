import { rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { freshHome, killServers, startHeadless } from "../e2e/headless.ts";
import { dice } from "./dice.ts";
import { howMany, say, spread } from "./figures.ts";
import { createWorld, WIDE } from "./world.ts";

const STOPS = howMany("FAULTS_STOPS", 100);
const WRITERS = 12;
const SEED = howMany("FAULTS_SEED", 20_260_115);

afterEach(killServers);

it(`${STOPS} times SIGTERM under ${WRITERS} writers: exit 0 within 5 s, every answer true, nothing done without an answer`, async () => {
  const roll = dice(SEED);
  const home = freshHome();
  const world = createWorld(home, WRITERS, SEED);
  const took: number[] = [];
  let turnedAway = 0;
  for (let turn = 0; turn <= STOPS; turn += 1) {
    const server = await startHeadless(home, WIDE);
    // Who got no answer was turned away: what was asked has not been done.
    const { doubts, done } = await world.settle(server);
    if (done > 0) throw new Error(`after stop ${turn} (FAULTS_SEED=${SEED}): ${done} of ${doubts} unanswered requests had been done`);
    turnedAway += doubts;
    await world.check(server, turn === STOPS ? Number.POSITIVE_INFINITY : 1);
    const load = world.load(server);
    await load.begun;
    await delay(roll() * 150);
    const asked = performance.now();
    server.child.kill(roll() < 0.5 ? "SIGTERM" : "SIGINT");
    const { code, printed } = await server.ended;
    took.push(performance.now() - asked);
    await load.ended;
    expect([code, printed.includes("did not stop cleanly")]).toEqual([0, false]);
    if ((turn + 1) % 25 === 0) say(`stop: ${turn + 1} of ${STOPS}, ${spread(took)}`);
  }
  expect(Math.max(...took)).toBeLessThan(5000);
  say(
    `stop: ${STOPS} × SIGTERM or SIGINT under load, exit 0 each, ${spread(took)}; ${world.acknowledged()} acknowledged changes, 0 lost; ${turnedAway} requests turned away, 0 of them done`,
  );
  rmSync(home, { recursive: true });
});

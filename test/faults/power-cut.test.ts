import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { freshHome, killServers, startHeadless } from "../e2e/headless.ts";
import { dice } from "./dice.ts";
import { howMany, say } from "./figures.ts";
import { createWorld, storageOf, WIDE } from "./world.ts";

const CUTS = howMany("FAULTS_CUTS", 40);
const SEED = howMany("FAULTS_SEED", 20_260_115);
const PAGE = 4096;

afterEach(killServers);

it(`${CUTS} times pages of the audit trail that were not synced are gone after a kill under load: no line is lost`, async () => {
  const home = freshHome();
  const world = createWorld(home, 4, SEED);
  const roll = dice(SEED);
  const trail = path.join(storageOf(home), "pairing_audit.jsonl");
  const journal = path.join(storageOf(home), "pairing_journal.jsonl");
  const numbers = (): number[] => [...readFileSync(trail, "utf8").matchAll(/"seq":(\d+)/g)].map(([, seq]) => Number(seq));
  let pages = 0;
  let server = await startHeadless(home, WIDE);
  for (let cut = 0; cut < CUTS; cut += 1) {
    try {
      const load = world.load(server);
      await load.begun;
      await delay(20 + roll() * 80);
      server.child.kill("SIGKILL");
      await server.ended;
      await load.ended;
      const before = numbers();
      // The journal has the lines of the trail from its first on: the disk need not have had those.
      const first = /"audit":\[\{[^}]*?"seq":(\d+)/.exec(readFileSync(journal, "utf8"))?.[1];
      const bytes = readFileSync(trail);
      const synced = first === undefined ? bytes.length : bytes.indexOf(`"seq":${first},`);
      if (first !== undefined && synced > 0) {
        const start = bytes.lastIndexOf(10, synced) + 1;
        if (roll() < 0.3) truncateSync(trail, start + Math.floor(roll() * (bytes.length - start)));
        else {
          for (let from = start - (start % PAGE); from < bytes.length; from += PAGE) {
            if (roll() < 0.5) continue;
            bytes.fill(0, Math.max(from, start), Math.min(from + PAGE, bytes.length));
            pages += 1;
          }
          writeFileSync(trail, bytes);
        }
      }
      server = await startHeadless(home, WIDE);
      expect(numbers().slice(0, before.length)).toEqual(before);
      expect(numbers()).toEqual(Array.from(numbers().keys(), (index) => index + 1));
      await world.settle(server);
      await world.check(server, 1);
    } catch (cause) {
      throw new Error(`cut ${cut} (FAULTS_SEED=${SEED}), in ${home}`, { cause });
    }
  }
  await world.check(server, Number.POSITIVE_INFINITY);
  say(`power cut: ${CUTS} times, ${pages} pages gone, ${world.acknowledged()} acknowledged changes, no line lost`);
  expect(pages).toBeGreaterThan(CUTS / 2);
  server.child.kill("SIGKILL");
  await server.ended;
  rmSync(home, { recursive: true });
});

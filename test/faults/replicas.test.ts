import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { killServers } from "../e2e/headless.ts";
import { hasNginx, startShippedNginx, stopNginx } from "../e2e/nginx.ts";
import { hasPgBouncer, type Pooler, startPgBouncer } from "../pgbouncer.ts";
import { dice } from "./dice.ts";
import { howMany, say, sayTable } from "./figures.ts";
import { checkAll, checkSome, checkTrail } from "./replicas/check.ts";
import { createClient } from "./replicas/client.ts";
import { type Cluster, postgresPrograms, startCluster } from "./replicas/cluster.ts";
import { type MemoryUse, watchMemory } from "./replicas/memory.ts";
import { createModel, type Model } from "./replicas/model.ts";
import { createReplicas, type Replica } from "./replicas/replicas.ts";
import { household, otpTries, type StoryDeps, textBudget } from "./replicas/stories.ts";

const MINUTES = howMany("REPLICAS_MINUTES", 20);
const SEED = howMany("FAULTS_SEED", 20_260_115);
const REPLICAS = 3;
const HOUSEHOLDS = 8;
const FULL_MS = 20_000;
const PAUSE_MS = 30_000;
/** A shorter run sees little more than what is loaded and compiled at first. */
const FLAT_AFTER_MINUTES = 10;
const MAX_GROWTH = 1.25;

let cluster: Cluster | undefined;
let pooler: Pooler | undefined;
afterEach(async () => {
  stopNginx();
  killServers();
  await pooler?.stop();
  await cluster?.stop();
});

it.skipIf(postgresPrograms === undefined || !hasNginx)(
  `${REPLICAS} servers on one database for ${MINUTES} minutes of faults: nothing acknowledged is lost, nothing happens twice (Debian: apt-get install postgresql nginx-light)`,
  async () => {
    const model = createModel();
    cluster = await startCluster(postgresPrograms ?? "");
    pooler = hasPgBouncer ? await startPgBouncer(cluster.url) : undefined;
    if (!pooler) say("replicas: left out: PgBouncer (Debian: apt-get install pgbouncer)");
    // The first is behind a pooler and finds changes without notifications; the others listen.
    const replicas = await createReplicas([pooler?.url ?? cluster.url, cluster.url, cluster.url], model);
    await Promise.all(replicas.map(async (replica) => replica.start()));
    const addresses = {
      proxyLocal: await startShippedNginx(
        replicas.map(({ localAddress }) => localAddress),
        "local",
      ),
      proxyPhone: await startShippedNginx(
        replicas.map(({ phoneAddress }) => phoneAddress),
        "phone",
      ),
      replicas,
    };
    const roll = dice(SEED);
    const client = createClient(addresses, model, roll);
    say(`replicas: ${REPLICAS} servers run on ${cluster.url} with a synchronous standby (FAULTS_SEED=${SEED})`);
    const until = performance.now() + MINUTES * 60_000;
    const deps: StoryDeps = { addresses, client, model, roll, stopped: () => performance.now() > until };
    const again = async (work: () => Promise<unknown>): Promise<void> => {
      while (!deps.stopped()) await work();
    };
    const stories = [
      ...Array.from({ length: HOUSEHOLDS }, async () => again(async () => household(deps))),
      again(async () => textBudget(deps).then(async () => otpTries(deps))),
      again(async () => checkSome(model, client, roll).then(async () => delay(100))),
    ];
    const faults = [
      again(async () => killOne(deps, replicas)),
      again(async () => endListeners(deps, cluster)),
      rareFaults(deps, replicas, cluster),
    ];
    const memory = watchMemory(replicas);
    const progress = setInterval(() => say(`replicas: ${figures(model, ["acknowledged changes", "racing accepts", "no answer"])}`), 30_000);
    try {
      await Promise.all([...stories, ...faults]);
    } finally {
      clearInterval(progress);
    }
    await checkAll(model, client);
    const used = memory.stop();
    await Promise.all(replicas.map(async (replica) => replica.stop()));
    await checkTrail(model, cluster);
    print(model, used);
    expect(model.violations).toEqual([]);
    expect(model.counts.get("acknowledged changes") ?? 0).toBeGreaterThan(MINUTES * 10);
    if (MINUTES >= FLAT_AFTER_MINUTES) for (const { early, late } of used) expect(late).toBeLessThan(early * MAX_GROWTH);
  },
);

/** All but the last, whose memory shows what a whole run needs. */
async function killOne({ roll, model }: StoryDeps, replicas: readonly Replica[]): Promise<void> {
  await delay(20_000);
  await replicas[Math.floor(roll() * (replicas.length - 1))]?.killAndStart();
  model.count("kill -9");
}

/** Each once, spread over the run: the next begins when the one before is over. */
async function rareFaults(
  { model, stopped }: StoryDeps,
  replicas: readonly Replica[],
  { restart, fillDisk, failOver }: Cluster,
): Promise<void> {
  const faults: readonly (readonly [string, (() => Promise<void>) | undefined])[] = [
    ["PostgreSQL stopped at once and started again", restart],
    ["PostgreSQL's disk full", fillDisk && (async () => fillDisk(FULL_MS))],
    ["server paused", async () => replicas.at(-1)?.pause(PAUSE_MS)],
    ["fail-over to the standby", failOver],
  ];
  for (const [name, fault] of faults) {
    await delay((MINUTES * 60_000) / (faults.length + 1) - (name === "server paused" ? PAUSE_MS : 0));
    if (!fault) say(`replicas: left out: ${name} (needs root and mount(8))`);
    if (!fault || stopped()) continue;
    say(`replicas: ${name}`);
    await fault();
    say(`replicas: over: ${name}`);
    model.count(name);
  }
}

async function endListeners({ model }: StoryDeps, database: Cluster | undefined): Promise<void> {
  await delay(15_000);
  model.count("listeners ended", await database?.endListeners().catch(() => 0));
}

function figures(model: Model, names: readonly string[]): string {
  return names.map((name) => `${model.counts.get(name) ?? 0} ${name}`).join(", ");
}

function print(model: Model, used: readonly MemoryUse[]): void {
  const memory = used.flatMap(({ name, early, late }): [string, number][] => [
    [`server ${name}: MiB of memory after the first fifth`, early],
    [`server ${name}: MiB of memory at the end`, late],
  ]);
  const pause = ["longest pause without an acknowledged change, ms", model.longestPauseMs()] as const;
  sayTable(`${MINUTES} minutes, FAULTS_SEED=${SEED}`, [...memory, pause, ...model.figures()]);
}

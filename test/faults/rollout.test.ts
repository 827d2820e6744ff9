import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, inject, it } from "vitest";
import { dropDatabases, emptyDatabase, sqlAt } from "../e2e/databases.ts";
import { CLI, killServers } from "../e2e/headless.ts";
import { hasNginx, startShippedNginx, stopNginx } from "../e2e/nginx.ts";
import { dice } from "./dice.ts";
import { howMany, say, sayTable, spread } from "./figures.ts";
import { checkAll, checkTrail } from "./replicas/check.ts";
import { createDirectClient, type Tally } from "./replicas/direct-client.ts";
import { createModel } from "./replicas/model.ts";
import { buildPreviousVersion } from "./replicas/previous-version.ts";
import { createReplicas, makeTables, type Replica } from "./replicas/replicas.ts";
import { household, type StoryDeps } from "./replicas/stories.ts";

const SEED = howMany("FAULTS_SEED", 20_260_115);
const HOUSEHOLDS = 6;
const SERVERS = 3;
/** Of one version alone, before the first is replaced and after the last. */
const QUIET_MS = 5000;

afterEach(async () => {
  stopNginx();
  killServers();
  await dropDatabases();
});

const previous = inject("postgresUrl") !== "" && hasNginx ? buildPreviousVersion() : undefined;
if (previous?.kind === "none") say(`rollout: left out: the version before this one, because ${previous.why}`);

it.skipIf(previous?.kind !== "built")(
  "from the version before this one to this one and back, one server after the other: no request that may be repeated fails",
  async () => {
    if (previous?.kind !== "built") return;
    const model = createModel();
    const roll = dice(SEED);
    const url = await emptyDatabase();
    const replicas = await createReplicas(Array<string>(SERVERS).fill(url), model, previous.program);
    await Promise.all(replicas.map(async (replica) => replica.start()));
    const proxies = {
      local: await startShippedNginx(
        replicas.map(({ localAddress }) => localAddress),
        "local",
      ),
      phone: await startShippedNginx(
        replicas.map(({ phoneAddress }) => phoneAddress),
        "phone",
      ),
    };
    const { client, tallies } = createDirectClient(proxies, model, roll);
    // The stories ask the proxies alone.
    const front = { name: "nginx", localAddress: proxies.local, phoneAddress: proxies.phone };
    let over = false;
    const deps: StoryDeps = {
      addresses: { proxyLocal: proxies.local, proxyPhone: proxies.phone, replicas: [front] },
      client,
      model,
      roll,
      stopped: () => over,
    };
    const stories = Array.from({ length: HOUSEHOLDS }, async () => {
      while (!over) await household(deps);
    });
    say(`rollout: ${SERVERS} servers of ${previous.name} (FAULTS_SEED=${SEED})`);
    try {
      await delay(QUIET_MS);
      // The tables first, while the servers of before go on.
      await makeTables(url);
      await replaceAll(replicas, CLI, "this version");
      await delay(QUIET_MS);
      await replaceAll(replicas, previous.program, previous.name);
      await delay(QUIET_MS);
    } finally {
      over = true;
      await Promise.all(stories);
    }
    await checkAll(model, client);
    await Promise.all(replicas.map(async (replica) => replica.stop()));
    await checkTrail(model, { query: async (text) => sqlAt(url, text) });
    print("requests that may be repeated", tallies.repeatable);
    print("others", tallies.others);
    sayTable(`${previous.name} to this version and back`, model.figures());
    expect(model.violations).toEqual([]);
    expect(model.counts.get("revocations") ?? 0).toBeGreaterThan(0);
    expect(tallies.repeatable.requests).toBeGreaterThan(100);
  },
);

async function replaceAll(replicas: readonly Replica[], program: string, name: string): Promise<void> {
  for (const replica of replicas) {
    await replica.replace(program);
    say(`rollout: server ${replica.name} is ${name}`);
  }
}

function print(name: string, { requests, failures, milliseconds }: Tally): void {
  const sorted = [...milliseconds].sort((one, other) => one - other);
  const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? 0;
  say(`rollout: ${name}: ${requests}, of which ${failures} failed; ${spread(milliseconds)}, p99 ${p99.toFixed(0)} ms`);
}

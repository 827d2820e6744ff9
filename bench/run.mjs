// npm run bench: every figure beside a limit measured in the same run, medians of interleaved rounds. --write keeps them in docs/performance.md.
// Words choose parts of it (npm run bench -- checks revocation); of those alone --write replaces the rows.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { createServer } from "node:net";
import { availableParallelism, cpus, tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildAll, isStale } from "../scripts/build.mjs";
import { knownCallers, lookups } from "./callers.mjs";
import { limitDecisions, tokenChecks } from "./checks.mjs";
import { crossingTimes, revocationTimes, startOnDatabase } from "./database.mjs";
import { appFigures, moduleLoads, pageKilobytes } from "./desktop.mjs";
import { auditTimes, pageTimes, startFilled, startTimes, subscriptionTimes } from "./growth.mjs";
import { durableAppends, opensslSigns } from "./limits.mjs";
import * as load from "./load.mjs";
import { askTimes, hasMosquitto, memoryOf, mosquittoTimes, cutTimes as mqttCutTimes, notifyTimes, offlineRate } from "./mqtt.mjs";
import { pageFigures } from "./page.mjs";
import { postgresPrograms, startPostgres } from "./postgres.mjs";
import { cutTimes } from "./revocation.mjs";
import { startHello, startOurs, timeToFirstAnswer } from "./server.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const ROUNDS = 5;
/** Of what takes many seconds. */
const FEW_ROUNDS = 3;
const STARTS = 15;
const FEW = 1_000;
const MANY = 100_000;
const VERY_MANY = 1_000_000;

const PARTS = { rates, start, growth, page, checks, callers, revocation, messages, idle, desktop, mqtt, database };
const chosen = process.argv.slice(2).filter((word) => !word.startsWith("-"));
const unknown = chosen.filter((word) => !(word in PARTS));
if (unknown.length > 0) throw new Error(`There is no part ${unknown.join(", ")}. There are: ${Object.keys(PARTS).join(", ")}.`);

if (process.platform !== "linux") throw new Error("The benchmark reads CPU time from /proc: it runs on Linux.");
if (isStale()) await buildAll();
const work = mkdtempSync(path.join(tmpdir(), "topdog-bench-"));
const rows = [];
try {
  for (const [name, measure] of Object.entries(PARTS)) if (chosen.length === 0 || chosen.includes(name)) await measure();
} finally {
  rmSync(work, { recursive: true, force: true });
}
report();

async function rates() {
  const hello = await startHello();
  const ours = await startOurs(path.join(work, "rates"));
  const token = await load.pairOne(ours);
  const [code] = await load.makeInvites(ours, 1);
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    say(`round ${round + 1} of ${ROUNDS}`);
    const signs = opensslSigns();
    rounds.push({
      signs,
      appends: durableAppends(work),
      hello: await load.hello(hello, 2),
      invites: await load.invites(ours, 3, 128),
      status: await load.statusReads(ours, 2, code),
      auth: await load.authenticatedCalls(ours, 2, token),
      accepts: await load.accepts(ours, 2, await load.makeInvites(ours, Math.ceil(signs * 2.2))),
      cycles: await load.cycles(ours, 4),
    });
  }
  await Promise.all([hello.stop(), ours.stop()]);
  const of = (pick) => median(rounds.map(pick));
  const ratio = (what, limit, pick, least) =>
    rows.push({
      what,
      figure: `${whole(of((r) => pick(r).perSecond))}/s`,
      limit,
      ratio: of((r) => pick(r).perSecond / limitOf[limit](r)),
      least,
    });
  const limitOf = {
    "openssl rsa2048 signs": (r) => r.signs,
    "append + fdatasync": (r) => r.appends,
    "node:http hello": (r) => r.hello.perSecond,
  };
  ratio("accepts", "openssl rsa2048 signs", (r) => r.accepts, 0.6);
  ratio("invites and cancellations, 128 in flight", "append + fdatasync", (r) => r.invites, 3);
  ratio("status reads", "node:http hello", (r) => r.status, 0.4);
  ratio("authenticated calls", "node:http hello", (r) => r.auth, 0.4);
  ratio("whole cycles", "openssl rsa2048 signs", (r) => r.cycles, 0.2);
  // The same of the server's own CPU time, which the client on the other core cannot flatter.
  for (const [what, pick, limit] of [
    ["accepts", (r) => r.accepts, (r) => r.signs],
    ["status reads", (r) => r.status, (r) => r.hello.perCpuSecond],
    ["authenticated calls", (r) => r.auth, (r) => r.hello.perCpuSecond],
    ["whole cycles", (r) => r.cycles, (r) => r.signs],
  ])
    rows.push({
      what: `${what}, per CPU second`,
      figure: `${whole(of((r) => pick(r).perCpuSecond))}/s`,
      limit: "the same limit",
      ratio: of((r) => pick(r).perCpuSecond / limit(r)),
    });
  for (const [what, pick] of [
    ["openssl rsa2048 signs", (r) => r.signs],
    ["append + fdatasync", (r) => r.appends],
    ["node:http hello", (r) => r.hello.perSecond],
  ])
    rows.push({ what: `limit: ${what}`, figure: `${whole(of(pick))}/s` });
}

async function start() {
  say("starts");
  const home = path.join(work, "start");
  const server = await startOurs(home);
  await load.makeInvites(server, 100);
  await server.stop();
  const hello = [];
  const ours = [];
  const [port, phonePort] = [await freePort(), await freePort()];
  for (let turn = 0; turn < STARTS; turn += 1) {
    hello.push(await timeToFirstAnswer([path.join(root, "bench/hello.mjs")], { PORT: String(port) }, port));
    ours.push(
      await timeToFirstAnswer(
        [path.join(root, "dist/headless/cli.js"), "serve"],
        { HOME: home, PAIRING_PORT: String(port), PAIRING_PHONE_PORT: String(phonePort) },
        port,
      ),
    );
  }
  rows.push({
    what: "headless start to first answer",
    figure: `${whole(median(ours))} ms`,
    limit: `node:http hello (${whole(median(hello))} ms)`,
    ratio: median(ours) / median(hello),
    most: 2.5,
  });
}

async function growth() {
  say(`${MANY} sessions`);
  const [few, many] = [await startFilled(path.join(work, "few"), FEW), await startFilled(path.join(work, "many"), MANY)];
  const [[code], [other]] = [await load.makeInvites(few, 1), await load.makeInvites(many, 1)];
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push({
      change: [await load.invites(few, 2, 8), await load.invites(many, 2, 8)],
      read: [await load.statusReads(few, 2, code), await load.statusReads(many, 2, other)],
    });
  }
  await Promise.all([few.stop(), many.stop()]);
  for (const [what, pick] of [
    ["a change", (r) => r.change],
    ["a read", (r) => r.read],
  ])
    rows.push({
      what: `${what} with ${MANY} stored sessions`,
      figure: `${whole(median(rounds.map((r) => pick(r)[1].perSecond)))}/s`,
      limit: `the same with ${FEW}`,
      ratio: median(rounds.map((r) => pick(r)[0].perSecond / pick(r)[1].perSecond)),
      most: 1.3,
    });

  say(`starts with ${VERY_MANY} sessions`);
  const { measured, megabytes } = await startTimes(work, VERY_MANY, FEW_ROUNDS);
  const [wall, cpu, bare] = ["wall", "cpu", "bare"].map((name) => median(measured.map((round) => round[name])));
  rows.push({
    what: `start with ${VERY_MANY} stored sessions (${whole(megabytes)} MB)`,
    figure: `${wall.toFixed(1)} s`,
    limit: "5 s",
    ratio: wall / 5,
    most: 1,
  });
  rows.push({
    what: "the same, CPU time",
    figure: `${cpu.toFixed(1)} s`,
    limit: `reading, hashing and parsing the file alone (${bare.toFixed(1)} s)`,
    ratio: cpu / bare,
    most: 4.3,
  });
  say(`pages of ${VERY_MANY} sessions, and their checkpoint`);
  const { pages, holds } = await pageTimes(work, FEW, VERY_MANY, FEW_ROUNDS);
  const compare = (what, limit, rounds, slow, base, most) =>
    rows.push({
      what,
      figure: micros(median(rounds.map(slow))),
      limit: `${limit} (${micros(median(rounds.map(base)))})`,
      ratio: median(rounds.map((round) => slow(round) / base(round))),
      most,
    });
  const few1000 = (what) => `${what} ${whole(FEW)}`;
  compare(
    `a page from the middle of ${whole(VERY_MANY)} sessions`,
    few1000("of"),
    pages,
    (r) => r.many,
    (r) => r.few,
    1.5,
  );
  rows.push({
    what: `the event loop held by a checkpoint of ${whole(VERY_MANY)} sessions, CPU time`,
    figure: `${median(holds).toFixed(1)} ms at most`,
    limit: "20 ms",
    ratio: median(holds) / 20,
    most: 1,
  });
  say("the audit trail, and push subscriptions");
  const audit = await auditTimes(work, MANY, ROUNDS);
  compare(
    `a page from the beginning of ${whole(MANY)} audit lines`,
    "the newest page",
    audit,
    (r) => r.deep,
    (r) => r.newest,
    3,
  );
  const subscriptions = await subscriptionTimes(FEW, MANY, ROUNDS);
  compare(
    `a push subscription with ${whole(MANY)} phones`,
    few1000("with"),
    subscriptions,
    (r) => r.many,
    (r) => r.few,
    1.5,
  );
}

async function page() {
  say("the phone's page");
  const server = await startOurs(path.join(work, "page"));
  const [code] = await load.makeInvites(server, 1);
  const { requests, bytes, firstPaint, emptyFirstPaint } = await pageFigures(`${server.phone}/pair?code=${code}`, 2 * ROUNDS + 1);
  await server.stop();
  rows.push({ what: "the phone's page: requests", figure: String(requests), limit: "requests", ratio: requests, most: 3 });
  rows.push({ what: "the phone's page: KB compressed", figure: (bytes / 1024).toFixed(1), limit: "KB", ratio: bytes / 1024, most: 14 });
  rows.push({
    what: "the phone's page: first paint",
    figure: `${whole(firstPaint)} ms`,
    limit: `an empty page (${whole(emptyFirstPaint)} ms)`,
    ratio: firstPaint / emptyFirstPaint,
    most: 1.1,
  });
}

/** What a provider costs that sends nothing yet, and one that never answers. */
async function messages() {
  say("starts with and without Twilio");
  const silent = http.createServer(() => undefined);
  await new Promise((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const twilio = {
    TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`,
    TWILIO_AUTH_TOKEN: "x".repeat(32),
    TWILIO_PHONE_NUMBER: "+15005550006",
    PAIRING_TWILIO_BASE_URL: `http://127.0.0.1:${silent.address().port}`,
    PAIRING_BASE_URL: "https://pair.example.test",
  };
  const home = path.join(work, "messages");
  const first = await startOurs(home);
  const [code] = await load.makeInvites(first, 1);
  await first.stop();
  const times = { with: [], without: [] };
  const [port, phonePort] = [await freePort(), await freePort()];
  for (let turn = 0; turn < 2 * STARTS; turn += 1) {
    for (const kind of turn % 2 === 0 ? ["with", "without"] : ["without", "with"]) {
      const env = { HOME: home, PAIRING_PORT: String(port), PAIRING_PHONE_PORT: String(phonePort), ...(kind === "with" ? twilio : {}) };
      times[kind].push(await timeToFirstAnswer([path.join(root, "dist/headless/cli.js"), "serve"], env, port));
    }
  }
  rows.push({
    what: "start with Twilio configured",
    figure: `${whole(median(times.with))} ms`,
    limit: `without (${whole(median(times.without))} ms)`,
    ratio: median(times.with) / median(times.without),
    most: 1.02,
  });

  say("a provider that hangs");
  const server = await startOurs(home, twilio);
  const calm = [];
  const hung = [];
  // Loads the client, which is not what is asked here.
  const sends = [load.sendAndForget(server)];
  await new Promise((resolve) => setTimeout(resolve, 1500));
  for (let round = 0; round < ROUNDS; round += 1) {
    await Promise.all(sends.splice(0));
    calm.push(await load.slowestReads(server, code, 4000));
    // Fewer than pause a provider, or nothing would hang.
    for (let one = 0; one < 4; one += 1) sends.push(load.sendAndForget(server));
    await new Promise((resolve) => setTimeout(resolve, 200));
    hung.push(await load.slowestReads(server, code, 4000));
  }
  await server.stop();
  silent.closeAllConnections();
  silent.close();
  rows.push({
    what: "status reads while messages hang: p99",
    figure: `${median(hung).toFixed(2)} ms`,
    limit: `no messages (${median(calm).toFixed(2)} ms)`,
    ratio: median(hung) / median(calm),
    most: 1.2,
  });
}

async function mqtt() {
  say("messages over MQTT");
  const server = await startOurs(path.join(work, "mqtt"));
  const [ours, asked, bare] = [[], [], []];
  // The first times load the broker and the clients.
  await notifyTimes(server, 200);
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(await notifyTimes(server, 400));
    if (!hasMosquitto) continue;
    asked.push(await askTimes(server, 400));
    bare.push(await mosquittoTimes(400));
  }
  const of = (rounds, part) => median(rounds.map((times) => times.toSorted((one, other) => one - other)[Math.floor(times.length * part)]));
  for (const [name, part] of [
    ["p50", 0.5],
    ["p99", 0.99],
  ]) {
    const time = of(ours, part);
    rows.push({
      what: `a notification to a phone over MQTT: ${name}`,
      figure: `${time.toFixed(2)} ms`,
      limit: "10 ms",
      ratio: time / 10,
      most: 1,
    });
    if (!hasMosquitto) continue;
    const [disk, way] = [of(asked, part), of(bare, part)];
    rows.push({
      what: `the same, ${name}`,
      figure: `${time.toFixed(2)} ms`,
      limit: `asked for a phone that is away (${disk.toFixed(2)} ms), then Mosquitto from publish to subscriber (${way.toFixed(2)} ms)`,
      ratio: time / (disk + way),
      most: 2,
    });
  }
  const cuts = await mqttCutTimes(server, 100);
  rows.push({
    what: "a revoked phone's MQTT connection ends",
    figure: `${median(cuts).toFixed(1)} ms, at most ${Math.max(...cuts).toFixed(1)} ms`,
    limit: "50 ms",
    ratio: Math.max(...cuts) / 50,
    most: 1,
  });
  say("1,000 phones");
  const added = await memoryOf(server, 1000);
  rows.push({ what: "1,000 connected phones: MB", figure: added.toFixed(0), limit: "150 MB", ratio: added / 150, most: 1 });
  await server.stop();
  say("phones that are away");
  const rates = { one: [], many: [] };
  for (const [kind, phones] of [
    ["one", 1],
    ["many", 100],
  ]) {
    const away = await startOurs(path.join(work, `away-${kind}`));
    rates[kind].push(await offlineRate(away, phones, 10_000));
    await away.stop();
  }
  rows.push({
    what: "10,000 notifications to 100 phones that are away",
    figure: `${whole(median(rates.many))}/s`,
    limit: `the same to one (${whole(median(rates.one))}/s)`,
    ratio: median(rates.many) / median(rates.one),
    least: 0.5,
  });
}

async function checks() {
  say("tokens");
  const rounds = await tokenChecks(ROUNDS);
  const of = (pick) => median(rounds.map(pick));
  const limit = `the bare RS256 verification (${micros(of((r) => r.bare))})`;
  rows.push({
    what: "a shown token and 1,000,000 revoked ids",
    figure: micros(of((r) => r.again)),
    limit,
    ratio: of((r) => r.again / r.bare),
    most: 1.15,
  });
  rows.push({
    what: "the same for a token's first time",
    figure: micros(of((r) => r.first)),
    limit,
    ratio: of((r) => r.first / r.bare),
  });
  say("request limits");
  const decisions = await limitDecisions(ROUNDS);
  for (const [what, pick] of [
    ["a request limit, 100,000 callers", (r) => r.known],
    ["the same for a new caller", (r) => r.strange],
  ]) {
    const cost = median(decisions.map(pick));
    rows.push({ what, figure: micros(cost), limit: "20 µs", ratio: cost / 20, most: 1 });
  }
}

async function callers() {
  say("callers of the local door");
  const ours = await startOurs(path.join(work, "callers"));
  const token = await load.pairOne(ours);
  const calls = [];
  for (let round = 0; round < FEW_ROUNDS; round += 1) calls.push(await load.authenticatedCalls(ours, 2, token));
  await ours.stop();
  const call = 1e6 / median(calls.map(({ perCpuSecond }) => perCpuSecond));
  const known = median(await knownCallers(ROUNDS));
  rows.push({
    what: "to know the caller of a further request",
    figure: micros(known),
    limit: `an authenticated call (${micros(call)})`,
    ratio: known / call,
    most: 0.03,
  });
  const { times, held } = await lookups();
  const took = median(times);
  rows.push({
    what: "to know a new caller beside 10,000 sockets",
    figure: `${took.toFixed(1)} ms`,
    limit: "5 ms",
    ratio: took / 5,
    most: 1,
  });
  rows.push({ what: "the same: holds up other work for", figure: `${held.toFixed(1)} ms`, limit: "5 ms", ratio: held / 5, most: 1 });
}

async function revocation() {
  say("revocation");
  const server = await startOurs(path.join(work, "revocation"));
  const times = await cutTimes(server, 200);
  await server.stop();
  const most = Math.max(...times);
  rows.push({
    what: "a revoked phone's open connection ends",
    figure: `${median(times).toFixed(1)} ms, at most ${most.toFixed(1)} ms`,
    limit: "1 s",
    ratio: most / 1000,
    most: 1,
  });
}

/** How often a server that nobody asks wakes up. Each timer wakes it twice: once early, once in time. */
async function idle() {
  say("an idle server");
  const server = await startOurs(path.join(work, "idle"));
  await load.pairOne(server);
  // What is loaded after the start, and the checkpoint, are no idling.
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const perSecond = await server.wakeUps(20);
  await server.stop();
  rows.push({
    what: "an idle server wakes up",
    figure: `${perSecond.toFixed(2)} times a second`,
    limit: "one timer a second, two wake-ups each",
    ratio: perSecond / 2,
    most: 1,
  });
}

async function desktop() {
  const kilobytes = pageKilobytes();
  rows.push({ what: "the settings page: KB of gzip", figure: kilobytes.toFixed(0), limit: "330 KB", ratio: kilobytes / 330, most: 1 });
  say("the desktop app's start");
  const within = (what, times, limit) =>
    rows.push({ what, figure: `${whole(median(times))} ms`, limit: `${limit} ms`, ratio: median(times) / limit, most: 1 });
  within("desktop: main process loaded before its window", await moduleLoads(ROUNDS), 250);
  say("the desktop app's page, and a hundred phones");
  const { waits, delay } = await appFigures(ROUNDS);
  within("desktop: from first paint to usable", waits, 400);
  within("desktop: event loop late by, p99, 100 phones polling", [delay], 50);
}

async function database() {
  if (postgresPrograms === undefined) {
    say("left out: servers on PostgreSQL (Debian: apt-get install postgresql)");
    return;
  }
  const postgres = await startPostgres();
  const [one, other] = await startOnDatabase(path.join(work, "database"), postgres.url, 2);
  const file = await startOurs(path.join(work, "beside-database"));
  const [token, fileToken] = [await load.pairOne(one), await load.pairOne(file)];
  const rounds = [];
  for (let round = 0; round < FEW_ROUNDS; round += 1) {
    say(`PostgreSQL, round ${round + 1} of ${FEW_ROUNDS}`);
    const signs = opensslSigns();
    const invites = await load.invites(one, 5, 128);
    // More than can be accepted in two seconds: an accept is a change, too, and a signature besides.
    const codes = await load.makeInvites(one, Math.ceil(2.2 * Math.min(signs, 500 + 3 * invites.perSecond)));
    rounds.push({
      signs,
      updates: postgres.updates(32),
      alone: 1000 / postgres.updates(1),
      invites,
      auth: await load.authenticatedCalls(one, 2, token),
      fileAuth: await load.authenticatedCalls(file, 2, fileToken),
      accepts: await load.accepts(one, 2, codes),
      revocations: median(await revocationTimes(one, other, 20)),
      crossings: median(await crossingTimes(one, other, 20)),
    });
  }
  await Promise.all([one.stop(), other.stop(), file.stop()]);
  await postgres.stop();
  const of = (pick) => median(rounds.map(pick));
  const rate = (what, pick, limit, limitOf) =>
    rows.push({ what, figure: `${whole(of((r) => pick(r).perSecond))}/s`, limit, ratio: of((r) => pick(r).perSecond / limitOf(r)) });
  rate(
    "with PostgreSQL: accepts",
    (r) => r.accepts,
    "openssl rsa2048 signs",
    (r) => r.signs,
  );
  rate(
    "with PostgreSQL: invites and cancellations, 128 in flight",
    (r) => r.invites,
    `pgbench -N -c 32 (${whole(of((r) => r.updates))}/s)`,
    (r) => r.updates,
  );
  rate(
    "with PostgreSQL: authenticated calls",
    (r) => r.auth,
    `with files (${whole(of((r) => r.fileAuth.perSecond))}/s)`,
    (r) => r.fileAuth.perSecond,
  );
  for (const [what, pick] of [
    ["with PostgreSQL: a revocation is answered, two servers", (r) => r.revocations],
    ["with PostgreSQL: a notification from one server to a phone at the other", (r) => r.crossings],
  ])
    rows.push({
      what,
      figure: `${of(pick).toFixed(1)} ms`,
      limit: `one pgbench -N transaction (${of((r) => r.alone).toFixed(1)} ms)`,
      ratio: of((r) => pick(r) / r.alone),
    });
}

function report() {
  const verdict = ({ ratio, least, most }) => {
    if (least === undefined && most === undefined) return "";
    const held = (least === undefined || ratio >= least) && (most === undefined || ratio <= most);
    return `${least === undefined ? `≤ ${most}` : `≥ ${least}`} ${held ? "✓" : "✗"}`;
  };
  const lines = rows.map(
    (row) =>
      `| ${row.what} | ${row.figure} | ${row.limit ?? ""} | ${row.ratio === undefined ? "" : row.ratio.toFixed(2)} | ${verdict(row)} |`,
  );
  const table = ["| what | measured | against | ratio | asked for |", "|---|---|---|---|---|", ...lines].join("\n");
  console.log(`\n${table}`);
  const failed = rows.filter((row) => verdict(row).endsWith("✗"));
  if (process.argv.includes("--write")) {
    const machine = `${availableParallelism()} cores, ${cpus()[0]?.model ?? "unknown CPU"}, Node.js ${process.version}`;
    const file = path.join(root, "docs/performance.md");
    writeFileSync(file, chosen.length === 0 ? performancePage(machine, table) : withRows(readFileSync(file, "utf8"), lines));
  }
  if (failed.length > 0) {
    console.error(`\nMissed: ${failed.map(({ what }) => what).join(", ")}`);
    process.exitCode = 1;
  }
}

/** The page with these rows in the place of those of the same name, and new ones at the end of the table. */
function withRows(page, lines) {
  const nameOf = (line) => line.split(" | ")[0];
  const left = new Map(lines.map((line) => [nameOf(line), line]));
  const old = page.split("\n").map((line) => {
    const name = nameOf(line);
    const measured = left.get(name);
    left.delete(name);
    return measured ?? line;
  });
  const end = old.findLastIndex((line) => line.startsWith("|")) + 1;
  return old.toSpliced(end, 0, ...left.values()).join("\n");
}

function performancePage(machine, table) {
  return `# Performance

\`npm run bench\` measures these with audit, limits and validation on and every change on disk before its answer, against limits of the same
machine in the same run: medians of ${ROUNDS} interleaved rounds. \`npm run bench -- --write\` writes this page. Read the ratios: the figures
are of one machine (${machine}), with server and client sharing it.

${table}

A change is slower by what makes it durable; a hundred that wait share one \`fdatasync\`, so durability is nearly free under load. An accept
is one RSA-2048 signature and little else. Reads are a lookup in memory behind the door's checks. A token's signature is checked once per
process; each time it is shown, its end, its device and the revocation list are. Microseconds are of CPU time.

Over MQTT "a notification to a phone" begins with the HTTP request that asks for it, and so holds that request, the write to disk and the
way to the phone; Mosquitto's figure is the way alone, over an open connection and without a disk. A thousand phones are counted after
the server has served a hundred and more, so the memory that these left free is used again.
`;
}

function micros(value) {
  return `${value.toFixed(1)} µs`;
}

function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}

function whole(number) {
  return Math.round(number).toLocaleString("en-US");
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function say(text) {
  process.stderr.write(`${text} …\n`);
}

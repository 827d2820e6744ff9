// The desktop app and its page: what is loaded before the first window, when the page can be used, and what a hundred phones cost it.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { buildStandin } from "../scripts/build-standin.mjs";
import * as load from "./load.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const standin = path.join(root, "test/electron-standin/dist");

const ENV = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  ELECTRON_OVERRIDE_DIST_PATH: process.env.ELECTRON_OVERRIDE_DIST_PATH ?? standin,
  SMS_PROVIDER: "mock",
  PAIRING_PORT: "0",
  PAIRING_PHONE_PORT: "0",
  PAIRING_RATE_LIMIT_SCALE: "1000000",
  PAIRING_SMS_PER_NUMBER_PER_DAY: "1000000000",
  PAIRING_SMS_PER_DAY: "1000000000",
  // The load pairs phones by itself, and nobody confirms them.
  PAIRING_LOCAL_AUTH: "off",
};

/** Kilobytes of the settings page's scripts and styles, as gzip makes them. */
export function pageKilobytes() {
  const folder = path.join(root, "dist/renderer/assets");
  const files = readdirSync(folder).filter((name) => /\.(?:js|css)$/.test(name));
  return files.reduce((sum, name) => sum + gzipSync(readFileSync(path.join(folder, name)), { level: 9 }).length, 0) / 1000;
}

/** Milliseconds from the first line of the main process to the end of its imports, once per round. */
export async function moduleLoads(rounds) {
  await readyRuntime();
  const app = mkdtempSync(path.join(tmpdir(), "topdog-load-"));
  const main = pathToFileURL(path.join(root, "dist/main/index.js")).href;
  writeFileSync(path.join(app, "package.json"), JSON.stringify({ name: "load", type: "module", main: "main.mjs" }));
  writeFileSync(
    path.join(app, "main.mjs"),
    `const began = performance.now();\nawait import(${JSON.stringify(main)});\nconsole.log("loaded in " + (performance.now() - began));\n`,
  );
  const times = [];
  for (let round = 0; round < rounds; round += 1) times.push(await loadOnce(app));
  return times;
}

function loadOnce(app) {
  const args = [`--user-data-dir=${mkdtempSync(path.join(tmpdir(), "topdog-load-"))}`, app];
  const child = spawn(path.join(ENV.ELECTRON_OVERRIDE_DIST_PATH, "electron"), args, { env: ENV, stdio: ["ignore", "pipe", "ignore"] });
  return new Promise((resolve, reject) => {
    let printed = "";
    child.stdout.on("data", (bytes) => {
      printed += bytes;
      const [, time] = /loaded in ([\d.]+)/.exec(printed) ?? [];
      if (time === undefined) return;
      child.removeAllListeners("exit").once("exit", () => resolve(Number(time)));
      child.kill("SIGTERM");
    });
    child.once("exit", () => reject(new Error(`The app ended before it was loaded:\n${printed}`)));
  });
}

/** The app as it runs: its page, opened anew each round, and its main process under a hundred phones. */
export async function appFigures(rounds) {
  await readyRuntime();
  const { _electron } = await import("playwright-core");
  process.env.ELECTRON_OVERRIDE_DIST_PATH ??= standin;
  const userData = mkdtempSync(path.join(tmpdir(), "topdog-desktop-"));
  // Benchmarks run where nobody unlocks a keychain: the key is in a file, as if a person had chosen that.
  const folder = path.join(userData, "pairing");
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(path.join(folder, "keychain.json"), JSON.stringify({ id: "bench", home: "file", kept: {} }), { mode: 0o600 });
  const app = await _electron.launch({ cwd: root, args: [`--user-data-dir=${userData}`, "."], env: ENV });
  let printed = "";
  app.process().stdout.on("data", (bytes) => (printed += bytes));
  try {
    const page = await app.firstWindow();
    const usable = page.getByLabel("Phone number");
    await usable.waitFor();
    await page.addInitScript(() => {
      const check = () => {
        const field = document.querySelector("input[autocomplete=tel]");
        if (field && !field.disabled) window.usableAt = performance.now();
        else requestAnimationFrame(check);
      };
      requestAnimationFrame(check);
    });
    const waits = [];
    for (let round = 0; round < rounds; round += 1) {
      await page.reload();
      await usable.waitFor();
      await page.waitForFunction(() => window.usableAt !== undefined);
      waits.push(
        await page.evaluate(() => {
          const paint = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? window.usableAt;
          return Math.max(0, window.usableAt - paint);
        }),
      );
    }
    const [, local] = /^Local door {3}(\S+)$/m.exec(printed) ?? [];
    const [, phone] = /^Phone door {3}(\S+)$/m.exec(printed) ?? [];
    return { waits, delay: await delayUnderPhones(app, { local, phone, cpu: () => 0 }) };
  } finally {
    await app.close();
  }
}

const PHONES = 100;
const SECONDS = 8;

/** The 99th percentile, in milliseconds, of how late the main process was while a hundred phones polled and build news came every 100 ms. */
async function delayUnderPhones(app, server) {
  const tokens = await load.pairPhones(server, PHONES);
  const agent = new http.Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  let polling = true;
  const polls = tokens.map(async (token) => {
    let since = 0;
    while (polling) since = (await poll(agent, `${server.phone}/phone/inbox?since=${since}&wait=5`, token)) ?? since;
  });
  await app.evaluate(() => {
    const { monitorEventLoopDelay } = process.getBuiltinModule("node:perf_hooks");
    globalThis.delays = monitorEventLoopDelay({ resolution: 1 });
    globalThis.delays.enable();
  });
  const end = Date.now() + SECONDS * 1000;
  for (let build = 0; Date.now() < end; build += 1) {
    const body = { build_id: `build-${build}`, project_name: "bench", status: "in_progress", message: "Compiling" };
    await fetch(`${server.local}/phone/notifications/send`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const p99 = await app.evaluate(() => globalThis.delays.percentile(99) / 1e6);
  polling = false;
  await Promise.all(polls);
  agent.destroy();
  return p99;
}

/** The number of the last message, if there was one. */
function poll(agent, address, token) {
  return new Promise((resolve, reject) => {
    http
      .get(address, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
        let text = "";
        response.on("data", (bytes) => (text += bytes));
        response.on("end", () => {
          if (response.statusCode !== 200) reject(new Error(`the inbox answered ${response.statusCode}: ${text}`));
          else resolve(JSON.parse(text).messages.at(-1)?.seq);
        });
      })
      .once("error", reject);
  });
}

async function readyRuntime() {
  if (ENV.ELECTRON_OVERRIDE_DIST_PATH === standin) await buildStandin(standin);
}

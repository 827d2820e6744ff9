// Processes that are measured: ours as a host starts it, and a bare node:http hello as the limit.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Kernel ticks per second, as every Linux reports to processes. */
const TICKS = 100;

/** Whatever stops the benchmark, nothing it started goes on. */
const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Our server with everything on (audit, limits, validation, fdatasync); the limits are wide, so that they count and never refuse. */
export async function startOurs(home, env = {}) {
  return start([path.join(root, "dist/headless/cli.js"), "serve"], {
    HOME: home,
    PAIRING_PORT: "0",
    PAIRING_PHONE_PORT: "0",
    PAIRING_RATE_LIMIT_SCALE: "1000000",
    PAIRING_SMS_PER_NUMBER_PER_DAY: "1000000000",
    PAIRING_SMS_PER_DAY: "1000000000",
    // The load pairs phones by itself, and nobody confirms them.
    PAIRING_LOCAL_AUTH: "off",
    ...env,
  });
}

export async function startHello() {
  return start([path.join(root, "bench/hello.mjs")], {});
}

async function start(args, env) {
  const child = spawn(process.execPath, args, { env: { PATH: process.env.PATH, ...env }, stdio: ["ignore", "pipe", "inherit"] });
  running.add(child);
  child.once("exit", () => running.delete(child));
  let printed = "";
  const addresses = await new Promise((resolve, reject) => {
    const check = (bytes) => {
      printed += bytes;
      const [, local] = /^Local door {3}(\S+)$/m.exec(printed) ?? [];
      const [, phone] = /^Phone door {3}(\S+)$/m.exec(printed) ?? [];
      if (local === undefined || phone === undefined) return;
      child.stdout.off("data", check);
      // Mock text messages are read and forgotten, or the pipe would fill.
      child.stdout.resume();
      resolve({ local, phone });
    };
    child.stdout.on("data", check);
    child.once("exit", () => reject(new Error(printed || "the server ended")));
  });
  return {
    ...addresses,
    /** CPU seconds that the process has used so far, all its threads together. */
    cpu() {
      const stat = readFileSync(`/proc/${child.pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return (Number(fields[11]) + Number(fields[12])) / TICKS;
    },
    /** Bytes of memory that it holds now. */
    rss() {
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))[1]) * 1024;
    },
    /** How often a second its main thread is woken, over some seconds. */
    async wakeUps(seconds) {
      const woken = () =>
        Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(readFileSync(`/proc/${child.pid}/task/${child.pid}/status`, "utf8"))[1]);
      const before = woken();
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      return (woken() - before) / seconds;
    },
    async stop(signal = "SIGTERM") {
      const ended = once(child, "exit");
      child.kill(signal);
      await ended;
    },
  };
}

/** Milliseconds from spawning to the first whole answer. */
export async function timeToFirstAnswer(args, env, port) {
  const began = process.hrtime.bigint();
  const child = spawn(process.execPath, args, { env: { PATH: process.env.PATH, ...env }, stdio: "ignore" });
  try {
    for (;;) {
      if (await answers(port)) return Number(process.hrtime.bigint() - began) / 1e6;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  } finally {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }
}

function answers(port) {
  return new Promise((resolve) => {
    http
      .get({ host: "127.0.0.1", port, path: "/healthz", agent: false }, (response) => {
        response.resume();
        response.once("end", () => resolve(response.statusCode === 200));
      })
      .once("error", () => resolve(false));
  });
}

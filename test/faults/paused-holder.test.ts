import { readFileSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { CLI, freshHome, type Headless, killServers, startHeadless } from "../e2e/headless.ts";
import { ask } from "./ask.ts";
import { dice } from "./dice.ts";
import { howMany, say } from "./figures.ts";
import { createWorld, nextNumber, WIDE } from "./world.ts";

const ROUNDS = howMany("FAULTS_PAUSES", 20);
const WRITERS = 8;
const SEED = howMany("FAULTS_SEED", 20_260_115);

afterEach(killServers);

/** A server that sees no process outside its own namespace, as in another container on the same volume. */
async function startElsewhere(home: string): Promise<Headless> {
  const args = ["--pid", "--fork", "--kill-child", "--mount-proc", process.execPath, CLI, "serve"];
  return startHeadless(home, WIDE, ["-e", SPAWN, "unshare", ...args]);
}

/** Passes what its child prints on, and ends with it. */
const SPAWN = `
const child = require("node:child_process").spawn(process.argv[1], process.argv.slice(2), { stdio: "inherit" });
process.on("SIGTERM", () => process.kill(inner(), "SIGTERM"));
child.on("exit", (code) => process.exit(code ?? 1));
function inner() {
  return Number(require("node:fs").readFileSync("/proc/" + child.pid + "/task/" + child.pid + "/children", "utf8"));
}
`;

/** The server itself, whatever was started around it. */
function serverPid({ child }: Headless): number {
  let pid = child.pid ?? 0;
  for (let depth = 0; depth < 2; depth += 1) {
    const [inner] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
    if (inner === undefined) break;
    pid = Number(inner);
  }
  return pid;
}

it(`${ROUNDS} times another server takes over from one that was paused under load: nothing acknowledged is lost, never two answer`, async (context) => {
  if (process.getuid?.() !== 0) {
    say("skipped: a PID namespace needs root");
    return context.skip();
  }
  const roll = dice(SEED);
  const home = freshHome();
  const world = createWorld(home, WRITERS, SEED);
  let holder = await startElsewhere(home);
  let late = 0;
  let sent = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const load = world.load(holder);
    await load.begun;
    await delay(roll() * 300);
    const paused = serverPid(holder);
    process.kill(paused, "SIGSTOP");
    load.stop();
    const next = await startElsewhere(home);
    // These lie in its sockets when it goes on.
    const questions = [holder.localAddress, holder.phoneAddress].flatMap((door) =>
      ["/healthz", "/phone/pairing/invite/none"].map(async (path) =>
        ask(door, "GET", path, { fresh: true }).then(
          () => (late += 1),
          () => 0,
        ),
      ),
    );
    // The new owner's first changes: nothing that the former one still does may reach them.
    for (let change = 0; change < 5; change += 1) {
      const body = { phone_number: nextNumber(), user_id: "owner", user_name: "Ada" };
      expect((await ask(next.localAddress, "POST", "/phone/pairing/send-sms", { body })).status).toBe(200);
      sent += 1;
    }
    process.kill(paused, "SIGCONT");
    const { code, printed } = await holder.ended;
    expect(code).toBe(1);
    expect(printed).toMatch(/Another process .* took over the storage folder .* This server stops/);
    await Promise.all(questions);
    await load.ended;
    await world.settle(next);
    await world.check(next, 2);
    const { body } = await ask(next.localAddress, "GET", "/phone/pairing/sessions");
    expect(body.sessions.filter((session: { user_id: string }) => session.user_id === "owner")).toHaveLength(sent);
    holder = next;
    say(`paused holder: ${round + 1} of ${ROUNDS} rounds, ${world.acknowledged()} acknowledged`);
  }
  expect(late).toBe(0);
  holder.child.kill("SIGTERM");
  expect((await holder.ended).code).toBe(0);
  const last = await startHeadless(home, WIDE);
  await world.check(last, Number.POSITIVE_INFINITY);
  say(`paused holder: ${ROUNDS} takeovers, ${world.acknowledged()} acknowledged changes, 0 lost, ${late} answers of a former holder`);
  last.child.kill("SIGKILL");
  await last.ended;
  rmSync(home, { recursive: true });
});

import { readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { freshHome, type Headless, killServers, startHeadless } from "../e2e/headless.ts";
import { movedClock } from "../e2e/moved-clock.ts";
import { ask } from "./ask.ts";
import { dice } from "./dice.ts";
import { howMany, say } from "./figures.ts";
import { me, nextNumber, storageOf, WIDE } from "./world.ts";

const JUMPS = howMany("FAULTS_JUMPS", 30);
const SEED = howMany("FAULTS_SEED", 20_260_115);
const DAY_SECONDS = 24 * 60 * 60;

afterEach(killServers);

it(`${JUMPS} times the wall clock jumps, with restarts in between: phones, messages, invites and audit lines are there after it is right again`, async () => {
  const home = freshHome();
  const clock = movedClock();
  const roll = dice(SEED);
  const env = { ...WIDE, ...clock.env };
  const folder = storageOf(home);
  /** The names of parts come before that of the file in use. */
  const audit = (): { readonly seq: number; readonly event: string }[] =>
    readdirSync(folder)
      .filter((name) => /^pairing_audit.*\.jsonl$/.test(name))
      .sort()
      .flatMap((name) => readFileSync(path.join(folder, name), "utf8").split("\n").filter(Boolean))
      .map((line) => JSON.parse(line));
  const noticed = (): number => audit().filter(({ event }) => event === "clock_changed").length;
  let server = await startHeadless(home, env);

  const post = async (address: string, target: string, body: object): Promise<any> => {
    const answer = await ask(address, "POST", target, { body });
    if (answer.status !== 200) throw new Error(`${target} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  let sent = 0;
  const invite = async (): Promise<string> => {
    const body = { phone_number: nextNumber(), user_id: "ada", user_name: "Ada" };
    const { invite_code } = await post(server.localAddress, "/phone/pairing/send-sms", body);
    sent += 1;
    return invite_code;
  };
  const paired = new Map<string, string>();
  const pair = async (deviceId: string): Promise<string> => {
    const body = { invite_code: await invite(), device_id: deviceId, device_name: "Phone", device_type: "ios" };
    const { jwt_token } = await post(server.phoneAddress, "/phone/pairing/accept-invite", body);
    paired.set(deviceId, jwt_token);
    return jwt_token;
  };
  await pair("first");
  await pair("reader");
  const revoked = await pair("revoked");
  const notify = async (device_id: string, message: string): Promise<unknown> =>
    post(server.localAddress, "/phone/notifications/send", {
      ...{ build_id: "b", project_name: "p", status: "success" },
      ...{ user_id: "ada", device_id, message },
    });
  const inbox = async (deviceId: string, since: number): Promise<{ messages: string[]; next: number }> => {
    const headers = { authorization: `Bearer ${paired.get(deviceId)}` };
    const { body } = await ask(server.phoneAddress, "GET", `/phone/inbox?since=${since}`, { headers });
    return { messages: body.messages.map(({ payload }: { payload: { message: string } }) => payload.message), next: body.next };
  };
  await notify("first", "unread");
  await ask(server.localAddress, "DELETE", "/phone/devices/revoked?user_id=ada");
  paired.delete("revoked");

  const restart = async (signal: NodeJS.Signals, whileOff: () => void): Promise<void> => {
    server.child.kill(signal);
    const { code } = await server.ended;
    if (signal === "SIGTERM") expect(code).toBe(0);
    whileOff();
    server = await startHeadless(home, env);
  };
  const jump = async (seconds: number): Promise<void> => {
    const before = noticed();
    const move = (): void => clock.move(seconds);
    const how = roll();
    if (how < 0.3) await restart(roll() < 0.5 ? "SIGTERM" : "SIGKILL", move);
    else if (how < 0.4) {
      move();
      // Something is written by a clock whose jump nobody has noticed yet.
      await invite();
      await restart("SIGKILL", () => undefined);
    } else move();
    await invite();
    if (Math.abs(seconds) > DAY_SECONDS)
      await vi.waitFor(() => expect(noticed()).toBeGreaterThan(before), { timeout: 20_000, interval: 50 });
  };
  let count = 0;
  let since = 0;
  const check = async (now: Headless): Promise<void> => {
    for (const [deviceId, token] of paired) expect([deviceId, (await me(now, token)).status]).toEqual([deviceId, 200]);
    expect((await me(now, revoked)).status).toBe(401);
    expect((await inbox("first", 0)).messages).toEqual(["unread"]);
    // A phone that reads on gets what is new, whatever the clock was when the server was started.
    count += 1;
    await notify("reader", `message ${count}`);
    const read = await inbox("reader", since);
    expect(read.messages.at(-1)).toBe(`message ${count}`);
    since = read.next;
    const { body } = await ask(now.localAddress, "GET", "/phone/pairing/sessions");
    expect(new Set(body.sessions.map(({ session_id }: { session_id: string }) => session_id)).size).toBe(sent);
    const devices = (await ask(now.localAddress, "GET", "/phone/devices")).body as { device_id: string; status: string }[];
    expect(new Map(devices.map(({ device_id, status }) => [device_id, status]))).toEqual(
      new Map([...[...paired.keys()].map((id) => [id, "active"] as const), ["revoked", "revoked"]]),
    );
    expect(audit().map(({ seq }) => seq)).toEqual(Array.from(audit().keys(), (index) => index + 1));
    expect(audit().filter(({ event }) => event === "send_sms_invite")).toHaveLength(sent);
  };

  let ahead = 0;
  let corrections = 0;
  for (let turn = 0; turn < JUMPS; turn += 1) {
    const away = Math.abs(ahead) > DAY_SECONDS;
    const corrects = away && roll() < 0.6;
    const by = corrects ? -ahead : roll() < 0.2 ? Math.round(roll() * 20) - 10 : Math.round((roll() * 1200 - 400) * DAY_SECONDS) - ahead;
    try {
      await jump(by);
      ahead += by;
      if (ahead > DAY_SECONDS) await pair(`future-${turn}`);
      // What a phone is answered by a wrong clock is over when the clock is right again.
      for (const token of paired.values()) await me(server, token);
      if (Math.abs(ahead) <= DAY_SECONDS) {
        await check(server);
        corrections += 1;
      }
    } catch (cause) {
      throw new Error(`jump ${turn} by ${(by / DAY_SECONDS).toFixed(1)} days (FAULTS_SEED=${SEED}), in ${home}`, { cause });
    }
  }
  clock.move(-ahead);
  await restart("SIGTERM", () => undefined);
  await check(server);
  say(
    `clock jumps: ${JUMPS}, right again ${corrections + 1} times, ${noticed()} written down, ${audit().length} audit lines, nothing lost`,
  );
  expect(corrections).toBeGreaterThan(0);
  server.child.kill("SIGKILL");
  await server.ended;
  rmSync(home, { recursive: true });
});

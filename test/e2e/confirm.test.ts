import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, expect, it, onTestFinished } from "vitest";
import { phoneBody } from "../http/server.ts";
import { asWindow, CLI, freshHome, type Headless, killServers, run, startHeadless } from "./headless.ts";

afterEach(killServers);

const ADMIN_TOKEN = "5f0c1f2e9a7b4d3c8e6f0a1b2c3d4e5f";

async function post(address: string, body: unknown, headers: Record<string, string> = {}): Promise<any> {
  const response = await fetch(address, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return response.json();
}

async function serve(): Promise<{ server: Headless; file: string; wait: (deviceId: string) => Promise<any> }> {
  const home = freshHome();
  const server = await startHeadless(home, { PAIRING_CONFIRM: "always", ADMIN_TOKEN });
  const file = path.join(home, "admin token");
  writeFileSync(file, `${ADMIN_TOKEN}\n`);
  const wait = async (deviceId: string) => {
    const wanted = { phone_number: "+14155550123", user_id: "ada", level: "answer" };
    const { invite_code } = await post(`${server.localAddress}/phone/pairing/send-sms`, wanted, await asWindow(server));
    return post(`${server.phoneAddress}/phone/pairing/accept-invite`, phoneBody(invite_code, deviceId));
  };
  return { server, file, wait };
}

const commandEnv = ({ localAddress }: Headless) => ({ HOME: freshHome(), PAIRING_PORT: new URL(localAddress).port });
const confirm = async (server: Headless, ...args: readonly string[]) => run([CLI, "confirm", ...args], commandEnv(server)).ended;

it("pairs the phone that shows the digits, with the admin token from a file", async () => {
  const { server, file, wait } = await serve();
  const claim = await wait("iphone");
  expect(await confirm(server, claim.digits, "--admin-token-file", file)).toEqual({ code: 0, printed: "John's iPhone is paired.\n" });
  const paired = await post(`${server.phoneAddress}/phone/pairing/claims/${claim.claim_id}`, { claim_secret: claim.claim_secret });
  expect(paired.device_id).toBe("iphone");
  const again = await confirm(server, claim.digits, "--admin-token-file", file);
  expect(again).toEqual({ code: 1, printed: "No phone waits for its digits now. Accept on the phone, then type the digits it shows.\n" });
});

it("answers JSON, lowers what the phone may do, and says what to do after wrong digits", async () => {
  const { server, file, wait } = await serve();
  const first = await wait("iphone");
  const wrong = await confirm(server, first.digits === "00" ? "01" : "00", "--admin-token-file", file);
  expect([wrong.code, wrong.printed]).toEqual([1, expect.stringContaining("Accept on the phone again, then type the new digits.")]);
  const second = await wait("iphone");
  const { code, printed } = await confirm(server, second.digits, "--admin-token-file", file, "--level", "view", "--json");
  expect([code, JSON.parse(printed)]).toMatchObject([0, { device_id: "iphone", user_id: "ada", level: "view" }]);
});

it.each([
  ["without a terminal", [], "There is no terminal to type at."],
  ["with a file that is not there", ["--admin-token-file", "/nowhere/token"], "can't be read from /nowhere/token"],
] as const)("%s says what is missing, and takes no token from the environment", async (_what, args, sentence) => {
  const { server, wait } = await serve();
  const { digits } = await wait("iphone");
  const { code, printed } = await run([CLI, "confirm", digits, ...args], { ...commandEnv(server), ADMIN_TOKEN }).ended;
  expect([code, printed]).toEqual([1, expect.stringContaining(sentence)]);
});

it("at a terminal lists who waits, and shows what is typed but for the admin token", async () => {
  const { server, wait } = await serve();
  const { digits } = await wait("iphone");
  const child = spawn("script", ["-qfec", `'${process.execPath}' '${CLI}' confirm`, "/dev/null"], {
    env: { PATH: process.env["PATH"] ?? "", ...commandEnv(server) },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let screen = "";
  const answers: [prompt: string, typed: string][] = [
    ["Admin token: ", ADMIN_TOKEN],
    ["The two digits on the phone: ", digits],
  ];
  child.stdout.on("data", (bytes: Buffer) => {
    screen += bytes.toString();
    const [next] = answers;
    if (!next || !screen.includes(next[0])) return;
    answers.shift();
    child.stdin.write(`${next[1]}\r`);
  });
  expect(await new Promise((resolve) => child.once("close", resolve))).toBe(0);
  expect(screen).toContain("John's iPhone");
  expect(screen).toContain("user ada");
  expect(screen).toContain("John's iPhone is paired.");
  expect(screen).not.toContain(ADMIN_TOKEN);
});

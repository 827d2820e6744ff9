import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import stringWidth from "string-width";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { checklistAsTable } from "../../src/headless/verify/verify.ts";
import { CLI, freshHome, type Headless, killServers, run, startHeadless } from "./headless.ts";
import { type Lies, type LyingProxy, type Passing, startLyingProxy } from "./lying-proxy.ts";
import { movedClock } from "./moved-clock.ts";
import { PRODUCTION, TWILIO } from "./production.ts";

type Env = Readonly<Record<string, string>>;
interface Served {
  readonly server: Headless;
  readonly home: string;
  /** What the server was started with. */
  readonly own: Env;
  /** What verify is started with. */
  readonly env: Env;
}

function without(env: Env, ...names: readonly string[]): Env {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}

async function serve(changes: Env = {}, node: Env = {}): Promise<Served> {
  const home = freshHome();
  const own = { ...PRODUCTION, ...TWILIO, PAIRING_STORAGE_PATH: path.join(home, "pairing data"), ...changes };
  const server = await startHeadless(home, { ...own, ...node });
  return { server, home, own, env: { HOME: home, ...own, PAIRING_PORT: new URL(server.localAddress).port } };
}

interface Verified {
  readonly code: number | null;
  readonly printed: string;
  readonly failed: readonly number[];
  /** What a row says: what was seen, and what to do. */
  readonly reasonOf: (row: number) => string;
}

/** Where verify may leave something, and must not. */
const scratch = mkdtempSync(path.join(tmpdir(), "topdog-verify-test-"));
const start = (env: Env, ...words: string[]): ReturnType<typeof run> => run([CLI, "verify", ...words], { TMPDIR: scratch, ...env });

const verify = async (env: Env, ...words: string[]): Promise<Verified> => verified(start(env, "--json", ...words));

async function verified({ ended }: ReturnType<typeof run>): Promise<Verified> {
  const { code, printed } = await ended;
  const json = printed.split("\n").find((line) => line.startsWith("{"));
  if (json === undefined) throw new Error(`ended with ${code}: ${printed}`);
  const { rows } = JSON.parse(json) as { rows: { number: number; passed: boolean; reason: string; todo?: string }[] };
  expect(rows.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  return {
    code,
    printed,
    failed: rows.filter(({ passed }) => !passed).map(({ number }) => number),
    reasonOf: (row) => `${rows[row - 1]?.reason} ${rows[row - 1]?.todo}`,
  };
}

/** Whatever a run met, it takes away what it made, and nobody was texted. `listed`: what stays where it may not touch the lists. */
async function expectNothingLeft({ server, env }: Pick<Served, "server" | "env">, listed: readonly string[] = []): Promise<void> {
  const headers = { "x-admin-token": env["ADMIN_TOKEN"] ?? "" };
  const ask = async (target: string): Promise<any> =>
    (await fetch(`http://127.0.0.1:${new URL(server.localAddress).port}${target}`, { headers })).json();
  const devices: { status: string }[] = await ask("/phone/devices");
  expect(devices.map(({ status }) => status)).toEqual(listed);
  const { sessions }: { sessions: { status: string; user_id: string }[] } = await ask("/phone/pairing/sessions");
  const own = sessions.filter(({ user_id }) => user_id === "topdog-phone-verify");
  expect(own.filter(({ status }) => listed.length === 0 || status === "pending")).toEqual([]);
  expect(readdirSync(scratch)).toEqual([]);
  expect(server.printed()).not.toContain("MOCK SMS");
}

let good: Served;
let proxy: LyingProxy | undefined;
// All runs come from this computer, which is one caller to the local door: each test has request limits of its own.
beforeEach(async () => {
  good = await serve();
});
afterEach(() => {
  proxy?.close();
  killServers();
});

/** The good server, as it looks through these lies. */
async function lying(lies: Lies): Promise<Env> {
  proxy = await startLyingProxy(good.server, lies);
  return { ...good.env, PAIRING_PORT: String(proxy.port) };
}

describe("topdog-phone verify", () => {
  it("passes all eight rows with the guide's production environment, once and again at once, and leaves nothing behind", async () => {
    const file = path.join(freshHome(), "admin token");
    writeFileSync(file, `${PRODUCTION.ADMIN_TOKEN}\n`);
    const { code, printed } = await start({ ...without(good.env, "ADMIN_TOKEN"), ADMIN_TOKEN_FILE: file }).ended;
    expect(printed).toMatch(/\n\n8 of 8 rows passed\.\n$/);
    expect(printed.match(/^\d {2}.*$/gm)?.map((line) => line.replace(/✓ pass .*/, "✓"))).toEqual([
      "1  Rate limiting         ✓",
      "2  Session persistence   ✓",
      "3  Revocation            ✓",
      "4  Admin gating          ✓",
      "5  Audit log             ✓",
      "6  QR one-time password  ✓",
      "7  Pairing expiry        ✓",
      "8  ConfigMap and Secret  ✓",
    ]);
    expect(code).toBe(0);
    for (let again = 0; again < 2; again += 1) expect(await verify(good.env)).toMatchObject({ failed: [], code: 0 });
    await expectNothingLeft(good);
  });

  it("recommends that new phones are confirmed, and passes the same rows where they are", async () => {
    const table = await start(good.env).ended;
    expect(table.printed).toContain("!  Confirmation of new phones");
    expect(table.printed).toContain("PAIRING_CONFIRM=always");
    const confirming = await serve({ PAIRING_CONFIRM: "always" });
    const { printed, code } = await start(confirming.env).ended;
    expect([code, printed.includes("✓  Confirmation of new phones"), printed.includes("8 of 8 rows passed.")]).toEqual([0, true, true]);
    await expectNothingLeft(confirming);
  });

  it.each([
    [4, "the gate off", { PHONE_DEVICES_REQUIRE_ADMIN: "0" }, "PHONE_DEVICES_REQUIRE_ADMIN=1"],
    [4, "a local door that asks nobody who they are", { PAIRING_LOCAL_AUTH: "off" }, "Remove PAIRING_LOCAL_AUTH=off"],
    [6, "no one-time password", { PAIRING_QR_REQUIRE_OTP: "0" }, "PAIRING_QR_REQUIRE_OTP=1"],
    [7, "links that live for a day", { PAIRING_INVITE_EXPIRY_MINUTES: "1440" }, "PAIRING_INVITE_EXPIRY_MINUTES"],
    [8, "the guide's sample token and no TLS", { ADMIN_TOKEN: "super-secret-admin", PAIRING_BASE_URL: "http://pair.test" }, "guessed"],
  ] as const)("fails row %i alone with %s", async (row, _what, changes, word) => {
    const bad = await serve(changes);
    const { code, failed, reasonOf } = await verify(bad.env);
    expect([failed, code]).toEqual([[row], 1]);
    expect(reasonOf(row)).toContain(word);
    await expectNothingLeft(bad);
    bad.server.child.kill("SIGKILL");
  });

  it("fails row 1 with the limits scaled away, row 8 in mock mode, and takes a whole copy of a server that is busy", async () => {
    const busy = await serve({ PAIRING_RATE_LIMIT_SCALE: "1000" }, { SMS_PROVIDER: "mock" });
    const verified = verify(busy.env);
    let running = true;
    const ended = verified.finally(() => (running = false));
    for (let number = 1000; running; number += 1) {
      await fetch(`${busy.server.localAddress}/phone/pairing/send-sms`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ phone_number: `+1415555${number}`, user_id: "somebody" }),
      });
    }
    await ended;
    const { code, failed, reasonOf } = await verified;
    expect([failed, code]).toEqual([[1, 8], 1]);
    expect(reasonOf(1)).toContain("PAIRING_RATE_LIMIT_SCALE");
    expect(reasonOf(8)).toContain("the running server is in mock mode and sends no text message");
    busy.server.child.kill("SIGKILL");
  });

  it("names everything that its environment lacks, has wrong, or has otherwise than the server", async () => {
    const { failed, reasonOf } = await verify({
      ...without(good.env, "PAIRING_QR_EMBED_OTP", "TWILIO_AUTH_TOKEN"),
      PAIRING_INVITE_EXPIRY_MINUTES: "soon",
      PAIRING_BASE_URL: "https://elsewhere.test",
      TWILIO_ACCOUNT_SID: "ACxxxxxxxxxxxxxxxxxxxxxxxxxx",
    });
    expect(failed).toEqual([8]);
    for (const words of [
      "PAIRING_QR_EMBED_OTP is missing",
      "TWILIO_AUTH_TOKEN or TWILIO_API_KEY_SID with TWILIO_API_KEY_SECRET is missing",
      'PAIRING_INVITE_EXPIRY_MINUTES: must be a whole number from 1 to 1440 (it is "soon")',
      "PAIRING_BASE_URL is https://elsewhere.test here and https://pair.topdog-ide.com in the running server",
      "TWILIO_ACCOUNT_SID still has the template's text",
    ])
      expect(reasonOf(8)).toContain(words);
    await expectNothingLeft(good);
  });

  it("cannot look into a storage folder that is not there, and says how to go about it", async () => {
    const { failed, reasonOf } = await verify({ ...good.env, PAIRING_STORAGE_PATH: path.join(freshHome(), "elsewhere") });
    expect(failed).toEqual([2, 5, 7]);
    expect(reasonOf(2)).toMatch(/elsewhere.pairing_journal\.jsonl can't be read \(ENOENT\)\. .*kubectl exec.*--restart/);
    expect(reasonOf(7)).toMatch(/--wait/);
    await expectNothingLeft(good);
  });

  it("without the admin token says so in each row that needs it, and still takes its phone away", async () => {
    const { failed, reasonOf, printed } = await verify(without(good.env, "ADMIN_TOKEN"));
    expect(failed).toEqual([2, 3, 4, 5, 7, 8]);
    for (const row of [2, 3, 4, 7, 8]) expect(reasonOf(row)).toMatch(/ADMIN_TOKEN|admin token/);
    expect(printed).toContain("This run's revoked phone and finished invites stay in the lists, as user topdog-phone-verify.");
    await expectNothingLeft(good, ["revoked"]);
    // The next run that may takes them off as well.
    expect((await verify(good.env)).code).toBe(0);
    await expectNothingLeft(good);
  });

  it("waits once, and says so, where the server's limits ask it to", async () => {
    let left = 1;
    const env = await lying({
      answer({ asked }, answer) {
        if (asked !== "GET /phone/pairing/sessions" || left === 0) return answer;
        left -= 1;
        const problem = {
          type: "about:blank",
          title: "Too Many Requests",
          status: 429,
          code: "rate_limited",
          detail: "Too many requests.",
        };
        return { status: 429, body: problem, headers: { "retry-after": "1" } };
      },
    });
    const { code, failed, printed } = await verify(env);
    expect([failed, code, left]).toEqual([[], 0, 0]);
    expect(printed).toContain("The server's rate limit was reached. Trying again in 1 second …\n");
    left = 2;
    const { failed: again, reasonOf } = await verify(env);
    expect([again, left]).toEqual([[2], 0]);
    expect(reasonOf(2)).toContain("Too many requests. Wait a moment and try again.");
    await expectNothingLeft(good);
  });
});

describe("a server that lies", () => {
  const known = { method: "sms", status: "accepted", level: "command" };
  const ghost = { ...known, session_id: "ghost", user_id: "u", user_name: "", phone_number: "", sends: 1 };
  const times = { created_at: "2026-01-01T00:00:00Z", expires_at: "2026-01-01T00:15:00Z" };

  it("fails row 2 when it lists a session that is not on disk", async () => {
    const env = await lying({
      answer: ({ asked }, { status, body }) =>
        asked === "GET /phone/pairing/sessions"
          ? { status, body: { sessions: [...body.sessions, { ...ghost, ...times }] } }
          : { status, body },
    });
    const { failed, reasonOf } = await verify(env);
    expect(failed).toEqual([2]);
    expect(reasonOf(2)).toMatch(/Of \d+ sessions and 1 phone, 1 session and 0 phones weren't found by .*PAIRING_STORAGE_PATH/);
    await expectNothingLeft(good);
  });

  it("fails row 3 when it goes on answering a revoked phone", async () => {
    const answers: { status: number; body: unknown }[] = [];
    const env = await lying({
      answer({ asked }, answer) {
        if (asked !== "GET /phone/me") return answer;
        answers.push(answer);
        return answers[0] ?? answer;
      },
    });
    const { failed, reasonOf } = await verify(env);
    expect(failed).toEqual([3]);
    expect(reasonOf(3)).toContain("The token of a revoked phone was answered with 200 instead of 401 token_revoked.");
    await expectNothingLeft(good);
  });

  it("fails row 5 when a line of the audit trail was changed", async () => {
    const trail = path.join(good.env["PAIRING_STORAGE_PATH"] ?? "", "pairing_audit.jsonl");
    const env = await lying({
      before({ asked }) {
        if (!asked.startsWith("DELETE /phone/devices/")) return;
        const lines = readFileSync(trail, "utf8").trimEnd().split("\n");
        // The number of the line that says "paired", in the same length: the server writes where it knows the end to be.
        const changed = lines.at(-1)?.replace(/(?<="seq":)\d/, (digit) => (digit === "9" ? "8" : "9"));
        writeFileSync(trail, `${[...lines.slice(0, -1), changed].join("\n")}\n`);
      },
    });
    const { failed, reasonOf } = await verify(env);
    expect(failed).toEqual([5]);
    expect(reasonOf(5)).toContain(`The numbers in ${trail} have a gap`);
    await expectNothingLeft(good);
  });
});

describe("a run that is interrupted", () => {
  it.each([
    ["SIGINT", 130, "its phone is paired", (passing) => passing.asked === "GET /phone/me"],
    ["SIGTERM", 143, "the copy is open", ({ asked, headers }) => asked === "GET /phone/devices" && !("x-admin-token" in headers)],
  ] as const satisfies readonly (readonly [string, number, string, (passing: Passing) => boolean])[])(
    "by %s ends with %i and takes away what it made, also while %s",
    async (signal, code, _when, here) => {
      const env = await lying({
        async before(passing) {
          if (!here(passing)) return;
          verifying.child.kill(signal);
          await vi.waitFor(() => expect(verifying.printed()).toContain("Cleaning up"), { timeout: 20_000 });
        },
      });
      const verifying = start(env);
      expect(await verifying.ended).toEqual({ code, printed: `Cleaning up …\nInterrupted by ${signal}.\n` });
      await expectNothingLeft(good);
    },
  );
});

describe("--restart", () => {
  it("restarts the real server and checks that one, whose doors are open to the network as in a cluster", async () => {
    const { server, home, own, env } = await serve({ PAIRING_HOST: "0.0.0.0", PAIRING_PHONE_HOST: "0.0.0.0" });
    const ports = { PAIRING_PORT: new URL(server.localAddress).port, PAIRING_PHONE_PORT: new URL(server.phoneAddress).port };
    const again = server.ended.then(() => startHeadless(home, { ...own, ...ports }));
    const { code, failed, reasonOf, printed } = await verify(env, "--restart", `kill ${server.child.pid}`);
    expect([failed, code]).toEqual([[], 0]);
    expect(printed).toContain("Restarting the server …");
    expect(reasonOf(2)).toContain("were found by the restarted server");
    await expectNothingLeft({ server: await again, env });
  });

  it("fails row 2 when the command fails, and when it restarts nothing", async () => {
    const failing = await verify(good.env, "--restart", "exit 4");
    expect([failing.failed, failing.code]).toEqual([[2], 1]);
    expect(failing.reasonOf(2)).toContain('The command "exit 4" ended with 4.');
    const clock = movedClock();
    const going = setInterval(() => clock.move(61), 200);
    const idle = await verify({ ...good.env, ...clock.env }, "--restart", "true").finally(() => clearInterval(going));
    expect(idle.reasonOf(2)).toContain("the same process still answers after a minute");
    await expectNothingLeft(good);
  });
});

it("puts the columns below one another, whatever the rows are called", () => {
  const names = ["Expiry", "\u6709\u6548\u671f", "\ud83d\udc69\u200d\ud83d\udcbb TLS", "Cle\u0301"];
  const rows = names.map((name, index) => ({
    number: index + 1,
    name,
    passed: index % 2 === 0,
    reason: `seen ${index}`,
    todo: `do ${index}`,
  }));
  const lines = checklistAsTable("http://127.0.0.1:1", { rows, recommended: [] }).split("\n");
  const startsOf = (word: RegExp): unknown[] => [
    ...new Set(lines.filter((line) => word.test(line)).map((line) => stringWidth(line.slice(0, line.search(word))))),
  ];
  expect(startsOf(/seen \d/)).toHaveLength(1);
  // What to do starts below what was seen.
  expect(startsOf(/→ do \d/)).toEqual(startsOf(/seen \d/));
});

describe("--wait", () => {
  it("waits until a QR code has ended on the running server", async () => {
    const clock = movedClock();
    const { env, server } = await serve({}, clock.env);
    const verifying = start({ ...env, ...clock.env }, "--wait", "--json");
    await vi.waitFor(() => expect(verifying.printed()).toContain("Waiting for the QR code to expire …\n"), { timeout: 60_000 });
    clock.move(5 * 60);
    const { code, failed, reasonOf } = await verified(verifying);
    expect([failed, code]).toEqual([[], 0]);
    expect(reasonOf(7)).toContain("then the QR code's status is expired, on the running server");
    await expectNothingLeft({ server, env });
  });
});

describe("without a server", () => {
  it("says in one line where it looked, and ends with 3", async () => {
    expect(await start({ ...good.env, PAIRING_PORT: "9" }, "--json").ended).toEqual({
      code: 3,
      printed:
        "No server is running at http://127.0.0.1:9. Start it (topdog-phone serve), or set PAIRING_HOST and PAIRING_PORT to its address.\n",
    });
  });

  it("does not take another program for one", async () => {
    const other = http.createServer((_request, response) => void response.end("hello"));
    await new Promise<void>((resolve) => void other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    const { code, printed } = await start({ ...good.env, PAIRING_PORT: String(port) }).ended;
    other.close();
    expect([code, printed]).toEqual([3, expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+ is not the local door of Top Dog\. .*\n$/)]);
  });
});

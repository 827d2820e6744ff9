import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { AnswerOf } from "../../src/contract/operations.ts";
import { type FakeNgrok, fakeNgrok, NGROK_ADDRESS, ngrokSays, type Play } from "../doubles/fake-ngrok.ts";
import { installCloudflared } from "../doubles/install-cloudflared.ts";
import { type Answer, phoneBody, startServer, type TestServer } from "./server.ts";

const TOKEN = "2abcDEFghiJKLmnoPQRstuVWXyz_7kLmNoPqRsTuVwXyZ1234";
type Reachability = AnswerOf<"reachability">;

/** No ngrok authtoken from the environment, unless a test says one: every server of a test gets its secrets from there. */
const NONE = { NGROK_AUTHTOKEN: "" };
const start = async (plays: Play[], env: Record<string, string> = {}) => {
  const fake = fakeNgrok(...plays);
  return { fake, server: await startServer({ ...NONE, ...env }, { loadNgrok: fake.load }) };
};
const again = (server: TestServer, fake: FakeNgrok): Promise<TestServer> =>
  startServer({ ...NONE, PAIRING_STORAGE_PATH: server.folder }, { loadNgrok: fake.load });
const reachability = async (server: TestServer): Promise<Reachability> => (await server.local("GET", "/admin/reachability")).body;
const press = async (server: TestServer, what: "start" | "stop"): Promise<Answer> => server.local("POST", `/admin/tunnel/${what}`);
const save = async (server: TestServer, body: object): Promise<Answer> => server.local("PATCH", "/admin/reachability", { body });
const becomes = async (server: TestServer, state: Reachability["tunnel"]["state"]) => {
  await expect.poll(async () => (await reachability(server)).tunnel.state, { timeout: 20_000 }).toBe(state);
  return (await reachability(server)).tunnel;
};
const savedIn = (server: TestServer): unknown => JSON.parse(readFileSync(path.join(server.folder, "reachability_settings.json"), "utf8"));
const secretIn = (server: TestServer): string => path.join(server.folder, "ngrok_authtoken.secret");

describe("ngrok", () => {
  it("is not what runs the tunnel before somebody chose it, and its package is not touched", async () => {
    const server = await startServer(NONE, {
      loadNgrok: async () => {
        throw new Error("nobody asked for it");
      },
    });
    expect(await reachability(server)).toMatchObject({ runner: "cloudflared", ngrok: { authtoken: { set: false, locked: false } } });
  });

  it("runs the tunnel once it was chosen and an authtoken was saved, and after a start", async () => {
    const { fake, server } = await start([{ name: "online" }]);
    expect((await save(server, { runner: "ngrok" })).body).toMatchObject({
      runner: "ngrok",
      ngrok: { authtoken: { set: false, locked: false }, problem: expect.stringContaining("needs an authtoken") },
    });
    const saved = await save(server, { ngrok_authtoken: ` ${TOKEN} ` });
    expect(saved.body.ngrok).toEqual({ authtoken: { set: true, locked: false } });
    await press(server, "start");
    expect(await becomes(server, "online")).toMatchObject({ address: NGROK_ADDRESS });
    expect(fake.runs.map(({ authtoken, target }) => [authtoken, target])).toEqual([[TOKEN, server.phoneAddress]]);
    expect((await server.local("GET", "/admin/overview")).body.base_url).toBe(NGROK_ADDRESS);
    await save(server, { tunnel_at_start: true });
    await server.close();
    expect(fake.runs[0]?.closed).toEqual(["listener", "session"]);
    expect(savedIn(server)).toEqual({ runner: "ngrok", ngrok_authtoken_kept: true, tunnel_at_start: true });
    const second = await again(server, fake);
    expect(await becomes(second, "online")).toMatchObject({ address: NGROK_ADDRESS });
    expect(fake.runs[1]?.authtoken).toBe(TOKEN);
  });

  it("pairs a phone that comes by its address", async () => {
    const { server } = await start([{ name: "online" }], { NGROK_AUTHTOKEN: TOKEN });
    await save(server, { runner: "ngrok" });
    await press(server, "start");
    await becomes(server, "online");
    const code = await server.invite();
    const headers = { host: new URL(NGROK_ADDRESS).host, "x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https" };
    expect((await server.phone("GET", `/pair?code=${code}`, { headers })).status).toBe(200);
    const paired = await server.phone("POST", "/phone/pairing/accept-invite", { headers, body: phoneBody(code) });
    expect([paired.status, paired.body.mqtt_url]).toEqual([200, `wss://${headers.host}/mqtt`]);
  });

  it("has its authtoken from the environment where that says one, and the page cannot change it", async () => {
    const { fake, server } = await start([{ name: "online" }], { NGROK_AUTHTOKEN: TOKEN });
    await save(server, { runner: "ngrok" });
    expect((await reachability(server)).ngrok).toEqual({ authtoken: { set: true, locked: true } });
    for (const ngrok_authtoken of ["another", ""]) expect((await save(server, { ngrok_authtoken })).body.code).toBe("setting_locked");
    await press(server, "start");
    await becomes(server, "online");
    expect(fake.runs[0]?.authtoken).toBe(TOKEN);
    expect(existsSync(secretIn(server))).toBe(false);
  });

  it("has it from a file that NGROK_AUTHTOKEN_FILE names", async () => {
    const { server: first } = await start([]);
    const file = path.join(first.folder, "token");
    writeFileSync(file, `${TOKEN}\n`);
    const fake = fakeNgrok({ name: "online" });
    const server = await startServer({ NGROK_AUTHTOKEN_FILE: file }, { loadNgrok: fake.load });
    await save(server, { runner: "ngrok" });
    await press(server, "start");
    await becomes(server, "online");
    expect(fake.runs[0]?.authtoken).toBe(TOKEN);
  });

  it("says what ngrok answered, and never the authtoken: in no answer, line or file but its own", async () => {
    const words = ngrokSays("The authtoken you specified is properly formed, but it is invalid.\nYour authtoken: TOKEN", 107);
    const { server } = await start([{ name: "refused", words }]);
    await save(server, { runner: "ngrok" });
    const answers = [await save(server, { ngrok_authtoken: TOKEN }), await press(server, "start")];
    const failed = await becomes(server, "failed");
    expect(failed).toMatchObject({ sentence: expect.stringContaining("doesn't accept this authtoken"), said: expect.any(String) });
    for (const [method, target] of [
      ["GET", "/admin/reachability"],
      ["GET", "/admin/overview"],
      ["GET", "/admin/settings"],
      ["POST", "/admin/tunnel/stop"],
    ] as const)
      answers.push(await server.local(method, target));
    answers.push(await save(server, { ngrok_authtoken: `${TOKEN} ${TOKEN}` }));
    expect(JSON.stringify([answers.map(({ text }) => text), server.printed])).not.toContain(TOKEN);
    await server.close();
    const log = readFileSync(path.join(server.folder, "logs", "Top Dog-topdog.log"), "utf8");
    expect(log).toContain("ngrok_authtoken_refused");
    expect(log).not.toContain(TOKEN);
    expect(JSON.stringify(savedIn(server))).not.toContain(TOKEN);
  });

  it("keeps the authtoken for this account only, and forgets it when it is removed", async () => {
    const { server } = await start([{ name: "online" }]);
    await save(server, { runner: "ngrok", ngrok_authtoken: TOKEN });
    expect([readFileSync(secretIn(server), "utf8"), statSync(secretIn(server)).mode & 0o777]).toEqual([TOKEN, 0o600]);
    expect((await save(server, { ngrok_authtoken: "" })).body.ngrok.authtoken).toEqual({ set: false, locked: false });
    expect([existsSync(secretIn(server)), savedIn(server)]).toEqual([false, { runner: "ngrok" }]);
    await press(server, "start");
    expect(await becomes(server, "failed")).toMatchObject({ sentence: expect.stringContaining("ngrok needs an authtoken") });
  });

  it("refuses what is no authtoken, without repeating it", async () => {
    const { server } = await start([]);
    const refused = await save(server, { ngrok_authtoken: `ngrok config add-authtoken ${TOKEN}` });
    expect([refused.status, refused.body.errors]).toEqual([
      400,
      [{ field: "ngrok_authtoken", message: "must be the authtoken alone, without spaces" }],
    ]);
    expect(refused.text).not.toContain(TOKEN);
    expect(existsSync(secretIn(server))).toBe(false);
  });

  it("says how its package is installed where it is not", async () => {
    const server = await startServer({ NGROK_AUTHTOKEN: TOKEN }, { loadNgrok: async () => ({ failure: "ngrok_not_installed" }) });
    const { ngrok } = (await save(server, { runner: "ngrok" })).body;
    expect(ngrok.problem).toContain("npm install @ngrok/ngrok");
    await press(server, "start");
    expect(await becomes(server, "failed")).toEqual({ state: "failed", sentence: ngrok.problem });
  });
});

describe("who runs the tunnel", () => {
  it("cannot be chosen anew while it runs, and what runs goes on", async () => {
    const { fake, server } = await start([{ name: "online" }], { NGROK_AUTHTOKEN: TOKEN });
    await save(server, { runner: "ngrok" });
    await press(server, "start");
    await becomes(server, "online");
    const refused = await save(server, { runner: "cloudflared" });
    expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
      409,
      "tunnel_running",
      "The tunnel is running, and phones may be using it. Stop it before you change its provider.",
    ]);
    // What it is already is no change.
    expect((await save(server, { runner: "ngrok" })).status).toBe(200);
    expect([(await reachability(server)).tunnel.state, fake.runs[0]?.closed]).toEqual(["online", []]);
    await press(server, "stop");
    expect((await save(server, { runner: "cloudflared" })).body.runner).toBe("cloudflared");
  });

  it("may be chosen anew while a failed one waits, which is over then", async () => {
    const cloudflared = installCloudflared({ name: "offline" });
    const { fake, server } = await start([{ name: "online" }], { NGROK_AUTHTOKEN: TOKEN, PAIRING_CLOUDFLARED: cloudflared.file });
    await press(server, "start");
    await becomes(server, "failed");
    expect((await save(server, { runner: "ngrok" })).body.tunnel).toEqual({ state: "off" });
    await press(server, "start");
    expect(await becomes(server, "online")).toMatchObject({ address: NGROK_ADDRESS });
    expect([fake.runs.length, cloudflared.runs().length]).toEqual([1, 1]);
  });

  it("is one of those that there are", async () => {
    const { server } = await start([]);
    expect((await save(server, { runner: "frp" })).status).toBe(400);
  });
});

import { readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { AnswerOf } from "../../src/contract/operations.ts";
import { installCloudflared, isAlive, type Mood } from "../doubles/install-cloudflared.ts";
import { ask, phoneBody, startServer, type TestServer } from "./server.ts";

const ADDRESS = "https://calm-river-maps-song.trycloudflare.com";
const OTHER = "https://wide-lake-spoon-hat.trycloudflare.com";
type Reachability = AnswerOf<"reachability">;

const start = async (moods: Mood[], env: Record<string, string> = {}) => {
  const fake = installCloudflared(...moods);
  return { fake, server: await startServer({ PAIRING_CLOUDFLARED: fake.file, ...env }) };
};
const reachability = async (server: TestServer): Promise<Reachability> => (await server.local("GET", "/admin/reachability")).body;
const press = async (server: TestServer, what: "start" | "stop") => server.local("POST", `/admin/tunnel/${what}`);
const save = async (server: TestServer, body: object) => server.local("PATCH", "/admin/reachability", { body });
const becomes = async (server: TestServer, state: Reachability["tunnel"]["state"]) => {
  await expect.poll(async () => (await reachability(server)).tunnel.state, { timeout: 20_000 }).toBe(state);
  return (await reachability(server)).tunnel;
};
const overview = async (server: TestServer): Promise<AnswerOf<"overview">> => (await server.local("GET", "/admin/overview")).body;

describe("the tunnel", () => {
  it("is not started by itself, and pairs a phone once it was started", async () => {
    const { fake, server } = await start([{ name: "forwards" }]);
    expect(await reachability(server)).toMatchObject({ tunnel: { state: "off" }, tunnel_at_start: false, phone_door: server.phoneAddress });
    expect(fake.runs()).toEqual([]);
    expect((await press(server, "start")).body.tunnel.state).toBe("starting");
    expect(await becomes(server, "online")).toMatchObject({ address: ADDRESS });
    const { edge } = await fake.run(1);
    const code = await server.invite();
    const { invites, base_url } = await overview(server);
    expect([base_url, invites[0]?.link, invites[0]?.stale]).toEqual([ADDRESS, `${ADDRESS}/pair?code=${code}`, false]);

    const headers = { host: new URL(ADDRESS).host };
    const through = `http://127.0.0.1:${edge}`;
    expect((await ask(through, "GET", `/pair?code=${code}`, { headers })).status).toBe(200);
    const paired = await ask(through, "POST", "/phone/pairing/accept-invite", { headers, body: phoneBody(code) });
    expect([paired.status, paired.body.mqtt_url]).toEqual([200, `wss://${headers.host}/mqtt`]);
    // The cookie of a page that came encrypted goes back encrypted only.
    expect(String(paired.headers["set-cookie"])).toMatch(/; Secure/i);
    // No admin operation is reachable through the tunnel.
    expect((await ask(through, "GET", "/admin/reachability", { headers })).status).toBe(404);
  });

  it("flags invites that were sent with another address", async () => {
    const { fake, server } = await start([{ name: "dies-later" }, { name: "online", address: OTHER }]);
    await server.invite();
    await press(server, "start");
    await becomes(server, "online");
    await server.invite();
    expect((await overview(server)).invites.map(({ stale }) => stale)).toEqual([false, true]);
    process.kill((await fake.run(1)).pid, "SIGUSR2");
    await becomes(server, "failed");
    expect((await overview(server)).base_url).toBe(server.phoneAddress);
    // It is tried again by itself, and at once when somebody wants it.
    await press(server, "start");
    expect(await becomes(server, "online")).toMatchObject({ address: OTHER });
    expect((await overview(server)).invites.map(({ stale }) => stale)).toEqual([true, true]);
  });

  it("says what failed and what to do, and is over when it is stopped", async () => {
    const { fake, server } = await start([{ name: "offline" }, { name: "online" }]);
    await press(server, "start");
    const failed = await becomes(server, "failed");
    expect(failed).toMatchObject({ sentence: "cloudflared can't reach Cloudflare. Check that this computer is online." });
    expect(failed).toHaveProperty("again_at");
    await press(server, "start");
    await becomes(server, "online");
    const { pid } = await fake.run(2);
    expect((await press(server, "stop")).body.tunnel).toEqual({ state: "off" });
    expect([isAlive(pid), (await overview(server)).base_url]).toEqual([false, server.phoneAddress]);
  });

  it("ends with the server, even when it will not", async () => {
    const { fake, server } = await start([{ name: "stubborn" }]);
    await press(server, "start");
    await becomes(server, "online");
    await server.close();
    expect(isAlive((await fake.run(1)).pid)).toBe(false);
  });

  it("is news", async () => {
    const { server } = await start([{ name: "online" }]);
    const received: string[] = [];
    server.pairing.listen((item) => received.push(item));
    await press(server, "start");
    await becomes(server, "online");
    expect(received).toEqual(["reachability", "invites", "reachability", "invites"]);
  });

  it("is not started where the environment says where links point", async () => {
    const { fake, server } = await start([{ name: "online" }], { PAIRING_BASE_URL: "https://pair.example.com" });
    expect((await reachability(server)).base_url).toEqual({ value: "https://pair.example.com", locked: true });
    const refused = await press(server, "start");
    expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
      409,
      "setting_locked",
      "Links use the address in PAIRING_BASE_URL, so a tunnel would have no effect. Remove it from the environment and restart Top Dog.",
    ]);
    expect((await save(server, { base_url: "https://other.example.com" })).body.code).toBe("setting_locked");
    expect(fake.runs()).toEqual([]);
  });

  it.each(["reachability", "startTunnel", "stopTunnel", "saveReachability"] as const)(
    "%s asks for the admin token where it must",
    async (name) => {
      const { server } = await start([{ name: "online" }], { PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: "a".repeat(32) });
      const [method, target] = {
        reachability: ["GET", "/admin/reachability"],
        startTunnel: ["POST", "/admin/tunnel/start"],
        stopTunnel: ["POST", "/admin/tunnel/stop"],
        saveReachability: ["PATCH", "/admin/reachability"],
      }[name] as [string, string];
      const body = method === "PATCH" ? { body: {} } : {};
      expect((await server.local(method, target, body)).status).toBe(401);
      expect((await server.phone(method, target, body)).status).toBe(404);
      expect((await server.local(method, target, { ...body, headers: { "x-admin-token": "a".repeat(32) } })).status).toBe(200);
    },
  );
});

describe("what is saved", () => {
  it("is where links point, from the next one on and after a start, in a file for this account only", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "topdog-tunnel-"));
    const first = await startServer({ PAIRING_STORAGE_PATH: folder });
    await first.invite();
    const saved = await save(first, { base_url: " https://Pair.Example.com:8443/ " });
    expect(saved.body.base_url).toEqual({ value: "https://pair.example.com:8443", locked: false });
    expect((await overview(first)).invites[0]?.stale).toBe(true);
    await first.close();
    const file = path.join(folder, "reachability_settings.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ base_url: "https://pair.example.com:8443" });
    const second = await startServer({ PAIRING_STORAGE_PATH: folder });
    expect((await overview(second)).base_url).toBe("https://pair.example.com:8443");
    expect((await save(second, { base_url: "" })).body.base_url.value).toBe("");
    expect((await overview(second)).base_url).toBe(second.phoneAddress);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({});
  });

  it("is the same host with a closing dot and without, in links, in the file and from a file of before", async () => {
    const server = await startServer();
    expect((await save(server, { base_url: "https://pair.example.com.:8443/" })).body.base_url.value).toBe("https://pair.example.com:8443");
    expect((await overview(server)).base_url).toBe("https://pair.example.com:8443");
    await server.close();
    const file = path.join(server.folder, "reachability_settings.json");
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ base_url: "https://pair.example.com:8443" });
    writeFileSync(file, '{"base_url":"https://pair.example.com."}', { mode: 0o600 });
    const again = await startServer({ PAIRING_STORAGE_PATH: server.folder });
    const code = await again.invite();
    const { base_url, invites } = await overview(again);
    expect([base_url, invites[0]?.link]).toEqual(["https://pair.example.com", `https://pair.example.com/pair?code=${code}`]);
    // The door takes the name that the link has for its own.
    const opened = await again.phone("GET", `/pair?code=${code}`, { headers: { host: "pair.example.com" } });
    expect(opened.status).toBe(200);
  });

  it("starts the tunnel with Top Dog, when that was chosen", async () => {
    const { fake, server } = await start([{ name: "online" }]);
    expect((await save(server, { tunnel_at_start: true })).body).toMatchObject({ tunnel_at_start: true, tunnel: { state: "off" } });
    await server.close();
    expect(fake.runs()).toEqual([]);
    const again = await startServer({ PAIRING_CLOUDFLARED: fake.file, PAIRING_STORAGE_PATH: server.folder });
    expect(await becomes(again, "online")).toMatchObject({ address: ADDRESS });
  });

  it.each([
    "pair.example.com",
    "ftp://pair.example.com",
    "https://pair.example.com/path",
    "https://pair.example.com?x",
    "https://a:b@pair.example.com",
    "https://pair.example.com#x",
    "https://",
    "https://pair.example.com:99999",
    "https://pair example.com",
    "javascript:alert(1)",
    "https://pair.example.com\\@evil.example",
  ])("refuses %j as an address", async (base_url) => {
    const server = await startServer();
    const refused = await save(server, { base_url });
    expect([refused.status, refused.body.errors]).toEqual([
      400,
      [{ field: "base_url", message: "must be a web address without a path, like https://pair.mycompany.com" }],
    ]);
    expect((await overview(server)).base_url).toBe(server.phoneAddress);
  });

  it("stops a start when it is damaged, is named, and stays as it is", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "topdog-tunnel-"));
    const file = path.join(folder, "reachability_settings.json");
    writeFileSync(file, '{"base_url":"nonsense"}');
    await expect(startServer({ PAIRING_STORAGE_PATH: folder })).rejects.toThrow(
      `${file} is damaged. Move it away, start again, and set up phone reachability anew in the settings page.`,
    );
    expect(readFileSync(file, "utf8")).toBe('{"base_url":"nonsense"}');
  });
});

describe("the network around", () => {
  it("is nothing while the phone door listens on this computer only", async () => {
    expect((await reachability(await startServer())).local_network).toEqual([]);
  });

  it("is shown once the phone door listens there", async () => {
    const server = await startServer({ PAIRING_PHONE_HOST: "0.0.0.0" });
    const { local_network, phone_door } = await reachability(server);
    const { port } = new URL(server.phoneAddress);
    expect(phone_door).toBe(`http://127.0.0.1:${port}`);
    for (const address of local_network) expect(address).toMatch(new RegExp(`^http://(10|172|192)\\.[\\d.]+:${port}$`));
  });
});

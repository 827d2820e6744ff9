import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { killServers } from "../e2e/headless.ts";
import { hasNginx, stopNginx } from "../e2e/nginx.ts";
import { phoneBody } from "../http/server.ts";
import { connectPhone, hangUp } from "../mqtt/phone.ts";
import { hasPostgres, sql } from "../postgres.ts";
import { COMPOSE_FILE, inOrder, readCompose, readExample, variablesOf } from "./compose.ts";
import { removeDatabase, startCompose, type World } from "./compose-world.ts";
import { VARIABLES } from "./manifests.ts";

const filled = Object.fromEntries(Object.entries(readExample()).map(([name, value]) => [name, value || `value-of-${name.toLowerCase()}`]));
const compose = readCompose(filled);
const servers = ["server-1", "server-2"] as const;

describe("docker-compose.yml", () => {
  it("takes from .env what .env.example names, and asks for what has no default", () => {
    const names = variablesOf().map(({ name }) => name);
    expect([...new Set(names)].sort()).toEqual(Object.keys(readExample()).sort());
    const wanted = variablesOf().filter((one) => one.default === undefined);
    expect(wanted.length).toBeGreaterThan(4);
    for (const { name } of wanted) expect(() => readCompose({ ...filled, [name]: "" })).toThrow(name);
  });

  it("holds no secret, and neither does .env.example", () => {
    const secret = Object.entries(readExample()).filter(([name]) => /TOKEN|PASSWORD|SECRET|KEY/.test(name));
    expect(secret.length).toBeGreaterThan(3);
    expect(secret.filter(([, value]) => value !== "")).toEqual([]);
    // Every password of the file comes from .env.
    const passwords = readFileSync(COMPOSE_FILE, "utf8").match(/(?:PASSWORD|TOKEN): .*|postgres:\/\/\w+:[^@]*@/g) ?? [];
    expect(passwords.length).toBeGreaterThan(4);
    expect(passwords.filter((text) => !text.includes("${"))).toEqual([]);
    expect(readFileSync(".gitignore", "utf8")).toMatch(/^deploy\/\.env\ndeploy\/secrets\/$/m);
  });

  it("sets only variables that the server knows", () => {
    for (const name of [...servers, "migrate"]) {
      const { environment } = compose.services[name]!;
      expect(Object.keys(environment).filter((variable) => !VARIABLES.has(variable))).toEqual([]);
      const files = Object.entries(environment).flatMap(([variable, value]) => (variable.endsWith("_FILE") ? [value] : []));
      expect(files.sort()).toEqual((compose.services[name]!.secrets ?? []).map((secret) => `/run/secrets/${secret}`).sort());
    }
  });

  it("names files that there are, and secrets of its own", () => {
    for (const [name, { volumes = [], secrets = [] }] of Object.entries(compose.services)) {
      const files = volumes.filter((volume) => volume.startsWith("./")).map((volume) => path.join("deploy", volume.split(":")[0]!));
      expect([name, files.filter((file) => !existsSync(file))]).toEqual([name, []]);
      expect(secrets.filter((secret) => !(secret in compose.secrets))).toEqual([]);
    }
  });

  it("starts two equal servers after the tables, and nginx after both", () => {
    expect(inOrder(compose)).toEqual(["database", "migrate", "server-1", "server-2", "nginx"]);
    const [one, other] = servers.map((name) => ({ ...compose.services[name], networks: undefined, ports: undefined }));
    expect(one).toEqual(other);
    expect(compose.services["server-1"]).toMatchObject({ restart: "unless-stopped", read_only: true, cap_drop: ["ALL"] });
    expect(compose.services["migrate"]).toMatchObject({ restart: "no", read_only: true, cap_drop: ["ALL"] });
    // Five seconds to go on answering, and five for what is in flight.
    for (const name of servers) expect(Number.parseInt(compose.services[name]!.stop_grace_period!, 10)).toBeGreaterThan(10);
  });

  it("opens the phones' way to the network, the local doors to this computer, and the database to nobody", () => {
    const ports = Object.values(compose.services).flatMap((service) => service.ports ?? []);
    expect(ports.sort()).toEqual(["0.0.0.0:443:443", "127.0.0.1:8000:8000", "127.0.0.1:8010:8000"]);
    expect(compose.networks["data"]).toEqual({ internal: true });
    expect(compose.services["database"]!.networks).toEqual(["data"]);
    // nginx alone says where a phone is: not the gateway, from which accounts of this computer come.
    const { ipv4_address: nginx } = (compose.services["nginx"]!.networks as unknown as { front: { ipv4_address: string } }).front;
    for (const name of servers) expect(compose.services[name]!.environment["PAIRING_TRUST_PROXY"]).toBe(nginx);
  });
});

const hasPrograms = ["psql", "pg_dump", "pg_restore", "curl", "openssl"].every(
  (program) => spawnSync(program, ["--version"]).error === undefined,
);

describe.skipIf(!hasPostgres || !hasNginx || !hasPrograms)("its services (Debian: apt-get install postgresql nginx-light)", () => {
  afterEach(async () => {
    hangUp();
    stopNginx();
    killServers();
    await removeDatabase();
  });

  it("pair phones through nginx, wherever they were invited, reach them, and refuse them once they are revoked", async () => {
    const world = await startCompose();
    const tokens = [await pair(world, "phone-1", "server-1"), await pair(world, "phone-2", "server-1")];
    // In turn: one of them at the server that did not invite it.
    await vi.waitFor(() => expect(serversOf(world, "/phone/pairing/accept-invite").size).toBe(2));

    const waiting = world.phone("GET", "/phone/inbox?since=0&wait=25", undefined, tokens[0]);
    const app = await connectPhone(world.mqtt.url, { deviceId: "phone-2", userId: "ada", token: tokens[1], ...world.mqtt.options });
    await notify(world, "server-2", "Done");
    expect(await waiting).toMatchObject({ status: 200, body: { messages: [{ seq: expect.any(Number) }] } });
    expect(await app.receives(() => true)).toMatchObject({ payload: { message: "Done" } });

    expect((await world.admin("server-1", "DELETE", "/phone/devices/phone-1?user_id=ada")).status).toBeLessThan(300);
    for (let turn = 0; turn < 4; turn += 1) expect((await me(world, tokens[0]!)).status).toBe(401);
    const last = await me(world, tokens[1]!);
    expect(last.status).toBe(200);
    const id = String(last.headers["x-request-id"]);
    await vi.waitFor(() => expect(world.log().at(-1)).toContain(id));
    // Nor are links' codes in it.
    expect((await world.phone("GET", "/pair?code=a-code-that-is-unknown")).status).toBe(404);
    await vi.waitFor(() => expect(world.log().at(-1)).toContain('"GET /pair"'));
    // Also where a path ends with one, and where a server does not answer.
    world.servers["server-1"].child.kill("SIGKILL");
    await world.servers["server-1"].ended;
    for (let turn = 0; turn < 4; turn += 1) {
      await world.phone("GET", "/pair?code=a-code-that-is-unknown");
      await world.phone("GET", "/phone/pairing/invite/a-code-that-is-unknown");
    }
    await vi.waitFor(() => expect(world.log().join("\n")).toContain('"GET /phone/pairing/invite/*"'));
    expect(world.log().join("\n") + world.errors()).not.toContain("a-code-that-is-unknown");
  });

  it("answer every request while a server is replaced, and when the other one dies after that", async () => {
    const world = await startCompose();
    const token = await pair(world, "phone-1", "server-1");
    const { child, ended } = world.servers["server-1"];
    const statuses = new Set<number>();
    let isOver = false;
    const over = ended.finally(() => {
      isOver = true;
    });
    child.kill("SIGTERM");
    while (!isOver) statuses.add((await me(world, token)).status);
    expect((await over).code).toBe(0);

    await world.startServer("server-1");
    const before = world.log().length;
    await vi.waitFor(
      async () => {
        statuses.add((await me(world, token)).status);
        expect(serversOf(world, "/phone/me", before)).toContain(new URL(world.servers["server-1"].phoneAddress).host);
      },
      { timeout: 30_000 },
    );
    world.servers["server-2"].child.kill("SIGKILL");
    await world.servers["server-2"].ended;
    for (let turn = 0; turn < 4; turn += 1) statuses.add((await me(world, token)).status);
    expect([...statuses]).toEqual([200]);
  });

  it("go on from a backup: phones have every message once, and who was revoked after it has to be revoked again", async () => {
    const world = await startCompose();
    const [paired, revoked] = [await pair(world, "phone-1", "server-1"), await pair(world, "phone-2", "server-2")];
    await notify(world, "server-1", "before the backup");
    const backup = path.join(mkdtempSync(path.join(tmpdir(), "topdog-backup-")), "topdog.dump");
    runProgram("pg_dump", ["--format=custom", `--file=${backup}`, world.adminUrl]);

    await notify(world, "server-2", "after the backup");
    expect((await world.admin("server-1", "DELETE", "/phone/devices/phone-2?user_id=ada")).status).toBeLessThan(300);
    const late = await pair(world, "phone-3", "server-1");
    const had = (await inboxOf(world, paired)).map(({ seq }) => seq);
    expect(had).toHaveLength(2);

    // README.md's question to the damaged database.
    const [, question = ""] = /^psql -d topdog_damaged -c "(.*)"$/m.exec(readFileSync("deploy/README.md", "utf8")) ?? [];
    const asked = spawnSync("psql", ["-XAt", "-d", world.adminUrl, "-c", question], { encoding: "utf8" });
    expect(asked.stdout).toMatch(/^\{.*"device_id":"phone-2".*\}\n$/);

    for (const name of servers) world.servers[name].child.kill("SIGKILL");
    await Promise.all(servers.map(async (name) => world.servers[name].ended));
    await sql("drop database topdog with (force)");
    await sql("create database topdog");
    runProgram("pg_restore", ["--exit-on-error", `--dbname=${world.adminUrl}`, backup]);
    // As it replaces the servers' password, too.
    await sql("create role topdog_server_2 login password 'next' in role topdog_server");
    await sql("alter role topdog_server nologin");
    const dotEnv = { TOPDOG_SERVER_ACCOUNT: "topdog_server_2", TOPDOG_SERVER_PASSWORD: "next" };
    await Promise.all(servers.map(async (name) => world.startServer(name, dotEnv)));

    const statuses = await Promise.all([paired, revoked, late].map(async (token) => (await me(world, token)).status));
    expect(statuses).toEqual([200, 200, 401]);
    await notify(world, "server-1", "after the restore");
    const next = await inboxOf(world, paired, had.at(-1));
    expect(next.map(({ payload }) => payload.message)).toEqual(["after the restore"]);
    expect((await world.admin("server-2", "DELETE", "/phone/devices/phone-2?user_id=ada")).status).toBeLessThan(300);
    expect((await me(world, revoked)).status).toBe(401);
  });
});

function runProgram(program: string, words: readonly string[]): void {
  const done = spawnSync(program, words, { encoding: "utf8" });
  expect([program, done.status, done.stderr]).toEqual([program, 0, ""]);
}

async function inboxOf(world: World, token: string, since = 0): Promise<{ seq: number; payload: { message: string } }[]> {
  const { status, body } = await world.phone("GET", `/phone/inbox?since=${since}`, undefined, token);
  expect(status).toBe(200);
  return body.messages;
}

/** Which servers answered requests for this path, by nginx's log from a line on. */
function serversOf(world: World, target: string, from = 0): Set<string> {
  const lines = world.log().slice(from);
  return new Set(lines.filter((line) => line.includes(` ${target}" `)).map((line) => line.split(" ")[4] ?? ""));
}

const me = async (world: World, token: string) => world.phone("GET", "/phone/me", undefined, token);

async function pair(world: World, deviceId: string, server: (typeof servers)[number]): Promise<string> {
  const invited = await world.admin(server, "POST", "/phone/pairing/send-sms", { phone_number: "+14155552671", user_id: "ada" });
  expect(invited.status).toBe(200);
  const { status, body } = await world.phone("POST", "/phone/pairing/accept-invite", phoneBody(invited.body.invite_code, deviceId));
  expect(status).toBe(200);
  return body.jwt_token as string;
}

async function notify(world: World, server: (typeof servers)[number], message: string): Promise<void> {
  const build = { build_id: "b", project_name: "p", status: "success", message, priority: "normal", action_required: false };
  expect((await world.admin(server, "POST", "/phone/notifications/send", { ...build, user_id: "ada" })).status).toBe(200);
}

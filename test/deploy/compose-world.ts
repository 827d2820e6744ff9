import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { vi } from "vitest";
import { CLI, freshHome, type Headless, run, startHeadless } from "../e2e/headless.ts";
import { ONE_PROCESS, runNginx } from "../e2e/nginx.ts";
import { freePort } from "../ports.ts";
import { postgresUrl, sql } from "../postgres.ts";
import { type Compose, imageEnvironment, inOrder, isHealthy, readCompose, readExample, type Service } from "./compose.ts";

/** The services of deploy/docker-compose.yml as processes of this computer, in the same arrangement. */

const HOST = "pair.mycompany.com";
const ADMIN_TOKEN = "an-admin-token-of-the-compose-tests";
/** As the administrator who follows README.md fills it in. */
const ENV = {
  ...readExample(),
  ADMIN_TOKEN,
  POSTGRES_PASSWORD: "postgres-0f1e2d",
  TOPDOG_OWNER_PASSWORD: "owner-3c4b5a",
  TOPDOG_SERVER_PASSWORD: "server-697887",
};
const ACCOUNTS = ["topdog_owner", "topdog_server_2", "topdog_server"];

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: any;
}

export interface World {
  readonly servers: Record<"server-1" | "server-2", Headless>;
  /** The database's administrator at it. */
  readonly adminUrl: string;
  /** Where phones connect with MQTT, and with which options. */
  readonly mqtt: { readonly url: string; readonly options: object };
  /** Starts a server that has ended; `dotEnv`: lines of .env that were changed meanwhile. */
  startServer(name: "server-1" | "server-2", dotEnv?: Readonly<Record<string, string>>): Promise<void>;
  /** Asks as a phone, through nginx. */
  phone(method: string, target: string, body?: object, token?: string): Promise<Reply>;
  /** Asks at a server's local door with the admin token. */
  admin(name: "server-1" | "server-2", method: string, target: string, body?: object): Promise<Reply>;
  /** One line for each request through nginx. */
  log(): string[];
  /** What nginx says besides. */
  errors(): string;
}

/** For `afterEach`, once servers and nginx have ended. */
export async function removeDatabase(): Promise<void> {
  await sql("drop database if exists topdog with (force)");
  for (const name of ACCOUNTS) await sql(`drop role if exists ${name}`);
}

/** Starts what `docker compose up` would start. */
export async function startCompose(): Promise<World> {
  const compose = readCompose(ENV);
  const secrets = makeSecrets();
  const { host: databaseAt, port: databasePort } = new URL(postgresUrl);
  const replaced = [["database:5432", databaseAt], ...Object.entries(secrets).map(([name, file]) => [`/run/secrets/${name}`, file])] as [
    string,
    string,
  ][];
  const here = (text: string): string => replaced.reduce((whole, [from, to]) => whole.replaceAll(from, to), text);
  const environmentOf = (service: Service): Record<string, string> =>
    Object.fromEntries(Object.entries(service.environment).map(([name, value]) => [name, here(value)]));
  const servers = {} as Record<"server-1" | "server-2", Headless>;
  const world: Partial<World> & Pick<World, "servers"> = { servers };

  const startServer: World["startServer"] = async (name, dotEnv = {}) => {
    const service = readCompose({ ...ENV, ...dotEnv }).services[name]!;
    const home = freshHome();
    const storage = { PAIRING_STORAGE_PATH: path.join(home, "storage") };
    // A container keeps its address.
    const port = servers[name] === undefined ? "0" : new URL(servers[name].phoneAddress).port;
    // A test asks for one phone as fast as it can, on a fast computer more often than one phone may.
    const test = { PAIRING_RATE_LIMIT_SCALE: "1000", PAIRING_PHONE_PORT: port, ...storage };
    const env = { ...imageEnvironment(), ...test, ...environmentOf(service) };
    const started = await startHeadless(home, env, [CLI, ...(service.command ?? ["serve"])]);
    const reached = (address: string): string => address.replace("0.0.0.0", "127.0.0.1");
    servers[name] = { ...started, localAddress: reached(started.localAddress), phoneAddress: reached(started.phoneAddress) };
    await waitUntilHealthy(compose, name, [], { PAIRING_PORT: new URL(servers[name].localAddress).port });
  };
  const starts: Record<string, () => Promise<void>> = {
    database: async () => {
      makeDatabase(compose.services["database"]!);
      await waitUntilHealthy(compose, "database", [["5432", databasePort]]);
    },
    migrate: async () => {
      const { command = [] } = compose.services["migrate"]!;
      const { code, printed } = await run([CLI, ...command], { HOME: freshHome(), ...environmentOf(compose.services["migrate"]!) }).ended;
      if (code !== 0) throw new Error(`migrate ended with ${code}: ${printed}`);
    },
    "server-1": () => startServer("server-1"),
    "server-2": () => startServer("server-2"),
    nginx: async () => {
      Object.assign(world, await startFront(compose, servers, here, secrets["tls_certificate"]!));
    },
  };
  await sql("create database topdog");
  for (const name of inOrder(compose)) await starts[name]!();
  return Object.assign(world, { adminUrl: postgresUrl.replace(/[^/]*$/, "topdog"), startServer, admin: adminOf(servers) }) as World;
}

function makeSecrets(): Record<string, string> {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog-compose-"));
  const file = (name: string): string => path.join(folder, name);
  writeFileSync(file("secrets_key"), randomBytes(32).toString("base64"), { mode: 0o400 });
  const subject = ["-subj", `/CN=${HOST}`, "-addext", `subjectAltName=DNS:${HOST}`];
  const out = ["-keyout", file("tls.key"), "-out", file("tls.crt")];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject, ...out], { stdio: "ignore" });
  const { secrets } = readCompose(ENV);
  return Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, file(path.basename(secret.file))]));
}

/** What PostgreSQL's image does with an empty volume: it runs the files of docker-entrypoint-initdb.d. */
function makeDatabase({ environment, volumes = [] }: Service): void {
  const url = postgresUrl.replace(/[^/]*$/, environment["POSTGRES_DB"] ?? "");
  for (const [from = "", to = ""] of volumes.map((volume) => volume.split(":"))) {
    if (!to.startsWith("/docker-entrypoint-initdb.d/")) continue;
    const env = { PATH: process.env["PATH"] ?? "", ...environment };
    const done = spawnSync("psql", ["-X", "-d", url, "-f", path.join("deploy", from)], { env, encoding: "utf8" });
    if (done.status !== 0) throw new Error(done.stderr);
  }
}

async function waitUntilHealthy(compose: Compose, name: string, replaced: readonly (readonly [string, string])[], env = {}): Promise<void> {
  await vi.waitFor(
    () => {
      if (!isHealthy(compose.services[name]!, replaced, env)) throw new Error(`${name} is not healthy`);
    },
    { timeout: 60_000, interval: 200 },
  );
}

async function startFront(
  compose: Compose,
  servers: World["servers"],
  here: (text: string) => string,
  certificate: string,
): Promise<Pick<World, "phone" | "mqtt" | "log" | "errors">> {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog-nginx-"));
  const port = String(await freePort());
  const doors = Object.entries(servers).map(([name, { phoneAddress }]) => {
    const networks = compose.services[name]!.networks as Record<string, { ipv4_address?: string } | null>;
    return [`${networks["front"]?.ipv4_address}:8001`, new URL(phoneAddress).host] as const;
  });
  let conf = readFileSync("deploy/nginx.conf", "utf8").replaceAll("/tmp/", `${folder}/`);
  for (const [from, to] of doors) {
    if (!conf.includes(`server ${from} `)) throw new Error(`nginx.conf does not name ${from}`);
    conf = conf.replaceAll(from, to);
  }
  writeFileSync(path.join(folder, "nginx.conf"), here(conf.replaceAll("listen 443 ", `listen 127.0.0.1:${port} `)));
  await runNginx(folder, Number(port), ONE_PROCESS);
  await waitUntilHealthy(compose, "nginx", [[":443/", `:${port}/`]]);
  const ca = readFileSync(certificate);
  const tls = { ca, servername: HOST };
  return {
    phone: (method, target, body, token) => askByTls({ ...tls, port, method, path: target }, body, token),
    mqtt: { url: `wss://127.0.0.1:${port}/mqtt`, options: { ...tls, wsOptions: { ...tls, headers: { host: HOST } } } },
    log: () => readFileSync(path.join(folder, "stdout"), "utf8").split("\n").filter(Boolean),
    errors: () => readFileSync(path.join(folder, "stderr"), "utf8"),
  };
}

async function askByTls(options: https.RequestOptions, body?: object, token?: string): Promise<Reply> {
  const headers = {
    host: HOST,
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return new Promise((resolve, reject) => {
    const request = https.request({ ...options, host: "127.0.0.1", agent: false, headers }, (response) => {
      let text = "";
      response.on("data", (bytes: Buffer) => (text += bytes.toString()));
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text.startsWith("{") ? JSON.parse(text) : text });
      });
    });
    request.once("error", reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const adminOf =
  (servers: World["servers"]): World["admin"] =>
  async (name, method, target, body) => {
    const response = await fetch(`${servers[name].localAddress}${target}`, {
      method,
      headers: { connection: "close", "content-type": "application/json", "x-admin-token": ADMIN_TOKEN },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    return { status: response.status, headers: {}, body: text === "" ? {} : JSON.parse(text) };
  };

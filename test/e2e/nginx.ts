import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { freePort, listens } from "../ports.ts";

export const hasNginx = spawnSync("nginx", ["-v"]).status === 0;

export interface Nginx {
  readonly address: string;
  /** Each request that it read, in order: what it answered, and whether the door was asked. */
  readonly log: () => readonly { readonly status: number; readonly asked: boolean }[];
}

const running = new Set<ChildProcess>();

/** For `afterEach`. */
export function stopNginx(): void {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
}

/**
 * nginx in front of a door, as a tunnel or an ingress is: it passes on the Host it was asked for, adds the client to
 * `X-Forwarded-For` and keeps its connections to the door. `visitor`: how it passes on its visitors instead. Of several doors it
 * takes the next one where one does not answer. Resolves once it listens.
 */
export async function startNginx(
  door: string | readonly string[],
  visitor = "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
): Promise<Nginx> {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog-nginx-"));
  const port = await freePort();
  const servers = [door].flat().map((address) => `server ${new URL(address).host};`);
  const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`);
  writeFileSync(
    path.join(folder, "nginx.conf"),
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
    events {}
    http {
      log_format short "$status $upstream_status"; access_log ${folder}/access.log short; ${folders.join(" ")}
      upstream door { ${servers.join(" ")} keepalive 4; }
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass http://door; proxy_http_version 1.1; proxy_set_header Connection "";
          proxy_set_header Host $http_host;
          ${visitor}
        }
      }
    }`,
  );
  await runNginx(folder, port);
  const log = (): ReturnType<Nginx["log"]> =>
    readFileSync(path.join(folder, "access.log"), "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split(" "))
      .map(([status, upstream]) => ({ status: Number(status), asked: upstream !== "-" }));
  return { address: `http://127.0.0.1:${port}`, log };
}

/**
 * deploy/nginx.conf in front of phone doors, or of local ones, which are asked on nobody's behalf; on loopback, without TLS. Resolves with
 * its address once it listens.
 */
export async function startShippedNginx(doors: readonly string[], kind: "phone" | "local"): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog-nginx-"));
  const port = await freePort();
  const onBehalf = kind === "local" ? /^ *proxy_set_header (?:X-Forwarded-For|Forwarded|X-Request-Id) .*\n/gm : /^\b$/;
  const conf = readFileSync("deploy/nginx.conf", "utf8")
    .replace(/(?:^ *server [\d.]+:8001( .*;)\n)+/m, (_, options: string) =>
      doors.map((door) => `server ${new URL(door).host}${options}\n`).join(""),
    )
    .replaceAll("/tmp/", `${folder}/`)
    .replace("listen 443 ssl;", `listen 127.0.0.1:${port};`)
    .replace(/^ *ssl_.*\n/gm, "")
    .replace(onBehalf, "");
  writeFileSync(path.join(folder, "nginx.conf"), conf);
  await runNginx(folder, port, ONE_PROCESS);
  return `http://127.0.0.1:${port}`;
}

/** The one that is started, so that none is left behind when it is killed. */
export const ONE_PROCESS: readonly string[] = ["-g", "daemon off; master_process off;"];

/** Runs nginx with the nginx.conf of a folder, and what it writes to standard output in its `stdout`. Resolves once it listens. */
export async function runNginx(folder: string, port: number, words: readonly string[] = []): Promise<void> {
  const outputs = [openSync(path.join(folder, "stdout"), "w"), openSync(path.join(folder, "stderr"), "w")] as const;
  const child = spawn("nginx", ["-p", folder, "-c", path.join(folder, "nginx.conf"), ...words], { stdio: ["ignore", ...outputs] });
  for (const output of outputs) closeSync(output);
  running.add(child);
  while (!(await listens(port)))
    if (child.exitCode !== null)
      throw new Error(`nginx ended with ${child.exitCode}: ${readFileSync(path.join(folder, "stderr"), "utf8")}`);
}

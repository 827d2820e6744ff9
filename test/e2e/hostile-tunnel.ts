import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { type AddressInfo, connect, isIP, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

export interface HostileTunnel {
  /** Of https, with a certificate that nobody knows. */
  readonly address: string;
  /** For who is to know the certificate (NODE_EXTRA_CA_CERTS). */
  readonly certificateFile: string;
  /** Its target. */
  pointAt(door: string): void;
  /** Sockets that it dropped because nothing went through them. */
  readonly dropped: () => number;
  close(): Promise<void>;
}

/** What a visitor has to read before the first page, as free tunnels show it. */
const WARNING = `<!doctype html><meta charset="utf-8"><title>A word before you go on</title>
<p>You are about to visit a site that somebody serves from their computer.</p>
<form method="get" action="/.tunnel/visit"><input type="hidden" name="to"><button>Visit site</button></form>
<script>document.querySelector("input").value = location.pathname + location.search</script>`;

/**
 * The worst that tunnels do, in one: an interstitial in the place of the first page, every answer to a GET held back until it is whole,
 * the Host replaced by the door's own, and sockets dropped that were idle for `idleMs` (real ones wait a minute).
 */
export async function startHostileTunnel(idleMs: number, { name = "localhost", webSockets = true } = {}): Promise<HostileTunnel> {
  let door = new URL("http://127.0.0.1:9");
  let dropped = 0;
  const sockets = new Set<Socket>();
  const dropWhenIdle = (socket: Socket): void => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    socket.setTimeout(idleMs, () => {
      dropped += 1;
      socket.destroy();
    });
  };
  const passing = (request: http.IncomingMessage): http.RequestOptions => ({
    host: door.hostname,
    port: door.port,
    path: request.url,
    method: request.method,
    agent: false,
    headers: { ...withoutUpgrade(request.headers), host: door.host, "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.7" },
  });

  const { certificateFile, ...certificate } = makeCertificate(name);
  const server = https.createServer(certificate, (request, response) => {
    const { url = "/", method, headers } = request;
    if (url.startsWith("/.tunnel/visit?")) {
      const to = new URLSearchParams(url.slice(url.indexOf("?"))).get("to") ?? "/";
      response.writeHead(302, { location: to, "set-cookie": "tunnel_seen=1; Path=/; Secure; HttpOnly" }).end();
      return;
    }
    const isPage = method === "GET" && String(headers.accept).includes("text/html");
    if (isPage && !String(headers.cookie).includes("tunnel_seen=1")) {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(WARNING);
      return;
    }
    const passed = http.request(passing(request), (answer) => {
      const { statusCode = 502, headers: answered } = answer;
      if (method !== "GET") {
        response.writeHead(statusCode, answered);
        answer.pipe(response);
        return;
      }
      answer.toArray().then(
        (chunks) => response.writeHead(statusCode, answered).end(Buffer.concat(chunks as Buffer[])),
        () => response.destroy(),
      );
    });
    passed.on("error", () => response.destroy());
    response.once("close", () => passed.destroy());
    request.pipe(passed);
  });
  server.on("secureConnection", dropWhenIdle);
  // Without it Node.js answers an upgrade as any other request.
  if (webSockets)
    server.on("upgrade", (request, socket: Socket, head) => {
      const out = connect(Number(door.port), door.hostname, () => {
        const lines = Object.entries({ ...request.headers, host: door.host, "x-forwarded-proto": "https" });
        out.write(`GET ${request.url} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}`).join("\r\n")}\r\n\r\n`);
        out.write(head);
        socket.pipe(out).pipe(socket);
      });
      dropWhenIdle(out);
      out.once("close", () => socket.destroy());
      socket.once("close", () => out.destroy());
    });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    certificateFile,
    address: `https://${name}:${(server.address() as AddressInfo).port}`,
    pointAt(next) {
      door = new URL(next);
    },
    dropped: () => dropped,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** As proxies do: what is for one hop is not passed on. */
function withoutUpgrade({ connection: _connection, upgrade: _upgrade, ...headers }: http.IncomingHttpHeaders): http.IncomingHttpHeaders {
  return headers;
}

function makeCertificate(name: string): { key: Buffer; cert: Buffer; certificateFile: string } {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog-tunnel-"));
  const [key, cert] = [path.join(folder, "key.pem"), path.join(folder, "cert.pem")];
  const words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=topdog -addext".split(" ");
  words.push(`subjectAltName=${isIP(name) ? "IP" : "DNS"}:${name}`);
  const { status, stderr } = spawnSync("openssl", [...words, "-keyout", key, "-out", cert], { encoding: "utf8" });
  if (status !== 0) throw new Error(`openssl made no certificate: ${stderr}`);
  return { key: readFileSync(key), cert: readFileSync(cert), certificateFile: cert };
}

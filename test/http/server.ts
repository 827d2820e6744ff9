import { mkdtempSync, readFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach } from "vitest";
import { type Assembled, assemble, type HostOptions } from "../../src/assemble.ts";
import { readSettings } from "../../src/settings/read-settings.ts";

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  readonly body: any;
}

export interface Asked {
  readonly headers?: http.OutgoingHttpHeaders | undefined;
  readonly body?: unknown;
  /** Sent as it is, instead of `body` as JSON. */
  readonly raw?: string | Buffer;
}

export interface TestServer extends Assembled {
  readonly folder: string;
  readonly printed: string[];
  local(method: string, path: string, asked?: Asked): Promise<Answer>;
  phone(method: string, path: string, asked?: Asked): Promise<Answer>;
  /** An invite that waits for its phone. */
  invite(phoneNumber?: string, userId?: string): Promise<string>;
  /** A paired phone's token. */
  pair(deviceId?: string, userId?: string): Promise<string>;
  audit(): Record<string, unknown>[];
}

const running = new Set<Assembled>();
afterEach(async () => {
  await Promise.all([...running].map(async (server) => server.close()));
  running.clear();
});

let serial = 0;

/** A whole server on free ports and a fresh folder, with the file store, as a host assembles it. */
export async function startServer(env: Record<string, string> = {}, host: Pick<HostOptions, "startKeychain"> = {}): Promise<TestServer> {
  const folder = env["PAIRING_STORAGE_PATH"] ?? mkdtempSync(path.join(tmpdir(), "topdog-http-"));
  const printed: string[] = [];
  const settings = readSettings(
    { SMS_PROVIDER: "mock", PAIRING_PORT: "0", PAIRING_PHONE_PORT: "0", PAIRING_USER_NAME: "John Doe", PAIRING_COUNTRY: "US", ...env },
    { storageFolder: folder },
  );
  const assembled = await assemble(settings, {
    distFolder: path.resolve("dist"),
    appVersion: "0.0.0-test",
    print: (line) => printed.push(line),
    ...host,
  });
  running.add(assembled);
  const at = (address: string) => (method: string, target: string, asked?: Asked) => request(address, method, target, asked);
  const local = at(assembled.localAddress);
  const phone = at(assembled.phoneAddress);
  const server: TestServer = {
    ...assembled,
    folder,
    printed,
    local,
    phone,
    async invite(phoneNumber = nextNumber(), userId = "user123") {
      const { body } = await local("POST", "/phone/pairing/send-sms", {
        body: { phone_number: phoneNumber, user_id: userId, user_name: "John Doe" },
      });
      return body.invite_code;
    },
    async pair(deviceId = `device-${++serial}`, userId = "user123") {
      const { body } = await phone("POST", "/phone/pairing/accept-invite", {
        body: phoneBody(await server.invite(nextNumber(), userId), deviceId),
      });
      return body.jwt_token;
    },
    audit: () =>
      readFileSync(path.join(folder, "pairing_audit.jsonl"), "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
  };
  return server;
}

/** Numbers that no budget has seen. */
function nextNumber(): string {
  return `+1415555${String(1000 + (++serial % 9000))}`;
}

export function phoneBody(code: string, deviceId = "iphone-12345"): Record<string, unknown> {
  return {
    invite_code: code,
    device_id: deviceId,
    device_name: "John's iPhone",
    device_type: "ios",
    os_version: "17.1",
    app_version: "1.0.0",
  };
}

function request(address: string, method: string, target: string, { headers = {}, body, raw }: Asked = {}): Promise<Answer> {
  const { hostname, port } = new URL(address);
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const outgoing = http.request(
      {
        host: hostname.replace(/^\[|\]$/g, ""),
        port,
        method,
        path: target,
        agent: false,
        // Node would put its own in the place of an empty one.
        setHost: headers["host"] === undefined,
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(sent === undefined ? {} : { "content-length": Buffer.byteLength(sent) }),
          ...headers,
        },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          const isJson = /json/.test(incoming.headers["content-type"] ?? "") && text !== "";
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, body: isJson ? JSON.parse(text) : undefined });
        });
        incoming.on("error", reject);
      },
    );
    outgoing.on("error", reject);
    outgoing.end(sent);
  });
}

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, inject } from "vitest";
import type { Level } from "../../src/core/index.ts";
import { type Assembled, assemble } from "../../src/host/assemble.ts";
import type { HostOptions } from "../../src/host/host-options.ts";
import { openSettings } from "../../src/host/open-settings.ts";
import { afterEachTest } from "../after-each-test.ts";
import { forgetPassed, leaksIn, notePassing, notePassingHeaders, type Traces, withCanaries } from "../leaks.ts";

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
  /** The address the client has, where it matters: any of 127.0.0.0/8. */
  readonly from?: string;
}

export interface TestServer extends Assembled {
  readonly folder: string;
  readonly printed: string[];
  /** The key of a settings page that was opened just now: tests move the clock. */
  readonly windowKey: () => Promise<string>;
  /** Asks as that page does, unless the request brings a proof of its own, or the server's gate is on. */
  local(method: string, path: string, asked?: Asked): Promise<Answer>;
  phone(method: string, path: string, asked?: Asked): Promise<Answer>;
  /** An invite that waits for its phone. */
  invite(phoneNumber?: string, userId?: string, level?: Level): Promise<string>;
  /** A paired phone's token. */
  pair(deviceId?: string, userId?: string, level?: Level): Promise<string>;
  audit(): Record<string, unknown>[];
}

const running = new Map<Assembled, () => Traces>();
/** No test leaves without its servers' secrets having been looked for in all that they printed and wrote. */
afterEachTest(async () => {
  const servers = [...running];
  running.clear();
  await Promise.all(servers.map(async ([server]) => server.close()));
  const leaks = servers.flatMap(([, traces]) => leaksIn(traces()));
  forgetPassed();
  expect(leaks).toEqual([]);
});

/** What servers in this process say on standard error. */
let complaints = "";
const complain = process.stderr.write.bind(process.stderr);
process.stderr.write = (text: string, ...more: []) => {
  complaints += text;
  return complain(text, ...more);
};

let serial = 0;

/** A whole server on free ports and a fresh folder, with the file store, as a host assembles it. */
export async function startServer(
  env: Record<string, string> = {},
  host: Partial<
    Pick<
      HostOptions,
      | "distFolder"
      | "timeouts"
      | "askBeforeAws"
      | "startKeychain"
      | "openStore"
      | "pushTimeoutMs"
      | "idleSeconds"
      | "clock"
      | "loadNgrok"
      | "openFiles"
    >
  > = {},
): Promise<TestServer> {
  const folder = env["PAIRING_STORAGE_PATH"] ?? freshFolder(host.startKeychain === undefined);
  const printed: string[] = [];
  const given = withCanaries(env);
  const settings = openSettings(
    {
      SMS_PROVIDER: "mock",
      HOME: folder,
      PAIRING_PORT: "0",
      PAIRING_PHONE_PORT: "0",
      PAIRING_USER_NAME: "John Doe",
      PAIRING_COUNTRY: "US",
      ...given,
    },
    { storageFolder: folder },
  );
  const assembled = await assemble(settings, {
    distFolder: path.resolve("dist"),
    appVersion: "0.0.0-test",
    askBeforeAws: false,
    print: (line) => printed.push(line),
    ...host,
  });
  running.set(assembled, () => ({ folder, printed: `${printed.join("\n")}\n${complaints}`, env: given }));
  const at = (address: string) => (method: string, target: string, asked?: Asked) => ask(address, method, target, asked);
  const asked = at(assembled.localAddress);
  /** Requests at the same time share one: a server has a hundred at most. */
  let opened: { readonly key: Promise<string>; readonly at: number } | undefined;
  const windowKey = async (): Promise<string> => {
    // Tests move the clock, and a window that nobody uses ends.
    const at = (host.clock ?? Date).now();
    if (!opened || Math.abs(at - opened.at) > 3_600_000) opened = { key: assembled.openWindow(), at };
    return opened.key;
  };
  const isGated = env["PHONE_DEVICES_REQUIRE_ADMIN"] === "1";
  const local: TestServer["local"] = async (method, target, question = {}) =>
    asked(
      method,
      target,
      isGated || provesItself(question.headers)
        ? question
        : { ...question, headers: { "x-window-key": await windowKey(), ...question.headers } },
    );
  const phone = at(assembled.phoneAddress);
  const server: TestServer = {
    ...assembled,
    async ask(operation, input) {
      notePassing(input);
      const reply = await assembled.ask(operation, input);
      notePassing(reply);
      return reply;
    },
    folder,
    printed,
    windowKey,
    local,
    phone,
    async invite(phoneNumber = nextNumber(), userId = "user123", level) {
      const { body } = await local("POST", "/phone/pairing/send-sms", {
        headers: { "x-window-key": await windowKey() },
        body: { phone_number: phoneNumber, user_id: userId, user_name: "John Doe", level },
      });
      return body.invite_code;
    },
    async pair(deviceId = `device-${++serial}`, userId = "user123", level) {
      const { body } = await phone("POST", "/phone/pairing/accept-invite", {
        body: phoneBody(await server.invite(nextNumber(), userId, level), deviceId),
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

const PROOFS = ["x-admin-token", "x-local-key", "x-window-key", "origin", "sec-fetch-site", "authorization"];

function provesItself(headers: http.OutgoingHttpHeaders = {}): boolean {
  return Object.keys(headers).some((name) => PROOFS.includes(name.toLowerCase()));
}

let folders = 0;
/** A storage folder that no server has used, with a key that no other server of the same test has. */
function freshFolder(hasKey: boolean): string {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog-http-"));
  // The last one is the canary of PAIRING_JWT_PRIVATE_KEY.
  const keys = inject("signingKeys").slice(0, -1);
  if (hasKey) writeFileSync(path.join(folder, "signing_key.pem"), `${keys[folders++ % keys.length]}\n`, { mode: 0o600 });
  return folder;
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

export function ask(address: string, method: string, target: string, { headers = {}, body, raw, from }: Asked = {}): Promise<Answer> {
  const { hostname, port } = new URL(address);
  notePassing(body);
  notePassingHeaders(headers);
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const outgoing = http.request(
      {
        host: hostname.replace(/^\[|\]$/g, ""),
        port,
        method,
        path: target,
        agent: false,
        ...(from === undefined ? {} : { localAddress: from }),
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
          const answer = { status: incoming.statusCode ?? 0, headers: incoming.headers, text, body: isJson ? JSON.parse(text) : undefined };
          notePassing(answer.body);
          notePassingHeaders(answer.headers);
          resolve(answer);
        });
        incoming.on("error", reject);
      },
    );
    outgoing.on("error", reject);
    outgoing.end(sent);
  });
}

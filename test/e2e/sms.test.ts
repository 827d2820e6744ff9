import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openSnsDouble, type SnsDouble } from "../doubles/sns.ts";
import { openTwilioDouble, type TwilioDouble } from "../doubles/twilio.ts";
import { CLI, freshHome, type Headless, killServers, run, startHeadless } from "./headless.ts";

const SID = `AC${"0".repeat(32)}`;
const TOKEN = "a".repeat(32);
/** Writes the name of each module that is loaded. */
const WATCHED = [
  "--import",
  `data:text/javascript,${encodeURIComponent(
    `import { register } from "node:module"; register("data:text/javascript,${encodeURIComponent(
      'export const load = (url, context, next) => { process._rawDebug("LOADED " + url); return next(url, context); };',
    )}");`,
  )}`,
];

let twilio: TwilioDouble;
let sns: SnsDouble;
beforeAll(async () => {
  twilio = await openTwilioDouble({ sid: SID, token: TOKEN });
  sns = await openSnsDouble({ AKIDEXAMPLE00000: "secret" });
});
afterEach(killServers);
afterAll(async () => {
  await Promise.all([twilio.close(), sns.close()]);
});

const twilioEnv = (): Record<string, string> => ({
  TWILIO_ACCOUNT_SID: SID,
  TWILIO_AUTH_TOKEN: TOKEN,
  TWILIO_PHONE_NUMBER: "+15005550006",
  PAIRING_TWILIO_BASE_URL: twilio.url,
});
const snsEnv = (): Record<string, string> => ({
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE00000",
  AWS_SECRET_ACCESS_KEY: "secret",
  AWS_ENDPOINT_URL_SNS: sns.url,
});

/** The bundle's chunks that hold a provider's client. */
function chunksWith(mark: string): readonly string[] {
  const folder = path.join(path.dirname(CLI), "../chunks");
  return readdirSync(folder).filter((name) => name.endsWith(".js") && readFileSync(path.join(folder, name), "utf8").includes(mark));
}

async function ask(server: Headless, target: string, body: unknown = {}): Promise<any> {
  const response = await fetch(server.localAddress + target, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}
const invitation = { phone_number: "+14155551234", user_id: "u", user_name: "John Doe" };

describe("the server, as it is built", () => {
  it.each([
    ["Twilio", twilioEnv, "✓ Twilio SMS provider configured", () => twilio.messages.length],
    ["AWS SNS", snsEnv, "✓ AWS SNS provider configured", () => sns.sent.length],
  ])("says that %s is configured, loads its client at the first message, and sends it", async (name, env, line, sent) => {
    const client = chunksWith(name === "Twilio" ? "twilio-node/" : "GetSMSSandboxAccountStatusInput");
    expect(client).toHaveLength(1);
    const server = await startHeadless(freshHome(), { PAIRING_BASE_URL: "https://pair.example.test", ...env() }, [
      ...WATCHED,
      CLI,
      "serve",
    ]);
    await expect.poll(() => server.printed()).toContain(`${line}\n`);
    const loaded = (): readonly string[] => [...server.printed().matchAll(/^LOADED .*\/chunks\/(\S+)/gm)].map(([, chunk]) => chunk ?? "");
    await (await fetch(`${server.localAddress}/admin/overview`)).text();
    await expect.poll(loaded).not.toEqual([]);
    const before = loaded();
    for (const chunk of [...chunksWith("twilio-node/"), ...chunksWith("GetSMSSandboxAccountStatusInput")])
      expect(before).not.toContain(chunk);
    const count = sent();
    expect((await ask(server, "/phone/pairing/send-sms", invitation)).status).toBe(200);
    expect(sent()).toBe(count + 1);
    await expect.poll(loaded).toEqual(expect.arrayContaining([...client]));
    server.child.kill("SIGTERM");
    const { code, printed } = await server.ended;
    expect([code, printed.replace(/^LOADED .*\n/gm, "")]).toEqual([0, expect.not.stringMatching(/warning|error/i)]);
  });

  it("does not start with half a Twilio that was asked for by name", async () => {
    const half = { ...twilioEnv(), TWILIO_PHONE_NUMBER: "" };
    const { ended } = run([CLI, "serve"], {
      HOME: freshHome(),
      PAIRING_PORT: "0",
      PAIRING_PHONE_PORT: "0",
      SMS_PROVIDER: "twilio",
      ...half,
    });
    const { code, printed } = await ended;
    expect([code, printed]).toEqual([
      1,
      expect.stringMatching(/^SMS_PROVIDER=twilio, but Twilio is not complete\. Missing: .*TWILIO_PHONE_NUMBER.*\n$/),
    ]);
  });

  it("finds itself through a tunnel, and distinguishes a broken, a foreign and an untrusted one", async () => {
    const tunnel = await openTunnel();
    const server = await startHeadless(freshHome(), {
      ...twilioEnv(),
      PAIRING_BASE_URL: tunnel.address,
      NODE_EXTRA_CA_CERTS: tunnel.certificate,
    });
    const result = async (): Promise<unknown> => (await ask(server, "/admin/reach")).body.result;
    expect(await result()).toBe("tunnel_broken");
    tunnel.pointAt(server.phoneAddress);
    expect((await ask(server, "/admin/reach")).body).toEqual({
      result: "reached",
      reachable: true,
      base_url: tunnel.address,
      sentence: "Phones can reach this computer.",
    });
    tunnel.pointAt(server.localAddress);
    expect(await result(), "the local door refuses tunnels").not.toBe("reached");
    const other = await startHeadless(freshHome());
    tunnel.pointAt(other.phoneAddress);
    expect(await result()).toBe("another_server");
    const strict = await startHeadless(freshHome(), { ...twilioEnv(), PAIRING_BASE_URL: tunnel.address });
    expect((await ask(strict, "/admin/reach")).body).toMatchObject({ result: "bad_certificate", reachable: false });
    tunnel.close();
  });
});

/** An https address in front of a door, as a tunnel has; its own certificate is trusted only where configured. */
async function openTunnel() {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog tunnel "));
  const [key, certificate] = [path.join(folder, "key.pem"), path.join(folder, "certificate.pem")];
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      "2",
      "-subj",
      "/CN=tunnel",
      "-addext",
      "subjectAltName=IP:0.0.0.0",
      "-keyout",
      key,
      "-out",
      certificate,
    ],
    { stdio: "ignore" },
  );
  let target: URL | undefined;
  const server = https.createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
    if (!target) {
      response.writeHead(530, { "content-type": "text/html" });
      response.end("<html>error code: 1033");
      return;
    }
    const onwards = http.request(
      {
        host: target.hostname,
        port: target.port,
        path: request.url,
        method: request.method,
        headers: { ...request.headers, "x-forwarded-for": "203.0.113.9" },
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    request.pipe(onwards);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    // Resolves to this server without being one of this computer's names.
    address: `https://0.0.0.0:${(server.address() as AddressInfo).port}`,
    certificate,
    pointAt(address: string) {
      target = new URL(address);
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

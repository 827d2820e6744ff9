import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import mqtt from "mqtt";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { postPush } from "../../src/adapters/push/post-push.ts";
import { createSnsSms } from "../../src/adapters/sms/providers/sns-client.ts";
import { createTwilioSms } from "../../src/adapters/sms/providers/twilio-client.ts";
import { connectBroker } from "../../src/adapters/system/outgoing.ts";
import { chromiumProxy, proxyFor, proxyLogin, readProxySettings } from "../../src/adapters/system/proxy.ts";
import { createReach } from "../../src/adapters/system/reach.ts";
import { message, rejectionOf } from "../contracts/rejection.ts";
import { type ConnectProxy, openConnectProxy } from "../doubles/connect-proxy.ts";
import { openSnsDouble, type SnsDouble } from "../doubles/sns.ts";
import { openTwilioDouble, type TwilioDouble } from "../doubles/twilio.ts";

const NAMES = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"];
const SID = `AC${"0".repeat(32)}`;
const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret/+x" };

let proxy: ConnectProxy;
let twilio: TwilioDouble;
let sns: SnsDouble;
let before: Record<string, string | undefined>;
beforeAll(async () => {
  twilio = await openTwilioDouble({ sid: SID, token: "token" });
  sns = await openSnsDouble({ [KEYS.accessKeyId]: KEYS.secretAccessKey });
});
afterAll(async () => Promise.all([twilio.close(), sns.close()]));
beforeEach(async () => {
  before = Object.fromEntries(NAMES.map((name) => [name, process.env[name]]));
  for (const name of NAMES) delete process.env[name];
  proxy = await openConnectProxy();
  process.env["HTTPS_PROXY"] = proxy.address;
});
afterEach(async () => {
  for (const name of NAMES) delete process.env[name];
  for (const [name, value] of Object.entries(before)) if (value !== undefined) process.env[name] = value;
  await proxy.close();
});

/** A server on this computer, under a name that only the proxy resolves. */
async function served(answer: http.RequestListener): Promise<{ readonly host: string; close(): void }> {
  const server = http.createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { host: `service.test:${(server.address() as AddressInfo).port}`, close: () => void server.close() };
}
const named = (url: string): string => url.replace("127.0.0.1", "service.test");
const twilioAt = (baseUrl: string) => createTwilioSms({ accountSid: SID, authToken: "token", sender: { from: "+15005550006" }, baseUrl });
const snsAt = (endpoint: string) => createSnsSms({ region: "us-east-1", keys: KEYS, instanceRole: false, endpoint });
const pushed = (endpoint: string) => ({
  message: {
    subscription: {
      endpoint,
      p256dh: "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM",
      auth: "tBHItJI5svbpez7KI4CCXg",
    },
    body: "{}",
    validSeconds: 60,
    urgency: "normal" as const,
    topic: "t",
  },
  keys: {
    publicKey: "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM",
    privateKey: "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
  },
  subject: "https://pair.example.com",
  service: { url: new URL(endpoint), own: true },
  signal: AbortSignal.timeout(20_000),
});

describe("through the proxy of the environment goes", () => {
  it("a message by Twilio", async () => {
    await twilioAt(named(twilio.url)).send(message());
    expect(proxy.targets).toEqual([new URL(named(twilio.url)).host]);
    expect(twilio.messages.length).toBeGreaterThan(0);
  });

  it("a message by AWS SNS", async () => {
    await snsAt(named(sns.url)).send(message());
    expect(proxy.targets).toEqual([new URL(named(sns.url)).host]);
    expect(sns.sent.length).toBeGreaterThan(0);
  });

  it("AWS's question for credentials, where a person signs in by SSO", async () => {
    const home = mkdtempSync(path.join(tmpdir(), "topdog-aws-"));
    const cache = path.join(home, ".aws", "sso", "cache");
    mkdirSync(cache, { recursive: true });
    const start = "https://example.awsapps.com/start";
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const token = { startUrl: start, region: "us-east-1", accessToken: "canary", expiresAt };
    writeFileSync(path.join(cache, `${createHash("sha1").update(start).digest("hex")}.json`), JSON.stringify(token));
    const config = path.join(home, "config");
    const profile = `[default]\nsso_start_url = ${start}\nsso_region = us-east-1\nsso_account_id = 111122223333\nsso_role_name = texts\n`;
    writeFileSync(config, profile);
    vi.stubEnv("HOME", home);
    vi.stubEnv("AWS_CONFIG_FILE", config);
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", path.join(home, "none"));
    proxy.refuse(502);
    await rejectionOf(
      createSnsSms({ region: "us-east-1", profile: "default", instanceRole: false, endpoint: named(sns.url) }).send(message()),
    );
    expect(proxy.targets).toEqual(["portal.sso.us-east-1.amazonaws.com:443"]);
    vi.unstubAllEnvs();
  });

  it("Web Push", async () => {
    const service = await served((_request, response) => response.writeHead(201).end());
    expect(await postPush(pushed(`http://${service.host}/sub`))).toBe(201);
    expect(proxy.targets).toEqual([service.host]);
    service.close();
  });

  it("the probe of the public address", async () => {
    const reach = createReach(20_000);
    const door = await served((request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ proof: reach.prove(request.url?.split("/").at(-1) ?? "") }));
    });
    expect(await reach.ask(`http://${door.host}`)).toBe("reached");
    expect(proxy.targets).toEqual([door.host]);
    door.close();
  });

  it.each(["mqtt", "mqtts"] as const)("a link to a broker by %s", async (protocol) => {
    const { stream } = connectBroker(`${protocol}://broker.test:9`);
    expect(stream).toBeDefined();
    proxy.refuse(502);
    const client = new mqtt.MqttClient(stream!, { reconnectPeriod: 0, connectTimeout: 20_000 });
    client.on("error", () => undefined);
    await new Promise<void>((resolve) => client.once("close", () => resolve()));
    client.end(true);
    expect(proxy.targets).toEqual(["broker.test:9"]);
  });

  it("a link to a broker by WebSocket", async () => {
    proxy.refuse(502);
    const client = mqtt.connect("wss://broker.test:9", {
      reconnectPeriod: 0,
      connectTimeout: 20_000,
      wsOptions: { agent: connectBroker("wss://broker.test:9").agent },
    });
    client.on("error", () => undefined);
    await new Promise<void>((resolve) => client.once("close", () => resolve()));
    client.end(true);
    expect(proxy.targets).toEqual(["broker.test:9"]);
  });

  it("MQTT itself, both ways", async () => {
    const echo = await served(() => undefined);
    const { stream } = connectBroker(`mqtt://${echo.host}`);
    const through = stream!();
    through.write("no HTTP\r\n\r\n");
    const answer = await new Promise<string>((resolve) => through.once("data", (bytes: Buffer) => resolve(bytes.toString())));
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
    through.destroy();
    echo.close();
  });

  it("nothing that stays on this computer", async () => {
    await twilioAt(twilio.url).send(message());
    await snsAt(sns.url).send(message());
    for (const own of ["http://localhost:1", "https://127.0.0.1:1", "https://127.9.9.9", "http://[::1]:1", "http://door.localhost"])
      expect([own, proxyFor(own)]).toEqual([own, undefined]);
    expect(proxy.targets).toEqual([]);
  });

  it("nothing that NO_PROXY names", () => {
    process.env["NO_PROXY"] = "api.twilio.com,.internal.test,other.test:444";
    for (const straight of ["https://api.twilio.com", "https://a.internal.test", "https://other.test:444"])
      expect([straight, proxyFor(straight)]).toEqual([straight, undefined]);
    expect(proxyFor("https://other.test")).toBe(proxy.address);
  });
});

describe("a proxy", () => {
  it.each([407, 403, 502])("that answers %i has let nothing be sent", async (status) => {
    proxy.refuse(status);
    for (const sender of [twilioAt("https://twilio.test"), snsAt("https://sns.test")]) {
      const rejection = await rejectionOf(sender.send(message()));
      expect([rejection.code, rejection.details?.reason]).toEqual(["sms_send_failed", "unreachable"]);
      expect(rejection.message).toMatch(status === 407 ? /user name and password/ : /proxy refused the connection/);
    }
    expect(proxy.targets).toEqual(["twilio.test:443", "sns.test:443"]);
  });

  it("that is not there has let nothing be sent", async () => {
    await proxy.close();
    const rejection = await rejectionOf(twilioAt("https://twilio.test").send(message()));
    expect([rejection.code, rejection.details?.reason]).toEqual(["sms_send_failed", "unreachable"]);
  });

  it("gets the caller's credentials, and nobody else gets them", async () => {
    process.env["HTTPS_PROXY"] = proxy.address.replace("http://", "http://jane:p%40ss@");
    await twilioAt(named(twilio.url)).send(message());
    expect(proxy.logins).toEqual(["jane:p@ss"]);
    expect(proxyLogin("https://proxy.invalid")).toEqual({ username: "jane", password: "p@ss" });
    expect(JSON.stringify(readProxySettings(process.env))).not.toMatch(/jane|p%40ss/);
  });

  it("is read as other programs read it", () => {
    process.env["https_proxy"] = "small.test:3128";
    expect(proxyFor("https://a.test")).toBe("http://small.test:3128");
    expect(proxyFor("http://a.test")).toBe("http://small.test:3128");
    process.env["HTTP_PROXY"] = "http://plain.test:80";
    expect(proxyFor("http://a.test")).toBe("http://plain.test:80");
    expect(chromiumProxy()).toEqual({
      proxyRules: "http=http://plain.test;https=http://small.test:3128",
      proxyBypassRules: "<local>",
    });
  });

  it.each(["http://", "ftp://proxy.test", "http://proxy.test:99999", "http://proxy.test/path", "two words"])(
    "%j is a fault of one line",
    (text) => {
      expect(readProxySettings({ HTTPS_PROXY: text }).faults).toEqual([
        "HTTPS_PROXY: must be an address like http://proxy.mycompany.com:8080",
      ]);
    },
  );

  it("of an unsupported kind is reported", () => {
    process.env["HTTPS_PROXY"] = "";
    process.env["ALL_PROXY"] = "socks5://127.0.0.1:1080";
    expect(proxyFor("https://a.test")).toBeUndefined();
    expect(readProxySettings(process.env)).toMatchObject({ faults: [], unused: [expect.stringContaining("SOCKS")] });
  });
});

it("a connection that opens and breaks may have carried the message", async () => {
  delete process.env["HTTPS_PROXY"];
  const breaking = http.createServer((request) => request.socket.resetAndDestroy());
  await new Promise<void>((resolve) => breaking.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(breaking.address() as AddressInfo).port}`;
  for (const sender of [twilioAt(address), snsAt(address)])
    expect((await rejectionOf(sender.send(message()))).code).toBe("sms_outcome_unknown");
  breaking.close();
  breaking.closeAllConnections();
});

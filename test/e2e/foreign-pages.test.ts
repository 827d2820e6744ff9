import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { OPERATIONS, type Operation } from "../../src/contract/operations.ts";
import { sharedBrowser } from "../browser.ts";
import { startServer, type TestServer } from "../http/server.ts";

/** A name of the attacker's that points at this computer, as after DNS rebinding. */
const REBOUND = "evil.test";

let browser: Browser;
/** The attacker's own web server: an empty page. */
const elsewhere = createServer((_request, response) => response.end("<!doctype html><title>Win a prize</title>"));
const answers: { readonly port: number | undefined; readonly method: string; readonly url: string; readonly status: number }[] = [];
const noteAnswer = (message: unknown): void => {
  const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
  answers.push({
    port: request.socket.localPort,
    method: request.method ?? "",
    url: request.url ?? "",
    status: response.statusCode,
  });
};

beforeAll(async () => {
  await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
  browser = await sharedBrowser([`--host-resolver-rules=MAP ${REBOUND} 127.0.0.1`]);
  subscribe("http.server.response.finish", noteAnswer);
});
afterAll(async () => {
  unsubscribe("http.server.response.finish", noteAnswer);
  elsewhere.close();
});

let context: BrowserContext;
beforeEach(async () => {
  context = await browser.newContext();
});
afterEach(async () => {
  await context.close();
  answers.length = 0;
});

/** Everything a request may need to say. The attacker guessed all of it right, the code in the text message included. */
interface Prey {
  readonly server: TestServer;
  readonly code: string;
  readonly qrToken: string;
  readonly sessionId: string;
}

async function prey(env: Record<string, string> = {}): Promise<Prey> {
  const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "100", ...env });
  const token = await server.pair("iphone-1");
  const [code, qr] = [await server.invite(), await server.local("POST", "/phone/pairing/generate-qr", { body: { user_id: "user123" } })];
  const { sessions } = (await server.local("GET", "/phone/pairing/sessions")).body;
  // The victim's browser is the paired phone's, too. Cookies are shared by all ports of a host.
  await context.addCookies([
    { name: "topdog_device", value: token, domain: "127.0.0.1", path: "/phone", httpOnly: true, sameSite: "Strict" },
  ]);
  return { server, code, qrToken: qr.body.pairing_token, sessionId: sessions[0].session_id };
}

/** All that could have changed. */
async function stateOf(server: TestServer): Promise<unknown> {
  const read = async (path: string): Promise<any> => (await server.local("GET", path)).body;
  return {
    sessions: await read("/phone/pairing/sessions"),
    devices: (await read("/phone/devices")).map((device: object) => ({ ...device, last_seen: undefined })),
    keys: await read("/.well-known/jwks.json"),
    // That somebody was refused is no change.
    audit: server.audit().filter(({ event }) => event !== "admin_denied"),
    printed: [...server.printed],
  };
}

interface Target {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

/** Each operation at each door, with the right ids and a body that says everything any of them asks for. */
function targetsOf({ code, qrToken, sessionId }: Prey, doors: readonly string[]): Target[] {
  const body = JSON.stringify({
    phone_number: "+14155552671",
    typed: "+14155552671",
    user_id: "user123",
    invite_code: code,
    pairing_token: qrToken,
    device_id: "iphone-1",
    device_name: "Mallory",
    device_type: "ios",
  });
  const ids: Record<string, string> = { invite_code: code, device_id: "iphone-1", session_id: sessionId };
  return doors.flatMap((door) =>
    (Object.values(OPERATIONS) as Operation[]).map(({ method, path }) => ({
      method,
      url: door + path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? ""),
      body,
    })),
  );
}

/** Runs in the attacker's page: everything a page can send without its visitor's help. Answers what it could read. */
async function attack({ targets, pages, code }: { targets: Target[]; pages: string[]; code: string }): Promise<string[]> {
  const read: string[] = [];
  const tried = async (attempt: () => Promise<unknown>): Promise<void> => {
    try {
      const text = await attempt();
      if (typeof text === "string" && text !== "") read.push(text);
    } catch {
      // The browser says no: what the server did is what counts.
    }
  };
  const added = async (tag: string, attributes: Record<string, string>): Promise<Element> => {
    const element = document.createElement(tag);
    for (const [name, text] of Object.entries(attributes)) element.setAttribute(name, text);
    await new Promise((resolve) => {
      element.onload = element.onerror = resolve;
      document.body.append(element);
    });
    return element;
  };
  const asked = async (url: string, options: RequestInit): Promise<string> =>
    (await fetch(url, { credentials: "include", ...options })).text();
  const mailbox = Object.assign(document.createElement("iframe"), { name: "mailbox" });
  document.body.append(mailbox);
  const posted = async (action: string, enctype: string, fields: Record<string, string>): Promise<string> => {
    const form = Object.assign(document.createElement("form"), { action, enctype, method: "POST", target: mailbox.name });
    for (const [field, value] of Object.entries(fields))
      form.append(Object.assign(document.createElement("input"), { name: field, value }));
    document.body.append(form);
    await new Promise((resolve) => {
      mailbox.onload = resolve;
      form.submit();
    });
    return mailbox.contentDocument?.body.innerText ?? "";
  };

  await Promise.all(
    targets.flatMap(({ method, url, body }) => {
      const sent = method === "GET" ? {} : { body };
      return [
        tried(() => asked(url, { method, ...sent, headers: { "Content-Type": "application/json" } })),
        tried(() => asked(url, { method, ...sent, headers: { "Content-Type": "text/plain" } })),
        tried(() => asked(url, { method, ...sent, mode: "no-cors" })),
        tried(() => asked(url, { method: "POST", body, headers: { "X-HTTP-Method-Override": method, "x-admin-token": "x" } })),
        tried(async () => navigator.sendBeacon(url, body)),
        tried(async () => navigator.sendBeacon(url, new Blob([body], { type: "application/json" }))),
      ];
    }),
  );
  // As text it is the very JSON.
  for (const { method, url, body } of targets)
    if (method === "POST") await tried(() => posted(url, "text/plain", { [`${body.slice(0, -1)},"more":"`]: '"}' }));
  for (const page of pages)
    if (page.includes("/pair?")) await tried(() => posted(page, "application/x-www-form-urlencoded", { code, action: "accept" }));
  const sockets = /mqtt$|news$/;
  const framed = /\/$|devices$|news$|\/pair\?/;
  await Promise.all(
    pages.flatMap((url) => [
      tried(() => asked(url, {})),
      tried(() => added("img", { src: url })),
      tried(() => added("script", { src: url })),
      tried(() => added("link", { rel: "stylesheet", href: url })),
      tried(() => added("link", { rel: "prefetch", href: url })),
      tried(async () => framed.test(url) && ((await added("iframe", { src: url })) as HTMLIFrameElement).contentDocument?.body.innerText),
      tried(
        () =>
          new Promise((resolve) => {
            const source = new EventSource(url, { withCredentials: true });
            source.onopen = () => resolve("an open stream");
            source.onerror = () => {
              source.close();
              resolve("");
            };
          }),
      ),
      tried(
        () =>
          new Promise((resolve) => {
            // Browsers let sockets to one host wait for each other.
            if (!sockets.test(url)) {
              resolve("");
              return;
            }
            const socket = new WebSocket(url.replace(/^http/, "ws"), "mqtt");
            socket.onopen = () => resolve("an open socket");
            socket.onerror = () => resolve("");
          }),
      ),
    ]),
  );
  return read;
}

/** What an address bar, a frame, an image or a script may ask for. */
const pagesOf = (doors: readonly string[], code: string): string[] =>
  doors.flatMap((door) =>
    ["/", "/docs", "/openapi.json", "/admin/news", "/admin/overview", "/phone/devices", "/phone/me", `/pair?code=${code}`, "/mqtt"].map(
      (page) => door + page,
    ),
  );

/** The whole attack from one page, and what came of it. */
async function attackFrom(page: Page, caught: Prey, doors: readonly string[]): Promise<string[]> {
  const pages = pagesOf(doors, caught.code);
  const read = await page.evaluate(attack, { targets: targetsOf(caught, doors), pages, code: caught.code });
  // A frame has no address until its first answer has come, or was refused.
  for (const frame of page.frames())
    if (frame !== page.mainFrame()) await expect.poll(() => frame.url()).toMatch(/^(chrome-error:|about:blank)/);
  // What opens in a window of its own has nothing to say to who opened it.
  for (const target of pages.filter((url) => /\/$|devices$/.test(url))) {
    const opened = page.waitForEvent("popup");
    await page.evaluate((url) => void Object.assign(window, { opened: window.open(url) }), target);
    await (await opened).waitForLoadState();
    const seen = await page.evaluate(() => {
      try {
        return (window as unknown as { opened: Window | null }).opened?.document.body.innerText ?? "";
      } catch {
        return "";
      }
    });
    if (seen !== "") read.push(seen);
    await (await opened).close();
  }
  return read;
}

const portOf = (address: string): number => Number(new URL(address).port);

describe.each([
  ["of another site", REBOUND],
  ["of another program on this computer", "127.0.0.1"],
])("a page %s", (_what, host) => {
  it("reads nothing, changes nothing and frames nothing, at either door", async () => {
    const caught = await prey();
    const { server } = caught;
    const before = await stateOf(server);
    const page = await context.newPage();
    await page.goto(`http://${host}:${(elsewhere.address() as AddressInfo).port}/`);
    const asked = answers.length;
    expect(await attackFrom(page, caught, [server.localAddress, server.phoneAddress])).toEqual([]);
    expect(await stateOf(server)).toEqual(before);
    // It did ask, and nothing that could have changed anything was answered with success.
    const received = answers.slice(asked);
    for (const address of [server.localAddress, server.phoneAddress])
      expect(received.filter(({ port, method }) => port === portOf(address) && method === "POST").length).toBeGreaterThan(50);
    expect(received.filter(({ method, status }) => !["GET", "HEAD"].includes(method) && status < 400)).toEqual([]);
  });
});

describe("a page under a rebound name", () => {
  it.each(["local", "phone"] as const)("gets from the %s door that the name is not its own, and nothing else", async (name) => {
    const caught = await prey();
    const { server } = caught;
    const before = await stateOf(server);
    const door = `http://${REBOUND}:${portOf(name === "local" ? server.localAddress : server.phoneAddress)}`;
    const page = await context.newPage();
    expect((await page.goto(`${door}/`))?.status()).toBe(421);
    const asked = answers.length;
    const read = await attackFrom(page, caught, [door]);
    // To the browser it is one origin, so it may read the errors.
    expect(read.length).toBeGreaterThan(100);
    expect([...new Set(read.map((text) => (JSON.parse(text) as { code: string }).code))]).toEqual(["host_not_allowed"]);
    expect([...new Set(answers.slice(asked).map(({ status }) => status))]).toEqual([421]);
    expect(await stateOf(server)).toEqual(before);
  });
});

describe("the door's own page", () => {
  it("could do all of it, which is why the others must not", async () => {
    const caught = await prey();
    const { server } = caught;
    const page = await context.newPage();
    await page.goto(server.pageAddress);
    const [sent, listed] = await page.evaluate(
      async (targets) => {
        const [send, list] = ["/send-sms", "/phone/devices"].map((end) => targets.find(({ url }) => url.endsWith(end)));
        return [
          (await fetch(send?.url ?? "", { method: "POST", body: send?.body ?? "", headers: { "Content-Type": "application/json" } }))
            .status,
          await (await fetch(list?.url ?? "")).text(),
        ];
      },
      targetsOf(caught, [server.localAddress]),
    );
    expect([sent, listed]).toEqual([200, expect.stringContaining("iphone-1")]);
  });
});

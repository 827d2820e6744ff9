import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { exchange, HIDING_PLACES } from "../http/hidden-requests.ts";
import { ask, phoneBody, startServer, type TestServer } from "../http/server.ts";
import { hasNginx, type Nginx, startNginx, stopNginx } from "./nginx.ts";

afterEach(stopNginx);

const PUBLIC = "pair.example.com";
/** What a client may say of itself and of the way it came. */
const FORGED = {
  "x-forwarded-for": "6.6.6.6",
  "x-forwarded-host": "evil.test",
  "x-forwarded-proto": "gopher",
  "x-forwarded-port": "666",
  "x-forwarded-prefix": "/evil",
  "x-original-url": "/evil",
  "x-rewrite-url": "/evil",
  "x-http-method-override": "DELETE",
  "x-real-ip": "6.6.6.6",
  "true-client-ip": "6.6.6.6",
  forwarded: "for=6.6.6.6;host=evil.test;proto=gopher",
} as const;

// npm test installs nginx where it may. Where it may not, these say so and the rest of the suite goes on.
const why = hasNginx ? "" : " (skipped: nginx is not installed; Debian: apt-get install nginx-light)";

describe.skipIf(!hasNginx)(`nginx in front of the phone door${why}`, () => {
  /** Only nginx is trusted: clients are of this computer, too. */
  const behindNginx = async (): Promise<TestServer & { readonly front: string; readonly nginx: Nginx }> => {
    const server = await startServer({
      PAIRING_BASE_URL: `https://${PUBLIC}`,
      PAIRING_TRUST_PROXY: "127.0.0.1",
      PAIRING_RATE_LIMIT_SCALE: "100",
    });
    const nginx = await startNginx(server.phoneAddress);
    return { ...server, nginx, front: nginx.address };
  };

  it("is believed about the client's address, and the client is not", async () => {
    const server = await behindNginx();
    for (const [from, headers] of [
      ["127.0.0.2", {}],
      ["127.0.0.3", FORGED],
      ["127.0.0.4", { "x-forwarded-for": "127.0.0.1, 127.0.0.1" }],
      ["127.0.0.5", { "x-forwarded-for": "unknown, 6.6.6.6:80, x" }],
    ] as const) {
      const { status } = await ask(server.front, "POST", "/phone/pairing/accept-invite", {
        from,
        headers: { host: PUBLIC, ...headers },
        body: phoneBody(await server.invite(), from),
      });
      expect(status).toBe(200);
      expect(server.audit().at(-1)).toMatchObject({ event: "accept_invite", device_id: from, ip: from });
    }
    // Past nginx, nobody is believed.
    await server.phone("POST", "/phone/pairing/accept-invite", {
      from: "127.0.0.6",
      headers: FORGED,
      body: phoneBody(await server.invite(), "direct"),
    });
    expect(server.audit().at(-1)).toMatchObject({ device_id: "direct", ip: "127.0.0.6" });
  });

  it.each([
    ["a port after the address", 'proxy_set_header X-Forwarded-For "$http_x_forwarded_for, $remote_addr:$remote_port";'],
    ["Forwarded", 'proxy_set_header X-Forwarded-For ""; proxy_set_header Forwarded \'$http_forwarded, for="$remote_addr:$remote_port"\';'],
  ])("is believed when it writes %s", async (_, visitor) => {
    const server = await startServer({ PAIRING_BASE_URL: `https://${PUBLIC}`, PAIRING_TRUST_PROXY: "127.0.0.1" });
    const { address: front } = await startNginx(server.phoneAddress, visitor);
    const accept = async (from: string, code: string, headers: Record<string, string> = FORGED) =>
      ask(front, "POST", "/phone/pairing/accept-invite", { from, headers: { host: PUBLIC, ...headers }, body: phoneBody(code, from) });
    for (let guess = 0; guess < 16; guess += 1) await accept("127.0.0.2", "x".repeat(43));
    expect((await accept("127.0.0.2", "x".repeat(43))).status).toBe(429);
    for (const [from, headers] of [
      ["127.0.0.3", {}],
      ["127.0.0.4", FORGED],
      ["127.0.0.5", { forwarded: 'for="6.6.6.6', "x-forwarded-for": '"6.6.6.6' }],
    ] as const) {
      expect((await accept(from, await server.invite(), headers)).status).toBe(200);
      expect(server.audit().at(-1)).toMatchObject({ event: "accept_invite", ip: from });
    }
  });

  it("lets no client have another's limit, and none have more than its own", async () => {
    const server = await startServer({ PAIRING_BASE_URL: `https://${PUBLIC}`, PAIRING_TRUST_PROXY: "127.0.0.1" });
    const { address: front } = await startNginx(server.phoneAddress);
    const guess = async (from: string, turn: number) =>
      ask(front, "POST", "/phone/pairing/accept-invite", {
        from,
        headers: { host: PUBLIC, "x-forwarded-for": `6.6.6.${turn}`, "x-device-id": `d-${turn}`, "user-agent": `u-${turn}` },
        body: phoneBody("x".repeat(43)),
      });
    const statuses: number[] = [];
    for (let turn = 0; turn < 11; turn += 1) statuses.push((await guess("127.0.0.2", turn)).status);
    expect(statuses).toEqual([...Array<number>(10).fill(404), 429]);
    expect((await guess("127.0.0.3", 0)).status).toBe(404);
  });

  it("passes on what the client forged, and no link follows it", async () => {
    const server = await behindNginx();
    /** Everything that names an address, asked in one way and in the other. */
    const answers = async (headers: Record<string, string>): Promise<string[]> => {
      const from = "127.0.0.2";
      const at = { from, headers: { host: PUBLIC, ...headers } };
      const code = await server.invite();
      const page = await ask(server.front, "GET", `/pair?code=${code}`, at);
      const posted = await ask(server.front, "POST", "/pair", {
        from,
        headers: { ...at.headers, origin: `https://${PUBLIC}`, "content-type": "application/x-www-form-urlencoded" },
        raw: new URLSearchParams({ code, action: "accept", device_name: "Phone" }).toString(),
      });
      const accepted = await ask(server.front, "POST", "/phone/pairing/accept-invite", { ...at, body: phoneBody(await server.invite()) });
      const { mqtt_broker, mqtt_url, inbox_url } = accepted.body;
      return [page.text, `${posted.status} ${posted.headers.location}`, mqtt_broker, mqtt_url, inbox_url].map((text) =>
        text.replace(/[\w-]{32,}|\d\d:\d\d UTC|data-seconds="\d+"|datetime="[^"]*"/g, ""),
      );
    };
    const honest = await answers({});
    expect(honest.slice(1)).toEqual([
      "303 /pair/done?result=paired&level=command",
      PUBLIC,
      `wss://${PUBLIC}/mqtt`,
      `https://${PUBLIC}/inbox`,
    ]);
    const forged = await answers(FORGED);
    expect(forged).toEqual(honest);
    expect(forged.join()).not.toContain("evil");
  });

  it.each(["evil.test", `${PUBLIC}.evil.test`, `evil.test#${PUBLIC}`, `${PUBLIC}@evil.test`])(
    "does not help the host name %s",
    async (host) => {
      const server = await behindNginx();
      const code = await server.invite();
      for (const [method, target] of [
        ["GET", `/pair?code=${code}`],
        ["POST", "/phone/pairing/accept-invite"],
        ["GET", "/healthz"],
      ] as const) {
        const { status, text } = await ask(server.front, method, target, {
          headers: { host, "x-forwarded-host": PUBLIC },
          ...(method === "POST" ? { body: phoneBody(code) } : {}),
        });
        expect([target, status]).toEqual([target, 421]);
        expect(text).not.toContain(code);
      }
      expect((await ask(server.front, "GET", "/healthz", { headers: { host: PUBLIC } })).status).toBe(200);
    },
  );

  it("reads the same requests as the door: none is hidden in another, and the next client is left alone", async () => {
    const server = await behindNginx();
    const body = JSON.stringify({ invite_code: "x".repeat(43) });
    const hidden = `POST /phone/pairing/decline-invite HTTP/1.1\r\nHost: ${PUBLIC}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const last = `GET /healthz HTTP/1.1\r\nHost: ${PUBLIC}\r\nConnection: close\r\n\r\n`;
    const port = Number(new URL(server.phoneAddress).port);
    let atTheDoor = 0;
    const count = (message: unknown): void => {
      if ((message as { socket: Socket }).socket.localPort === port) atTheDoor += 1;
    };
    subscribe("http.server.request.start", count);
    try {
      for (const [place, hide] of Object.entries(HIDING_PLACES)) {
        const [before, asked] = [server.nginx.log().length, atTheDoor];
        const { statuses } = await exchange(server.front, hide(hidden).replaceAll("localhost", PUBLIC) + last);
        expect([place, statuses[0]]).toEqual([place, expect.toSatisfy((status: number) => status >= 400)]);
        await vi.waitFor(() =>
          expect([
            place,
            server.nginx
              .log()
              .slice(before)
              .map(({ status }) => status),
          ]).toEqual([place, statuses]),
        );
        const passedOn = server.nginx
          .log()
          .slice(before)
          .filter((line) => line.asked).length;
        expect([place, atTheDoor - asked]).toEqual([place, passedOn]);
        const next = await ask(server.front, "GET", "/.well-known/jwks.json", { headers: { host: PUBLIC } });
        expect([place, next.status, Object.keys(next.body)]).toEqual([place, 200, ["keys"]]);
        await vi.waitFor(() => expect(server.nginx.log()).toHaveLength(before + statuses.length + 1));
      }
    } finally {
      unsubscribe("http.server.request.start", count);
    }
  });
});

describe.skipIf(!hasNginx)(`nginx in front of the local door${why}`, () => {
  it("is refused whatever it asks for, with where to point it", async () => {
    const server = await startServer();
    await server.pair("iphone-1");
    const { address: front } = await startNginx(server.localAddress);
    const before = server.audit();
    for (const [method, target] of [
      ["GET", "/"],
      ["GET", "/docs"],
      ["GET", "/healthz"],
      ["GET", "/phone/devices"],
      ["DELETE", "/phone/devices/iphone-1"],
      ["POST", "/phone/pairing/send-sms"],
      ["GET", "/admin/news"],
    ] as const) {
      const { status, body } = await ask(front, method, target, {
        headers: { host: "localhost" },
        ...(method === "POST" ? { body: { phone_number: "+14155552671", user_id: "user123" } } : {}),
      });
      expect([target, status, body.code, body.detail]).toEqual([
        target,
        403,
        "tunnel_at_local_door",
        `A tunnel points at the local door. Point it at port ${new URL(server.phoneAddress).port}.`,
      ]);
    }
    expect(server.audit()).toEqual(before);
  });

  it("is let in where it was named, and the trail names who asked it", async () => {
    const server = await startServer({ PAIRING_LOCAL_TRUST_PROXY: "127.0.0.1" });
    const { address: front } = await startNginx(server.localAddress);
    const { body } = await ask(front, "POST", "/phone/pairing/send-sms", {
      from: "127.0.0.2",
      headers: { host: "localhost", ...FORGED },
      body: { phone_number: "+14155552671", user_id: "user123" },
    });
    expect(server.audit().at(-1)).toMatchObject({ event: "send_sms_invite", ip: "127.0.0.2" });
    expect(server.printed.at(-1)).toContain(`\n${server.phoneAddress}/pair?code=${body.invite_code}\n`);
    expect(server.printed.at(-1)).not.toContain("evil");
  });
});

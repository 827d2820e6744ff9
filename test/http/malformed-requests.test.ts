import { readFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { exchange, HIDING_PLACES } from "./hidden-requests.ts";
import { startServer } from "./server.ts";

const HOST = "Host: localhost\r\n";

describe("a request whose end may be read in two ways", () => {
  it("is refused, and what hides behind it is not read", async () => {
    const server = await startServer();
    const body = JSON.stringify({ invite_code: await server.invite() });
    const hidden = `POST /phone/pairing/decline-invite HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    for (const [place, hide] of Object.entries(HIDING_PLACES))
      expect([place, (await exchange(server.phoneAddress, hide(hidden))).statuses]).toEqual([place, [400]]);
    expect(server.audit().map(({ event }) => event)).toEqual(["send_sms_invite"]);
    // Alone it is a request like any other.
    expect((await exchange(server.phoneAddress, hidden.replace(HOST, `${HOST}Connection: close\r\n`))).statuses).toEqual([200]);
  });

  it("does nothing, even where no body is asked for", async () => {
    const server = await startServer();
    await server.pair("iphone-1");
    const { port } = new URL(server.localAddress);
    for (const encoding of ["xchunked", "identity", "gzip"]) {
      const { statuses } = await exchange(
        server.localAddress,
        `DELETE /phone/devices/iphone-1 HTTP/1.1\r\nHost: localhost:${port}\r\nTransfer-Encoding: ${encoding}\r\n\r\n`,
      );
      expect([encoding, statuses]).toEqual([encoding, [400]]);
    }
    expect((await server.local("GET", "/phone/devices")).body[0].status).toBe("active");
  });
});

describe("what is no HTTP", () => {
  it.each([
    ["a word", "nonsense\r\n\r\n", 400, "invalid_request"],
    ["lines without CR", "GET /healthz HTTP/1.1\nHost: localhost\n\n", 400, "invalid_request"],
    ["an unknown version", `GET /healthz HTTP/1.7\r\n${HOST}\r\n`, 400, "invalid_request"],
    ["a TLS greeting", "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03", 400, "invalid_request"],
    ["headers of 20 KB", `GET /healthz HTTP/1.1\r\n${HOST}X: ${"x".repeat(20_000)}\r\n\r\n`, 431, "headers_too_large"],
  ])("is refused as everything is: %s", async (_what, bytes, status, code) => {
    const { phoneAddress } = await startServer();
    const { statuses, text } = await exchange(phoneAddress, bytes);
    expect(statuses).toEqual([status]);
    const [head = "", body = ""] = text.split("\r\n\r\n");
    expect(JSON.parse(body)).toMatchObject({ type: `urn:topdog:problem:${code}`, status, code, detail: expect.stringMatching(/\.$/) });
    for (const header of [
      "X-Content-Type-Options: nosniff",
      "Referrer-Policy: no-referrer",
      "Cross-Origin-Resource-Policy: same-origin",
      "Cache-Control: no-store",
      "Content-Type: application/problem+json",
      `Content-Length: ${body.length}`,
      "Connection: close",
    ])
      expect(head.split("\r\n")).toContain(header);
  });

  it("is not answered in the place of the request before it", async () => {
    const { phoneAddress } = await startServer();
    const whole = `GET /healthz HTTP/1.1\r\n${HOST}\r\n`;
    const { statuses, text } = await exchange(phoneAddress, `${whole}nonsense\r\n\r\n`);
    // Whichever comes first, the connection ends, and no answer is another's.
    expect([[], [200], [200, 400]]).toContainEqual(statuses);
    if (statuses[0] === 200) expect(text).toContain('{"status":"ok"}');
  });
});

describe("an expectation that nobody knows", () => {
  it("is no reason to refuse", async () => {
    const { phoneAddress } = await startServer();
    const { statuses } = await exchange(phoneAddress, `GET /healthz HTTP/1.1\r\n${HOST}Expect: a-miracle\r\nConnection: close\r\n\r\n`);
    expect(statuses).toEqual([200]);
  });
});

describe("a client that goes away in the middle", () => {
  it("leaves nothing in the log, where strangers could fill it", async () => {
    const server = await startServer();
    const { port } = new URL(server.phoneAddress);
    await Promise.all(
      ["/phone/pairing/accept-invite", "/pair"].map(
        async (target) =>
          new Promise<void>((resolve) => {
            const type = target === "/pair" ? "application/x-www-form-urlencoded" : "application/json";
            const socket = connect(Number(port), "127.0.0.1", () => {
              socket.write(
                `POST ${target} HTTP/1.1\r\n${HOST}Origin: http://localhost\r\nExpect: 100-continue\r\nContent-Type: ${type}\r\nContent-Length: 20\r\n\r\n{`,
              );
            });
            // It goes once the server waits for the rest.
            socket.once("data", () => socket.resetAndDestroy());
            socket.once("close", () => resolve());
          }),
      ),
    );
    await server.close();
    const log = readFileSync(path.join(server.folder, "logs", "Top Dog-topdog.log"), "utf8");
    expect(log).toContain('"stopped"');
    expect(log).not.toMatch(/"level":[45]0|failed/);
  });
});

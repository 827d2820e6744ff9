import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createReach } from "../../src/adapters/system/reach.ts";

const reach = createReach();
const servers: http.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function answering(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = http.createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const saying = (status: number, type: string, body: string, headers = {}) =>
  answering((_request, response) => {
    response.writeHead(status, { "content-type": type, ...headers });
    response.end(body);
  });
const proving = (by: { prove(nonce: string): string }) =>
  answering((request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ proof: by.prove(request.url?.split("/").at(-1) ?? "") }));
  });

describe("what answers at the public address", () => {
  it("is this server, and no other of its kind", async () => {
    expect(await reach.ask(await proving(reach))).toBe("reached");
    expect(await reach.ask(await proving(createReach()))).toBe("another_server");
  });

  it("is asked with a new nonce each time", async () => {
    const asked = new Set<string | undefined>();
    const address = await answering((request, response) => {
      asked.add(request.url);
      response.end();
    });
    await reach.ask(address);
    await reach.ask(address);
    expect(asked.size).toBe(2);
    for (const url of asked) expect(url).toMatch(/^\/phone\/reach\/[\w-]{24}$/);
  });

  it.each([
    ["a page", 200, "text/html", "<!DOCTYPE html><p>You are about to visit", {}, "interstitial"],
    ["a page that says it is none", 200, "application/json", " <html>", {}, "interstitial"],
    ["a login", 302, "text/plain", "", { location: "https://login.example.com" }, "interstitial"],
    ["a locked page", 401, "text/html", "<p>no", {}, "interstitial"],
    ["a tunnel without its end", 502, "text/html", "<html>error 1033", {}, "tunnel_broken"],
    ["a tunnel that points elsewhere", 404, "application/problem+json", '{"code":"not_found"}', {}, "another_server"],
    ["a made-up proof", 200, "application/json", '{"proof":"AAAA"}', {}, "another_server"],
    ["garbage", 200, "application/json", '{"proof":', {}, "another_server"],
    ["an endless answer", 200, "application/json", "x".repeat(1_000_000), {}, "another_server"],
  ])("%s", async (_what, status, type, body, headers, finding) => {
    expect(await reach.ask(await saying(status, type, body, headers))).toBe(finding);
  });

  it("is nobody: silent, gone, or no name at all", async () => {
    expect(await createReach(300).ask(await answering(() => undefined))).toBe("no_answer");
    expect(await reach.ask("http://127.0.0.1:1")).toBe("no_answer");
    expect(await reach.ask("http://no-such-host.invalid")).toBe("no_answer");
  });
});

import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { clientAddress, trusts } from "../../src/http/client-address.ts";
import { type Asked, phoneBody, startServer, type TestServer } from "./server.ts";

const PROXY = "127.0.0.1";
const isTrusted = trusts(["loopback", "10.0.0.0/8", "fd00::/8"]);
const seen = (headers: Record<string, string>): string => clientAddress(PROXY, headers, isTrusted).ip;

describe("the visitor behind a trusted proxy", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    // Azure Application Gateway, and IIS.
    ["203.0.113.7:51234", "203.0.113.7"],
    ["2001:db8::7", "2001:db8::7"],
    ["[2001:db8::7]", "2001:db8::7"],
    ["[2001:db8::7]:51234", "2001:db8::7"],
    ["[2001:DB8:0:0::7]:_port", "2001:db8::7"],
    ["[::ffff:203.0.113.7]:51234", "203.0.113.7"],
    ["fe80::1%eth0", "fe80::1"],
    ['"203.0.113.7"', "203.0.113.7"],
    ['"203.0.113.7:51234"', "203.0.113.7"],
    ['"[2001:db8::7]:51234"', "2001:db8::7"],
    ["  203.0.113.7:51234\t", "203.0.113.7"],
    [", 203.0.113.7 ,, ", "203.0.113.7"],
    ["6.6.6.6, 203.0.113.7:1, 10.0.0.3:2, [fd00::9]:3", "203.0.113.7"],
    ['"6.6.6.6, 203.0.113.7', "203.0.113.7"],
    ["10.0.0.2, 10.0.0.3", "10.0.0.2"],
    ["unknown, 203.0.113.7", "203.0.113.7"],
    ["unknown", "unknown"],
    ["_hidden", "unknown"],
    ["_hidden:_port", "unknown"],
    ["203.0.113.7, unknown, 10.0.0.3", "unknown"],
    ["203.0.113.7:99999999", "unknown"],
    ["203.0.113.7:x", "unknown"],
    ["203.0.113.999", "unknown"],
    ["0x7f.1", "unknown"],
    ["010.1.1.1", "unknown"],
    ["[203.0.113.7", "unknown"],
    ["[::1]]", "unknown"],
  ])("in X-Forwarded-For: %s is %s", (header, address) => {
    expect(seen({ "x-forwarded-for": header })).toBe(address);
  });

  it.each([
    ["for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60"],
    ["For=192.0.2.60:4711", "192.0.2.60"],
    ['for="192.0.2.60:4711"', "192.0.2.60"],
    ['proto=https; for="[2001:db8:cafe::17]:4711"', "2001:db8:cafe::17"],
    ['for=192.0.2.43, for="[2001:db8:cafe::17]"', "2001:db8:cafe::17"],
    ["for=6.6.6.6, for=192.0.2.43;host=a.example, for=10.0.0.3", "192.0.2.43"],
    ['for="6.6.6.6, for=192.0.2.43', "192.0.2.43"],
    ["for=_hidden", "unknown"],
    ["for=unknown", "unknown"],
    ['for="_gazonk"', "unknown"],
    ["by=203.0.113.43", "unknown"],
    ["for=6.6.6.6;for=192.0.2.43", "unknown"],
    ["for", "unknown"],
  ])("in Forwarded: %s is %s", (header, address) => {
    expect(seen({ forwarded: header })).toBe(address);
  });

  it("is the one of X-Forwarded-For where both headers are there: a Forwarded is passed on by proxies that do not know it", () => {
    expect(seen({ "x-forwarded-for": "203.0.113.7", forwarded: "for=6.6.6.6" })).toBe("203.0.113.7");
    expect(seen({ "x-forwarded-for": " , ", forwarded: "for=192.0.2.60" })).toBe("192.0.2.60");
  });

  it("is the proxy itself where it says nothing, and nobody else's word counts", () => {
    expect(clientAddress(PROXY, {}, isTrusted)).toEqual({ ip: PROXY, shared: false });
    expect(clientAddress("203.0.113.9", { "x-forwarded-for": "6.6.6.6", forwarded: "for=6.6.6.6" }, isTrusted)).toEqual({
      ip: "203.0.113.9",
      shared: false,
    });
  });
});

const PUBLIC = "pair.example.com";
const warnings = ({ folder }: TestServer): string[] =>
  readFileSync(path.join(folder, "logs", "Top Dog-topdog.log"), "utf8")
    .split("\n")
    .filter((line) => line.includes("a trusted proxy does not say who its visitors are"));

describe("behind a proxy that", () => {
  const accept = async (server: TestServer, code: string, headers: Asked["headers"]) =>
    server.phone("POST", "/phone/pairing/accept-invite", { headers: { host: PUBLIC, ...headers }, body: phoneBody(code) });

  const accepted = (server: TestServer) =>
    server
      .audit()
      .filter(({ event }) => event === "accept_invite")
      .at(-1);

  it("writes ports, each phone has its own address and its own limit; several header lines are one list", async () => {
    const server = await startServer({ PAIRING_BASE_URL: `https://${PUBLIC}` });
    const wrong = "x".repeat(43);
    for (let guess = 0; guess < 16; guess += 1) await accept(server, wrong, { "x-forwarded-for": `203.0.113.7:${50_000 + guess}` });
    expect((await accept(server, wrong, { "x-forwarded-for": "203.0.113.7" })).status).toBe(429);
    expect((await accept(server, await server.invite(), { "x-forwarded-for": ["6.6.6.6", "203.0.113.8:4711"] })).status).toBe(200);
    expect(accepted(server)).toMatchObject({ ip: "203.0.113.8" });
    expect((await accept(server, await server.invite(), { Forwarded: ["for=6.6.6.6", 'for="[2001:db8::9]:4711"'] })).status).toBe(200);
    expect(accepted(server)).toMatchObject({ ip: "2001:db8::9" });
    await server.close();
    expect(warnings(server)).toEqual([]);
  });

  it("changes its IPv6 address within what one customer has, and has no other limit for that", async () => {
    const server = await startServer({ PAIRING_BASE_URL: `https://${PUBLIC}` });
    const guess = async (from: string) => (await accept(server, "x".repeat(43), { "x-forwarded-for": from })).status;
    // One customer has 2001:db8:0:7700 to 2001:db8:0:77ff, and any address in it.
    for (let turn = 0; turn < 16; turn += 1) await guess(`2001:db8:0:77${turn.toString(16)}0::${turn}`);
    expect([await guess("2001:db8:0:77ff::9"), await guess("2001:db8:0:7800::9")]).toEqual([429, 404]);
  });

  it.each([
    ["hides every visitor", { "x-forwarded-for": "unknown" }, "unknown"],
    ["writes what nobody can read", { "x-forwarded-for": "client-7" }, "unknown"],
    ["names them by made-up words", { forwarded: "for=_SEVKISEK" }, "unknown"],
    ["says nothing of them", {}, "127.0.0.1"],
  ])("%s, one stranger's guesses lock nobody out, and the log says once what to change", async (_, headers, ip) => {
    const server = await startServer({ PAIRING_BASE_URL: `https://${PUBLIC}` });
    for (let guess = 0; guess < 40; guess += 1) expect((await accept(server, "x".repeat(43), headers)).status).toBe(404);
    expect((await accept(server, await server.invite(), headers)).status).toBe(200);
    expect(accepted(server)).toMatchObject({ ip });
    // There is a limit all the same, and it ends with its window.
    let refused = await accept(server, "x".repeat(43), headers);
    for (let guess = 0; guess < 250; guess += 1) refused = await accept(server, "x".repeat(43), headers);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers["retry-after"])).toBeLessThanOrEqual(300);
    await server.close();
    expect(warnings(server)).toEqual([expect.stringContaining("PAIRING_TRUST_PROXY")]);
  });
});

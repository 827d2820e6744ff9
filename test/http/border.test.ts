import { generateKeyPairSync } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createMemorySecrets } from "../../src/adapters/secrets/memory.ts";
import { phoneNumbers } from "../../src/adapters/system/phone-numbers.ts";
import { createJoseTokens } from "../../src/adapters/tokens/jose-tokens.ts";
import { clientAddress, limitKey, trusts } from "../../src/http/client-address.ts";
import { createDeviceCookies } from "../../src/http/device-cookie.ts";
import { hostName, hostNameOf, isLoopbackName, readTarget } from "../../src/http/host-name.ts";
import { readSettings } from "../../src/settings/read-settings.ts";
import { phoneBody, startServer } from "./server.ts";

const settings = (env: Record<string, string>): ReturnType<typeof readSettings> => readSettings(env, { storageFolder: "." });
const blank = fc.constantFrom("", " ", "  ", "\t");
const padded = <T extends string>(text: fc.Arbitrary<T>): fc.Arbitrary<string> =>
  fc.tuple(blank, text, blank).map((parts) => parts.join(""));
const anyText = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }));

/** IPv4 as a number, so that networks can be compared without the library that the product uses. */
const numberOf = (address: string): number => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
const inNetwork = (address: string, network: string): boolean => {
  const [base = "", bits = "32"] = network.split("/");
  const size = 2 ** (32 - Number(bits));
  return Math.floor(numberOf(address) / size) === Math.floor(numberOf(base) / size);
};
const network = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([address, bits]) => `${address}/${bits}`);
const entry = fc.oneof(
  fc.ipV4(),
  network,
  fc.ipV6(),
  fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })).map((parts) => parts.join("/")),
  fc.constant("loopback"),
);

describe("lists in the settings", () => {
  it("are their entries, however they are spaced and whatever is left empty", () => {
    fc.assert(
      fc.property(fc.array(padded(fc.oneof(fc.domain(), fc.constant("")))), (entries) => {
        expect(settings({ PAIRING_ALLOWED_HOSTS: entries.join(",") }).allowedHosts).toEqual(
          entries.map((text) => text.trim()).filter(Boolean),
        );
      }),
    );
  });

  it("of proxies are read by the door whenever the settings take them, and refused by name when they do not", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 5, arbitrary: padded(entry) }, { weight: 1, arbitrary: anyText })), (entries) => {
        // The environment holds no NUL.
        const text = entries.join(",").replaceAll("\0", "");
        let proxies: readonly string[];
        try {
          proxies = settings({ PAIRING_TRUST_PROXY: text }).trustProxy;
        } catch (cause) {
          expect((cause as Error).message).toMatch(/^PAIRING_TRUST_PROXY: must be /);
          return;
        }
        expect(() => trusts(proxies)("203.0.113.7")).not.toThrow();
      }),
    );
    for (const junk of [
      "10.0.0.0/33",
      "::/129",
      "10.0.0",
      "010.0.0.1",
      "0x7f.1",
      "fe80::1%a-b",
      "fe80::1%eth0/64",
      "localhost",
      "*",
      "10.0.0.0/8/8",
    ])
      expect(() => settings({ PAIRING_TRUST_PROXY: junk })).toThrow(/PAIRING_TRUST_PROXY/);
  });

  it("of proxies mean just the addresses in them, written as IPv4 or inside IPv6", () => {
    fc.assert(
      fc.property(fc.array(network, { minLength: 1, maxLength: 3 }), fc.ipV4(), (networks, stranger) => {
        const near = networks[0]!.split("/")[0]!;
        for (const address of [stranger, near]) {
          const meant = networks.some((each) => inNetwork(address, each));
          const mapped = networks.map((each) => each.replace(/^(.*)\/(\d+)$/, (_, base, bits) => `::ffff:${base}/${Number(bits) + 96}`));
          for (const list of [networks, mapped])
            for (const spelled of [address, `::ffff:${address}`])
              expect([list, spelled, trusts(list)(spelled)]).toEqual([list, spelled, meant]);
        }
      }),
    );
  });
});

describe("a Host header", () => {
  it("is the name in it, in lower case, without port and dot", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.domain(), fc.ipV4(), fc.constant("localhost")),
        fc.constantFrom("", "."),
        fc.oneof(
          fc.constant(""),
          fc.integer({ min: 0, max: 65535 }).map((port) => `:${port}`),
        ),
        fc.boolean(),
        (name, dot, port, loud) => {
          const written = name + dot + port;
          expect(hostName(loud ? written.toUpperCase() : written)).toBe(name.toLowerCase());
        },
      ),
    );
  });

  it("is ours only when a browser would come here for it, whatever else stands in it", () => {
    const near = fc
      .tuple(
        fc.constantFrom("", "x", "@", "/", "\\", "#", "?", ".", "%00", "evil.test", "localhost", "127.0.0.1"),
        fc.constantFrom("localhost", "127.0.0.1", "[::1]", "LOCALHOST"),
        fc.oneof(
          anyText,
          fc.constantFrom("", ".", "..", ":1", ":", ":x", ":99999", ".:80", "@evil.test", ".evil.test", "/", "#", "?", ",evil.test"),
        ),
      )
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.oneof(near, anyText), (host) => {
        const name = hostName(host);
        if (name === undefined || !isLoopbackName(name)) return;
        const [authority] = host.split(/:\d+$/);
        expect(["localhost", "127.0.0.1", "[::1]"]).toContain(new URL(`http://${authority}/`).hostname.replace(/\.$/, ""));
      }),
      { numRuns: 1000 },
    );
  });

  it("that comes twice, or beside another target, is none", () => {
    const request = (url: string, rawHeaders: string[]): IncomingMessage => ({ url, rawHeaders }) as unknown as IncomingMessage;
    const host = fc.constantFrom("Host", "host", "HOST", "hOsT");
    const others = fc.array(fc.constantFrom(["X-Host", "evil.test"], ["Hos", "x"], ["Hosts", "x"], ["Accept", "Host"]));
    fc.assert(
      fc.property(host, host, others, others, (one, other, before, between) => {
        const once = [...before.flat(), one, "localhost", ...between.flat()];
        expect(hostNameOf(request("/x", once))).toBe("localhost");
        expect(hostNameOf(request("/x", [...once, other, "localhost"]))).toBeUndefined();
        const whole = request("http://Evil.test:80/x", once);
        readTarget(whole);
        expect([whole.url, hostNameOf(whole)]).toEqual(["/x", "evil.test"]);
        expect(hostNameOf(request("*", once))).toBeUndefined();
      }),
    );
  });
});

describe("a client's address", () => {
  const proxy = "10.0.0.1";
  const isProxy = trusts(["10.0.0.0/8"]);
  const outside = fc.oneof(
    fc.ipV4().filter((address) => !address.startsWith("10.")),
    fc.ipV6().filter((address) => !address.includes(".")),
  );
  const inside = fc.nat(0xffffff).map((rest) => `10.${rest >> 16}.${(rest >> 8) & 255}.${rest & 255}`);
  const forged = fc.oneof(
    anyText,
    fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), anyText)).map((hops) => hops.join(",")),
    fc.constant("6.6.6.6,".repeat(1500)),
  );

  const seen = (peer: string, header: string | undefined): string =>
    clientAddress(peer, header === undefined ? {} : { "x-forwarded-for": header }, isProxy).ip;
  const bracketed = (address: string): string => (address.includes(":") ? `[${address}]` : address);
  /** As proxies write an address: bare, with a port, in brackets, in quotes, with blanks around. */
  const written = (address: string): fc.Arbitrary<string> =>
    padded(
      fc
        .tuple(fc.nat({ max: 65_535 }), fc.nat({ max: 3 }))
        .map(
          ([port, form]) =>
            [address, `${bracketed(address)}:${port}`, `"${bracketed(address)}:${port}"`, `"${bracketed(address)}"`][form] ?? address,
        ),
    );

  it("is the one that a trusted proxy saw, however it is written and whatever stands before it", () => {
    const client = outside.chain((address) => fc.tuple(fc.constant(address), written(address)));
    const proxies = fc.array(inside.chain(written), { maxLength: 5 });
    fc.assert(
      fc.property(forged, client, proxies, blank, (lie, [address, text], between, empty) => {
        const header = [lie, empty, text, empty, ...between].join(",");
        expect([header, seen(proxy, header)]).toEqual([header, seen(address, undefined)]);
      }),
    );
  });

  it("is the peer's where the peer is nobody's proxy", () => {
    fc.assert(
      fc.property(outside, fc.oneof(forged, outside), (peer, lie) => {
        expect(seen(peer, lie)).toBe(seen(peer, undefined));
      }),
    );
  });

  it("is always an address or unknown, and one client has one bucket however it is spelled", () => {
    fc.assert(
      fc.property(forged, (header) => {
        for (const name of ["x-forwarded-for", "forwarded"]) {
          const { ip, shared } = clientAddress(proxy, { [name]: header }, isProxy);
          expect([header, isIP(ip) === 0]).toEqual([header, ip === "unknown" && shared]);
        }
      }),
    );
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const key = limitKey(address);
        expect(limitKey(seen(`::ffff:${address}`, undefined))).toBe(key);
      }),
    );
  });
});

describe("a phone number", () => {
  it("is read or not, and never breaks anything; what is read is E.164", async () => {
    const numberish = fc.string({ unit: fc.constantFrom(..."+0123456789 ()-./,;:#*ext=tel\u202a\u00a0٣३３＋".split("")), maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(numberish, anyText),
        fc.constantFrom(undefined, "US", "AT", "XX", "", "__proto__"),
        async (typed, country) => {
          const reading = await phoneNumbers.read(typed, country);
          if (reading) expect(reading.e164).toMatch(/^\+[1-9]\d{1,20}$/);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("is the same however it is written", async () => {
    const separators = fc.array(fc.constantFrom("", " ", "-", ".", "\u00a0", "\u202a", "\u200e"), { minLength: 11, maxLength: 11 });
    const scripts = fc.constantFrom("0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩");
    await fc.assert(
      fc.asyncProperty(separators, scripts, fc.constantFrom("+", "＋", "00", "tel:+"), async (between, digits, prefix) => {
        const typed = prefix + Array.from("14155552671", (digit, index) => (digits[Number(digit)] ?? "") + (between[index] ?? "")).join("");
        expect([typed, (await phoneNumbers.read(typed, "US"))?.e164]).toEqual([typed, "+14155552671"]);
      }),
    );
  });
});

describe("a token", () => {
  const NOW = Date.UTC(2026, 0, 15, 12);
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  let tokens: ReturnType<typeof createJoseTokens>;
  let token: string;
  beforeAll(async () => {
    const secrets = createMemorySecrets();
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    await secrets.set("signing-key", privateKey);
    tokens = createJoseTokens(secrets, quiet);
    const issuedAt = NOW / 1000;
    token = await tokens.issue({ userId: "u", deviceId: "d", fingerprint: "f", jti: "j", issuedAt, expiresAt: issuedAt + 3600 });
  });

  it("counts in one spelling: with any character changed, added or left out it is another", async () => {
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\0é";
    const change = fc.record({
      at: fc.nat(),
      drop: fc.nat(2),
      put: fc.string({ unit: fc.constantFrom(...letters.split("")), maxLength: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ at, drop, put }) => {
        const place = at % (token.length + 1);
        const changed = token.slice(0, place) + put + token.slice(place + drop);
        if (changed === token) return;
        await expect(tokens.verify(changed, NOW)).rejects.toMatchObject({ code: "token_invalid" });
      }),
      { numRuns: 1000 },
    );
    expect(await tokens.verify(token, NOW)).toMatchObject({ deviceId: "d" });
  });

  it("is refused when it is anything else, and nothing else happens", async () => {
    const part = fc.oneof(
      anyText,
      anyText.map((text) => Buffer.from(text).toString("base64url")),
      fc.json().map((text) => Buffer.from(text).toString("base64url")),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          anyText,
          fc.array(part, { minLength: 3, maxLength: 3 }).map((parts) => parts.join(".")),
        ),
        async (nonsense) => {
          await expect(tokens.verify(nonsense, NOW)).rejects.toMatchObject({ code: "token_invalid" });
        },
      ),
    );
  });
});

describe("a cookie", () => {
  const value = fc.string({ unit: fc.constantFrom(..."abcXYZ019-_.".split("")), minLength: 1 });
  const other = fc.tuple(
    fc.constantFrom("topdog_device2", "xtopdog_device", "TOPDOG_DEVICE", "topdog", "topdog_device ", "a", "__Host-topdog_device", ""),
    anyText.map((text) => text.replaceAll(";", "")),
  );

  it("is the token when it is there once, and none when it is there twice or not at all", () => {
    fc.assert(
      fc.property(fc.array(other), fc.array(value, { maxLength: 3 }), fc.nat(), (others, values, seed) => {
        const pairs = others.map(([name, text]) => `${name}=${text}`);
        for (const [index, text] of values.entries()) pairs.splice((seed + index) % (pairs.length + 1), 0, `topdog_device=${text}`);
        for (const name of ["topdog_device", "topdog_device_id-1"]) {
          const header = pairs.join("; ").replaceAll(/(^|; )topdog_device=/g, `$1${name}=`);
          const carried = values.length === 1 ? { token: values[0], own: name !== "topdog_device" } : undefined;
          expect(createDeviceCookies("id-1").read(header)).toEqual(carried);
        }
      }),
    );
    expect(createDeviceCookies("id-1").read(undefined)).toBeUndefined();
    const both = "topdog_device=old; topdog_device_id-1=own; topdog_device_id-2=another";
    expect(createDeviceCookies("id-1").read(both)).toEqual({ token: "own", own: true });
  });
});

describe("an Idempotency-Key", () => {
  it("is any text of 1 to 256 characters, and each is a key of its own", async () => {
    const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "1000" });
    const accept = async (code: string, key: string) =>
      server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(code, "d"), headers: { "idempotency-key": key } });
    // What a header may hold, and that nothing trims.
    const inner = fc.string({
      unit: fc.constantFrom(...Array.from({ length: 0x5e }, (_, index) => String.fromCharCode(0x21 + index)), "é"),
      minLength: 1,
      maxLength: 256,
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(inner, fc.constantFrom("__proto__", "constructor", "x".repeat(256), '"', "a, b")), async (key) => {
        const code = await server.invite();
        const first = await accept(code, key);
        expect(first.status).toBe(200);
        expect((await accept(code, key)).body).toEqual(first.body);
        const others = [key.slice(1), `${key}x`.slice(-256), key.toUpperCase()].filter((text) => text !== "" && text !== key);
        for (const another of others) expect([another, (await accept(code, another)).status]).toEqual([another, 409]);
      }),
      { numRuns: 15 },
    );
    const code = await server.invite();
    for (const key of ["", "x".repeat(257)]) expect([key.length, (await accept(code, key)).status]).toEqual([key.length, 400]);
    expect((await server.phone("GET", `/phone/pairing/invite/${code}`)).body.status).toBe("pending");
  });
});

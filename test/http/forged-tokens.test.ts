import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { exchange } from "./hidden-requests.ts";
import { startServer, type TestServer } from "./server.ts";

const OURS = createPrivateKey(
  generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  }).privateKey,
);
const OUR_PUBLIC = createPublicKey(OURS);
const THEIRS = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const THEIR_JWK = createPublicKey(THEIRS).export({ format: "jwk" });

/** Where the attacker keeps a key for who follows the addresses in a token. */
let elsewhere: Server;
let visits = 0;
beforeAll(async () => {
  elsewhere = createServer((_request, response) => {
    visits += 1;
    response.setHeader("Content-Type", "application/json").end(JSON.stringify({ keys: [{ ...THEIR_JWK, kid: "theirs", alg: "RS256" }] }));
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
});
afterAll(() => void elsewhere.close());

type Part = Readonly<Record<string, unknown>>;
const encoded = (part: Part | string): string => Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url");

interface Real {
  readonly token: string;
  readonly header: Part;
  readonly payload: Part;
}

/** Header and payload as they are given, truly signed. */
function signed(header: Part | string, payload: Part | string, key: KeyObject = OURS, hash = "sha256", more = {}): string {
  const text = `${encoded(header)}.${encoded(payload)}`;
  return `${text}.${sign(hash, Buffer.from(text), { key, ...more }).toString("base64url")}`;
}

function hmac(header: Part, payload: Part, secret: string | Buffer, hash = "sha256"): string {
  const text = `${encoded(header)}.${encoded(payload)}`;
  return `${text}.${createHmac(hash, secret).update(text).digest("base64url")}`;
}

/** All that a token may be made of that is not ours, by what was done to it. */
function forgeries({ token, header, payload }: Real, { address, other }: { address: string; other: Part }): Record<string, string> {
  const [head = "", body = "", mark = ""] = token.split(".");
  const made: Record<string, string> = {};

  for (const alg of ["none", "None", "NONE", "nOnE", "", "null"]) {
    made[`alg ${alg}, no signature`] = `${encoded({ ...header, alg })}.${body}.`;
    made[`alg ${alg}, its signature`] = `${encoded({ ...header, alg })}.${body}.${mark}`;
    made[`alg ${alg}, another phone`] = `${encoded({ alg })}.${encoded(other)}.AA`;
  }
  made["no alg"] = signed({ ...header, alg: undefined }, payload);
  made["alg twice"] = signed(`{"alg":"none","typ":"JWT","kid":${JSON.stringify(header["kid"])},"alg":"RS512"}`, payload);
  for (const [hash, alg] of [
    ["sha384", "RS384"],
    ["sha512", "RS512"],
  ] as const)
    made[alg] = signed({ ...header, alg }, payload, OURS, hash);
  made["PS256"] = signed({ ...header, alg: "PS256" }, payload, OURS, "sha256", { padding: 6, saltLength: 32 });
  made["PS256 that says RS256"] = signed(header, payload, OURS, "sha256", { padding: 6, saltLength: 32 });
  const curve = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  made["ES256"] = signed({ ...header, alg: "ES256" }, payload, curve, "sha256", { dsaEncoding: "ieee-p1363" });
  made["ES256 of zeros"] = `${encoded({ ...header, alg: "ES256" })}.${body}.${Buffer.alloc(64).toString("base64url")}`;

  // The public key is public: as a password it must be worth nothing.
  for (const [form, secret] of Object.entries({
    "SPKI PEM": OUR_PUBLIC.export({ type: "spki", format: "pem" }),
    "PKCS1 PEM": OUR_PUBLIC.export({ type: "pkcs1", format: "pem" }),
    "SPKI DER": OUR_PUBLIC.export({ type: "spki", format: "der" }),
    JWK: JSON.stringify(OUR_PUBLIC.export({ format: "jwk" })),
    modulus: Buffer.from(OUR_PUBLIC.export({ format: "jwk" }).n ?? "", "base64url"),
    nothing: "",
    kid: String(header["kid"]),
  }))
    for (const bits of ["256", "512"])
      made[`HS${bits} with the ${form}`] = hmac({ ...header, alg: `HS${bits}` }, payload, secret, `sha${bits}`);

  for (const [what, more] of Object.entries({
    jwk: { jwk: THEIR_JWK },
    "jwk and its kid": { jwk: { ...THEIR_JWK, kid: "theirs" }, kid: "theirs" },
    jku: { jku: `${address}/keys`, kid: "theirs" },
    x5u: { x5u: `${address}/chain.pem` },
    x5c: { x5c: [THEIRS.export({ type: "pkcs8", format: "der" }).toString("base64")] },
    "kid of an address": { kid: `${address}/keys` },
  })) {
    made[`${what}, their signature`] = signed({ ...header, ...more }, payload, THEIRS);
    if (what.startsWith("kid")) continue;
    made[`${what}, their signature, no kid`] = signed({ ...header, kid: undefined, ...more }, payload, THEIRS);
  }
  for (const kid of [
    "../../../../dev/null",
    "/dev/null",
    "signing_key.pem",
    "' OR '1'='1",
    "x' UNION SELECT 'AA",
    "__proto__",
    "constructor",
    "",
    "\0",
    1,
    true,
    null,
    [],
    {},
    [header["kid"]],
    { kid: header["kid"] },
    "x".repeat(2000),
  ]) {
    const name = JSON.stringify(kid).slice(0, 40);
    made[`kid ${name}`] = signed({ ...header, kid }, payload);
    made[`kid ${name}, an empty password`] = hmac({ ...header, alg: "HS256", kid }, payload, "");
  }
  made["no kid"] = signed({ ...header, kid: undefined }, payload);

  for (const [what, more] of Object.entries({
    "crit exp": { crit: ["exp"] },
    "crit b64": { crit: ["b64"], b64: false },
    "crit unknown": { crit: ["x"], x: 1 },
    "crit empty": { crit: [] },
    "crit a word": { crit: "b64" },
    "b64 false": { b64: false, crit: ["b64", "b64"] },
    "b64 true": { b64: true },
    "b64 false alone": { b64: false },
    zip: { zip: "DEF" },
    "cty JWT": { cty: "JWT" },
    "a header of nobody's": { x: 1 },
    jku: { jku: "https://evil.test/jwks.json" },
    "typ missing": { typ: undefined },
    "typ at+jwt": { typ: "at+jwt" },
    "typ a number": { typ: 1 },
  }))
    made[what] = signed({ ...header, ...more }, payload);

  const now = Math.floor(Date.now() / 1000);
  for (const [what, more] of Object.entries({
    "another issuer": { iss: "somebody" },
    "another audience": { aud: "somebody" },
    "one audience too many": { aud: ["topdog-mobile", "somebody"] },
    "its audience in a list": { aud: ["topdog-mobile"] },
    "another subject": { sub: "somebody" },
    "another user": { user_id: "somebody", sub: "somebody" },
    "another phone": { device_id: other["device_id"] },
    "another phone's id": { jti: other["jti"] },
    "an id of nobody": { jti: "nobody" },
    "not yet": { nbf: now + 3600 },
    "made tomorrow": { iat: now + 86_400 },
    "made at no time": { iat: "now" },
    "an end in words": { exp: "never" },
    "an end in a list": { exp: [now + 3600] },
    "no end that counts": { exp: 1e308 },
    "a broken end": { exp: now + 3600.5 },
    "an end before time": { exp: -1 },
    "a device of another kind": { device_id: { id: "d" } },
    "an id of another kind": { jti: 7 },
  }))
    made[what] = signed(header, { ...payload, ...more });
  for (const claim of Object.keys(payload)) made[`no ${claim}`] = signed(header, { ...payload, [claim]: undefined });
  for (const text of ["", "null", "[]", '"x"', "7", "{", JSON.stringify(payload).slice(0, -1)])
    made[`payload ${text.slice(0, 10)}`] = signed(header, text);

  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const otherBits = mark.slice(0, -1) + (alphabet[alphabet.indexOf(mark.slice(-1)) ^ 1] ?? "");
  for (const [what, text] of Object.entries({
    "with padding": `${token}==`,
    "with padded parts": `${head}=.${body}=.${mark}==`,
    "with other unused bits": `${head}.${body}.${otherBits}`,
    "in the other alphabet": `${head}.${body}.${Buffer.from(mark, "base64url").toString("base64")}`,
    "without its signature": `${head}.${body}`,
    "with an empty signature": `${head}.${body}.`,
    "with a part too many": `${token}.${mark}`,
    "with a dot too many": `${token}.`,
    "with a dot before": `.${token}`,
    "as an encrypted one": `${head}.${mark}.${mark}.${body}.${mark}`,
    "with a signature of zeros": `${head}.${body}.${Buffer.alloc(256).toString("base64url")}`,
    "with half a signature": `${head}.${body}.${mark.slice(0, 170)}`,
    "with quotes": `"${token}"`,
    "in capitals": token.toUpperCase(),
    twice: `${token},${token}`,
    "percent-encoded": encodeURIComponent(`${token}=`),
    "as JSON": JSON.stringify({ payload: body, signatures: [{ protected: head, signature: mark }] }),
  }))
    made[what] = text;
  return made;
}

async function paired(server: TestServer, deviceId: string): Promise<Real> {
  const token = await server.pair(deviceId);
  const [header, payload] = token
    .split(".")
    .map((part, index) => (index < 2 ? (JSON.parse(Buffer.from(part, "base64url").toString()) as Part) : {}));
  return { token, header: header!, payload: payload! };
}

it("of all that a token can be made of, only the one that was handed out is let in", async () => {
  const pem = OURS.export({ type: "pkcs8", format: "pem" }).toString();
  const server = await startServer({ PAIRING_JWT_PRIVATE_KEY: pem, PAIRING_RATE_LIMIT_SCALE: "1000" });
  const real = await paired(server, "d");
  const { payload: other } = await paired(server, "other");
  const me = async (authorization: string) => server.phone("GET", "/phone/me", { headers: { authorization } });
  expect((await me(`Bearer ${real.token}`)).status).toBe(200);
  // The helper signs as the product does: what is refused below is refused for what it says.
  expect(signed(real.header, real.payload)).toBe(real.token);

  const address = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
  const made = Object.entries(forgeries(real, { address, other }));
  expect(made.length).toBeGreaterThan(120);
  for (const [what, forged] of made) {
    const { status, body, headers } = await me(`Bearer ${forged}`);
    const code = what === "an end before time" ? "token_expired" : "token_invalid";
    expect([what, status, body.code, headers["www-authenticate"]]).toEqual([what, 401, code, "Bearer"]);
  }
  expect(visits).toBe(0);

  // Nor anywhere else in a request, nor in two places.
  const get = async (target: string, headers = {}) => server.phone("GET", target, { headers });
  for (const answer of [
    await get(`/phone/me?token=${real.token}`),
    await get(`/phone/me?access_token=${real.token}`),
    await get("/phone/me", { "x-access-token": real.token }),
    await get("/phone/me", { authorization: real.token }),
    await get("/phone/me", { authorization: `Token ${real.token}` }),
    await get("/phone/me", { authorization: `Bearer ${real.token}x` }),
    await get("/phone/me", { authorization: `Bearer  ${real.token} x` }),
    await get("/phone/me", { authorization: `Bearer x, Bearer ${real.token}` }),
  ])
    expect([answer.status, answer.body.code]).toEqual([401, expect.stringMatching(/^token_(missing|invalid)$/)]);
  const twice = `GET /phone/me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\nAuthorization: Bearer ${real.token}\r\nConnection: close\r\n\r\n`;
  expect((await exchange(server.phoneAddress, twice)).statuses).toEqual([401]);

  expect((await me(`Bearer ${real.token}`)).body.device_id).toBe("d");
  expect((await me(`bearer ${real.token}`)).status).toBe(200);
});

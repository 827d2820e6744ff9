import { afterEach, describe, expect, it, vi } from "vitest";
import { phoneBody, startServer, type TestServer } from "./server.ts";

afterEach(() => vi.useRealTimers());

const MINUTE = 60_000;
/** A program of the server's own account, in front of which nobody sits. */
const PROGRAM = { "x-window-key": "" };

const always = async (more: Record<string, string> = {}): Promise<TestServer> =>
  startServer({ PAIRING_CONFIRM: "always", PAIRING_RATE_LIMIT_SCALE: "1000", ...more });
const accept = async (server: TestServer, code: string, device: string, headers: Record<string, string> = {}) =>
  server.phone("POST", "/phone/pairing/accept-invite", { headers, body: phoneBody(code, device) });
const scan = async (server: TestServer, pairing_token: string, device: string) => {
  const { invite_code: _, ...phone } = phoneBody("", device);
  return server.phone("POST", "/phone/pairing/pair", { body: { pairing_token, ...phone } });
};
const poll = async (server: TestServer, { claim_id, claim_secret }: { claim_id: string; claim_secret: string }) =>
  server.phone("POST", `/phone/pairing/claims/${claim_id}`, { body: { claim_secret } });
const confirm = async (server: TestServer, digits: string, more: object = {}) =>
  server.local("POST", "/admin/claims/confirm", { body: { digits, ...more } });
const claims = async (server: TestServer) => (await server.local("GET", "/admin/claims")).body.claims;
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
/** Two digits that none of these are. */
const other = (...digits: string[]): string => Array.from({ length: 9 }, (_, n) => `${n}${n}`).find((two) => !digits.includes(two)) ?? "";

describe("PAIRING_CONFIRM=always", () => {
  it("accepting shows two digits and gives no token; typing them pairs the phone", async () => {
    const server = await always();
    const code = await server.invite();
    const { status, body } = await accept(server, code, "phone-1");
    expect(status).toBe(202);
    expect(body).toEqual({
      status: "confirmation_required",
      claim_id: expect.any(String),
      claim_secret: expect.stringMatching(/^[\w-]{43}$/),
      digits: expect.stringMatching(/^\d\d$/),
      expires_at: expect.any(String),
    });
    expect(await poll(server, body)).toMatchObject({ status: 202, body });
    expect((await server.local("GET", "/phone/devices")).body).toEqual([]);
    expect(await claims(server)).toEqual([
      expect.objectContaining({
        claim_id: body.claim_id,
        device_name: expect.stringContaining("iPhone"),
        device_type: "ios",
        level: "command",
        method: "sms",
      }),
    ]);
    expect(JSON.stringify(await claims(server))).not.toContain(body.claim_secret);

    expect(await confirm(server, ` ${body.digits[0]} ${body.digits[1]}`)).toMatchObject({ status: 200, body: { device_id: "phone-1" } });
    const paired = await poll(server, body);
    expect(paired.status).toBe(200);
    expect(paired.headers["set-cookie"]).toBeDefined();
    const me = await server.phone("GET", "/phone/me", bearer(paired.body.jwt_token));
    expect([me.status, me.body.confirmed, me.body.level]).toEqual([200, undefined, "command"]);
    // A phone that lost the answer asks again.
    expect((await poll(server, body)).body).toEqual(paired.body);
    expect(await claims(server)).toEqual([]);
  });

  it.each(["arabic ٤٧", "full width"])("digits of any script are read (%s)", async () => {
    const server = await always();
    const { body } = await accept(server, await server.invite(), "phone-1");
    const typed = [...body.digits].map((digit: string) => String.fromCodePoint(0x660 + Number(digit))).join("");
    expect((await confirm(server, typed)).status).toBe(200);
  });

  it("the list never holds the digits, and says where the phone came from", async () => {
    const server = await always({ PAIRING_TRUST_PROXY: "loopback" });
    const ua =
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1";
    const code = await server.invite();
    await accept(server, code, "phone-1", { "x-forwarded-for": "203.0.113.77", "user-agent": ua });
    const [claim] = await claims(server);
    expect([claim.browser, claim.network]).toEqual(["Safari 18", "203.0.113.x"]);
    expect(Object.keys(claim)).not.toContain("digits");
    expect(JSON.stringify(claim)).not.toContain("203.0.113.77");
  });

  it("several phones with one link show different digits, and the digits choose", async () => {
    const server = await always();
    const code = await server.invite();
    const [stranger, own, third] = [await accept(server, code, "s"), await accept(server, code, "o"), await accept(server, code, "t")];
    expect(new Set([stranger.body.digits, own.body.digits, third.body.digits]).size).toBe(3);
    const fourth = await accept(server, code, "f");
    expect([fourth.status, fourth.body.params?.reason, Number(fourth.headers["retry-after"]) > 100]).toEqual([429, "open_claims", true]);
    expect((await confirm(server, own.body.digits)).body.device_id).toBe("o");
    expect((await poll(server, own.body)).status).toBe(200);
    for (const { body } of [stranger, third])
      expect(await poll(server, body)).toMatchObject({ status: 410, body: { code: "claim_closed" } });
    expect((await accept(server, code, "f")).body.code).toBe("invite_already_used");
    expect((await server.local("GET", "/phone/devices")).body).toHaveLength(1);
  });

  it("the trail names each phone that waited, what became of it, and who confirmed", async () => {
    const server = await always();
    const code = await server.invite();
    const phone = { "user-agent": "a phone" };
    const [own] = [await accept(server, code, "own", phone), await accept(server, code, "stranger", phone)];
    const person = { headers: { "user-agent": "a person" }, body: { digits: own.body.digits, level: "view" } };
    expect((await server.local("POST", "/admin/claims/confirm", person)).status).toBe(200);
    const lines = server.audit().filter(({ device_id }) => device_id !== undefined);
    expect(lines.map(({ event, device_id, reason, ua }) => [event, device_id, reason, ua])).toEqual([
      ["claim_opened", "own", undefined, "a phone"],
      ["claim_opened", "stranger", undefined, "a phone"],
      ["accept_invite", "own", undefined, "a phone"],
      ["confirm_device", "own", "level: view", "a person"],
      ["claim_closed", "stranger", "other_phone", undefined],
    ]);
    expect(new Set(lines.map(({ session_id, user_id }) => `${session_id} ${user_id}`)).size).toBe(1);
  });

  it("wrong digits close the open claims, which both sides see; the fifth entry cancels the invite", async () => {
    const server = await always();
    const code = await server.invite();
    for (const wrong of [1, 2, 3, 4, 5]) {
      const { status, body } = await accept(server, code, `phone-${wrong}`);
      expect(status).toBe(202);
      const typed = await confirm(server, other(body.digits));
      expect([typed.status, typed.body.code, typed.body.params?.reason]).toEqual([
        400,
        "digits_mismatch",
        wrong === 5 ? "last_try" : undefined,
      ]);
      expect((await poll(server, body)).body.code).toBe("claim_closed");
      // What was right before is of no use now.
      expect((await confirm(server, body.digits)).body).toMatchObject({ code: "claim_closed", params: { reason: "none_open" } });
    }
    expect((await accept(server, code, "late")).body.code).toBe("invite_cancelled");
    const { sessions } = (await server.local("GET", "/phone/pairing/sessions")).body;
    expect([sessions[0].status, sessions[0].cancel_reason]).toEqual(["cancelled", "wrong_digits"]);
  });

  it("digits that name their invite close no other one's claims", async () => {
    const server = await always();
    const one = await accept(server, await server.invite(), "one");
    const two = await accept(server, await server.invite("+14155552672"), "two");
    const [, second] = await claims(server);
    const typed = await confirm(server, one.body.digits, { session_id: second.session_id });
    expect(typed.body.code).toBe("digits_mismatch");
    expect([(await poll(server, one.body)).status, (await poll(server, two.body)).status]).toEqual([202, 410]);
    expect((await confirm(server, one.body.digits)).body.device_id).toBe("one");
  });

  it("a claim ends after two minutes, also one of an invite that expired meanwhile; the phone may accept again", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const server = await always({ PAIRING_INVITE_EXPIRY_MINUTES: "5" });
    const code = await server.invite();
    const first = await accept(server, code, "phone-1");
    vi.setSystemTime(Date.now() + 2 * MINUTE);
    expect((await poll(server, first.body)).body.code).toBe("claim_closed");
    expect((await confirm(server, first.body.digits)).body.code).toBe("claim_closed");
    vi.setSystemTime(Date.now() + 2 * MINUTE + 30_000);
    const second = await accept(server, code, "phone-1");
    vi.setSystemTime(Date.now() + MINUTE);
    expect((await server.phone("GET", `/phone/pairing/invite/${code}`)).body.status).toBe("expired");
    expect((await accept(server, code, "phone-2")).body.code).toBe("invite_expired");
    expect((await confirm(server, second.body.digits)).status).toBe(200);
    expect((await poll(server, second.body)).status).toBe(200);
  });

  it("the same request with the same key finds its claim, and its token once it is confirmed", async () => {
    const server = await always();
    const code = await server.invite();
    const key = { "idempotency-key": "a key of this phone" };
    const first = await accept(server, code, "phone-1", key);
    expect((await accept(server, code, "phone-1", key)).body).toEqual(first.body);
    expect((await accept(server, code, "phone-2", key)).body.code).toBe("idempotency_key_reused");
    expect(await claims(server)).toHaveLength(1);
    await confirm(server, first.body.digits);
    const again = await accept(server, code, "phone-1", key);
    expect([again.status, again.body]).toEqual([200, (await poll(server, first.body)).body]);
  });

  it("unknown, foreign, malformed and closed claims answer alike", async () => {
    const server = await always();
    const { body } = await accept(server, await server.invite(), "phone-1");
    const session = body.claim_id.split(".")[0];
    const asked = [
      { claim_id: "unknown.unknown", claim_secret: body.claim_secret },
      { claim_id: `${session}.unknown`, claim_secret: body.claim_secret },
      { claim_id: session, claim_secret: body.claim_secret },
      { claim_id: body.claim_id, claim_secret: "wrong" },
      { claim_id: "%2e%2e%2f", claim_secret: "x" },
    ];
    const answers = await Promise.all(asked.map(async (claim) => poll(server, claim)));
    const asAlike = answers.map(({ status, body: problem }) => `${status} ${JSON.stringify({ ...problem, request_id: "" })}`);
    expect(new Set(asAlike).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 410, body: { code: "claim_closed" } });
  });

  it("a program of the account can neither see nor confirm a claim", async () => {
    const server = await always();
    const { body } = await accept(server, await server.invite(), "phone-1");
    const listed = await server.local("GET", "/admin/claims", { headers: PROGRAM });
    const confirmed = await server.local("POST", "/admin/claims/confirm", { headers: PROGRAM, body: { digits: body.digits } });
    expect([listed.body.code, confirmed.body.code]).toEqual(["window_required", "window_required"]);
    expect((await poll(server, body)).status).toBe(202);
  });

  it("a phone that a program invited is confirmed by its digits, and may be allowed less", async () => {
    const server = await always();
    const invited = await server.local("POST", "/phone/pairing/send-sms", {
      headers: PROGRAM,
      body: { phone_number: "+14155552671", user_id: "ada" },
    });
    const { body } = await accept(server, invited.body.invite_code, "phone-1");
    expect((await confirm(server, body.digits, { level: "view" })).body.level).toBe("view");
    const { jwt_token } = (await poll(server, body)).body;
    const me = (await server.phone("GET", "/phone/me", bearer(jwt_token))).body;
    expect([me.confirmed, me.level]).toEqual([undefined, "view"]);
  });

  it("an open claim and a confirmed one survive a restart", async () => {
    const first = await always();
    const one = await accept(first, await first.invite(), "one");
    const two = await accept(first, await first.invite("+14155552672"), "two");
    await confirm(first, one.body.digits);
    await first.close();
    const server = await always({ PAIRING_STORAGE_PATH: first.folder });
    expect([(await poll(server, one.body)).status, (await poll(server, two.body)).status]).toEqual([200, 202]);
    expect((await confirm(server, two.body.digits)).status).toBe(200);
    expect((await poll(server, two.body)).status).toBe(200);
  });

  it("cancelling or declining the invite ends its claims", async () => {
    const server = await always();
    const code = await server.invite();
    const { body } = await accept(server, code, "phone-1");
    await server.local("DELETE", `/phone/pairing/invite/${code}`);
    expect((await poll(server, body)).body.code).toBe("claim_closed");
    expect((await confirm(server, body.digits)).body.params).toEqual({ reason: "none_open" });
  });

  it("a revoked phone gets no token for its claim", async () => {
    const server = await always();
    const { body } = await accept(server, await server.invite(), "phone-1");
    await confirm(server, body.digits);
    await server.local("DELETE", "/phone/devices/phone-1");
    expect((await poll(server, body)).body.code).toBe("claim_closed");
  });
});

it("qr-only: a scanned code needs digits, a text message's link does not", async () => {
  const server = await always({ PAIRING_CONFIRM: "qr-only" });
  expect((await accept(server, await server.invite(), "phone-1")).status).toBe(200);
  const { pairing_token } = (await server.local("POST", "/phone/pairing/generate-qr", { body: { user_id: "ada" } })).body;
  const scanned = await scan(server, pairing_token, "phone-2");
  expect(scanned.status).toBe(202);
  expect((await confirm(server, scanned.body.digits)).body.device_id).toBe("phone-2");
});

it("200 races for a forwarded link: the owner's phone is paired, the stranger gets nothing, and no token existed for it", async () => {
  const server = await always();
  for (let race = 0; race < 200; race++) {
    const { pairing_token } = (await server.local("POST", "/phone/pairing/generate-qr", { body: { user_id: "ada" } })).body;
    const both = [scan(server, pairing_token, `own-${race}`), scan(server, pairing_token, `stranger-${race}`)];
    const [own, stranger] = race % 2 === 0 ? await Promise.all(both) : (await Promise.all(both.reverse())).reverse();
    expect([own?.status, stranger?.status]).toEqual([202, 202]);
    // The stranger goes on asking meanwhile.
    const [confirmed, asked] = await Promise.all([confirm(server, own?.body.digits), poll(server, stranger?.body)]);
    expect(confirmed.body.device_id).toBe(`own-${race}`);
    expect([202, 410]).toContain(asked.status);
    expect(asked.body.jwt_token).toBeUndefined();
    expect((await poll(server, own?.body)).body.jwt_token).toEqual(expect.any(String));
    expect((await poll(server, stranger?.body)).body.code).toBe("claim_closed");
  }
  const devices = (await server.local("GET", "/phone/devices")).body.map(({ device_id }: { device_id: string }) => device_id);
  expect(devices).toHaveLength(200);
  expect(devices.filter((id: string) => id.startsWith("stranger"))).toEqual([]);
});

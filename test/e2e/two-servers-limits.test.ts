import { afterEach, describe, expect, it } from "vitest";
import { hasPostgres } from "../postgres.ts";
import { ask } from "./databases.ts";
import { endServers, startServers } from "./servers-on-database.ts";

afterEach(endServers);

describe.skipIf(!hasPostgres)("what costs money or invites guessing, at several servers on one database", () => {
  it("is counted once: wrong admin tokens, one-time passwords, text messages and keys of requests", async () => {
    const servers = await startServers(3, {
      PAIRING_QR_REQUIRE_OTP: "1",
      PHONE_DEVICES_REQUIRE_ADMIN: "1",
      ADMIN_TOKEN: "K7#right-token-of-the-administrator-9",
    });
    const [a, b, c] = servers;
    if (!a || !b || !c) return expect.fail("no servers");
    const everywhere = async <Answer>(count: number, work: (server: (typeof servers)[number], index: number) => Promise<Answer>) =>
      Promise.all(Array.from({ length: count }, async (_, index) => work([a, b, c][index % 3] ?? a, index)));

    // Text messages: three to one number in ten minutes.
    const sent = await everywhere(9, async ({ localAddress }) =>
      ask(localAddress, "POST", "/phone/pairing/send-sms", { phone_number: "+14155552671", user_id: "ada" }),
    );
    expect(sent.map(({ status }) => status).sort()).toEqual([200, 200, 200, 429, 429, 429, 429, 429, 429]);

    // The fifth wrong one-time password cancels the invite.
    const qr = await ask(a.localAddress, "POST", "/phone/pairing/generate-qr", { user_id: "ada" });
    const pair = {
      pairing_token: qr.body["pairing_token"],
      device_id: "phone",
      device_name: "Phone",
      device_type: "ios",
      otp_code: "wrong!",
    };
    const tried = await everywhere(12, async ({ phoneAddress }) => ask(phoneAddress, "POST", "/phone/pairing/pair", pair));
    expect(tried.filter(({ body }) => body["code"] === "otp_invalid").length).toBeLessThanOrEqual(5);
    expect((await ask(b.phoneAddress, "POST", "/phone/pairing/pair", { ...pair, otp_code: qr.body["otp_code"] })).body["code"]).toBe(
      "invite_cancelled",
    );

    // One key and code is one phone and one answer, at any server.
    const accept = {
      invite_code: sent.find(({ status }) => status === 200)?.body["invite_code"],
      device_id: "phone-1",
      device_name: "Phone",
      device_type: "ios",
    };
    const key = { "idempotency-key": "a-key-of-this-accept" };
    const accepted = await everywhere(6, async ({ phoneAddress }) =>
      ask(phoneAddress, "POST", "/phone/pairing/accept-invite", accept, key),
    );
    expect(accepted.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(new Set(accepted.map(({ body }) => body["jwt_token"])).size).toBe(1);

    // Five wrong admin tokens on each computer, and the right one has to wait as well.
    const guesses = await everywhere(18, async ({ localAddress }, index) =>
      ask(localAddress, "GET", "/phone/devices", undefined, { "x-admin-token": `wrong-${index}` }),
    );
    expect(guesses.map(({ status }) => status).sort()).toEqual([...Array(15).fill(403), 429, 429, 429]);
    const right = await everywhere(3, async ({ localAddress }) =>
      ask(localAddress, "GET", "/phone/devices", undefined, { "x-admin-token": "K7#right-token-of-the-administrator-9" }),
    );
    expect(right.map(({ status }) => status)).toEqual([429, 429, 429]);
  });
});

import { describe, expect, it } from "vitest";
import { createClient, NoAnswer, Refused } from "../../src/client/index.ts";
import { paired } from "../paired.ts";
import { startServer } from "./server.ts";

const PHONE = { device_id: "iphone-1", device_name: "iPhone", device_type: "ios" } as const;

describe("the client", () => {
  it("asks both doors in the words of the API, with the tokens that each operation takes", async () => {
    const server = await startServer({ PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: "the right token" });
    const admin = createClient({ address: `${server.localAddress}/`, adminToken: "the right token" });
    const invite = await admin.sendInvite({ phone_number: "+14155552671", user_id: "john/doe & co" });
    const { invite_code } = invite;
    const door = createClient({ address: server.phoneAddress });
    expect((await door.inviteStatus({ invite_code })).is_valid).toBe(true);
    const accepted = paired(await door.acceptInvite({ invite_code, ...PHONE }, { idempotencyKey: "once" }));
    expect(await door.acceptInvite({ invite_code, ...PHONE }, { idempotencyKey: "once" })).toEqual(accepted);
    const phone = createClient({ address: server.phoneAddress, deviceToken: accepted.jwt_token });
    expect((await phone.ownDevice({})).user_id).toBe("john/doe & co");
    await admin.revokeDevice({ device_id: PHONE.device_id, user_id: "john/doe & co" });
    await expect(phone.ownDevice({})).rejects.toMatchObject({ name: "Refused", code: "token_revoked", status: 401 });
  });

  it("rejects with the error's code, sentence and wait", async () => {
    const server = await startServer({ PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: "the right token" });
    const client = createClient({ address: server.localAddress });
    const denied = await client.listDevices({}).catch((cause: unknown) => cause);
    expect(denied).toBeInstanceOf(Refused);
    expect(denied).toMatchObject({ code: "admin_token_required", message: "An admin token is required: send it as x-admin-token." });
    const send = async (): Promise<unknown> => client.sendInvite({ phone_number: "+14155552671", user_id: "john" });
    await Promise.allSettled([send(), send(), send()]);
    const limited = await send().catch((cause: unknown) => cause);
    expect(limited).toMatchObject({ status: 429 });
    expect((limited as Refused).retryAfter).toBeGreaterThan(0);
  });

  it("says when nobody answers, or somebody else", async () => {
    const closed = createClient({ address: "http://127.0.0.1:9" });
    await expect(closed.alive({})).rejects.toThrow(new NoAnswer("Nothing answers at http://127.0.0.1:9."));
    const other = createClient({ address: "http://127.0.0.1:8000", fetch: async () => new Response("<h1>Welcome</h1>") });
    await expect(other.alive({})).rejects.toThrow("What answers at http://127.0.0.1:8000 is no Top Dog of this version (status 200).");
    const left = AbortSignal.abort(new Error("left"));
    await expect(closed.alive({}, { signal: left })).rejects.toThrow("left");
  });
});

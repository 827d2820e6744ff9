import { describe, expect, it } from "vitest";
import { startServer } from "./server.ts";

describe("a server that is asked for too much", () => {
  it("lets 10,000 invites wait and no more, whichever way they are made; those that are over do not count", async () => {
    let now = Date.now();
    const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "100000" }, { clock: { now: () => now } });
    const { pairing } = server;
    const openMany = async (count: number) =>
      Promise.all(Array.from({ length: count }, async () => pairing.openQr({ userId: "ada", userName: "" }, {})));
    const old = await server.invite();
    now += 16 * 60_000;
    await openMany(9999);
    const last = await server.invite();
    for (const [path, body] of [
      ["generate-qr", { user_id: "ada" }],
      ["send-sms", { user_id: "ada", phone_number: "+14155552671" }],
      [`resend-sms/${old}`, undefined],
    ] as const) {
      const { status, headers, body: problem } = await server.local("POST", `/phone/pairing/${path}`, { body });
      expect([path, status, problem.code, Number(headers["retry-after"]) > 0]).toEqual([path, 429, "too_many_invites", true]);
    }
    expect(server.printed.join("\n")).not.toContain("+14155552671");
    // One that waits is sent again without being one more.
    expect((await server.local("POST", `/phone/pairing/resend-sms/${last}`)).status).toBe(200);
    await server.local("DELETE", `/phone/pairing/invite/${last}`);
    expect((await server.local("POST", `/phone/pairing/resend-sms/${old}`)).status).toBe(200);
    now += 6 * 60_000;
    expect((await server.local("POST", "/phone/pairing/generate-qr", { body: { user_id: "ada" } })).status).toBe(200);
  });
});

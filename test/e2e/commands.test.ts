import { afterEach, describe, expect, it } from "vitest";
import { CLI, freshHome, killServers, run, startHeadless } from "./headless.ts";

afterEach(killServers);

/** A command as a person types it beside a running server. */
async function command(args: readonly string[], env: Readonly<Record<string, string>>): Promise<{ code: number | null; printed: string }> {
  return run([CLI, ...args], { HOME: freshHome(), ...env }).ended;
}

describe("topdog-phone", () => {
  it("qr shows a code in the terminal whose link opens the pairing page", async () => {
    const server = await startHeadless(freshHome(), { PAIRING_QR_REQUIRE_OTP: "1" });
    const at = { PAIRING_PORT: new URL(server.localAddress).port };
    const { code, printed } = await command(["qr"], at);
    expect(code).toBe(0);
    expect(printed).toMatch(/[█▀▄]{10,}/);
    expect(printed).toMatch(/^One-time password: \d{3} \d{3}$/m);
    const link = /^http:\/\/\S+\/pair\?token=[\w-]{43}$/m.exec(printed)?.[0];
    expect((await fetch(link ?? "")).status).toBe(200);
    const json = await command(["qr", "--json"], at);
    expect(JSON.parse(json.printed)).toMatchObject({ otp_required: true, pairing_token: expect.stringMatching(/^[\w-]{43}$/) });
    expect(json.printed).not.toContain("qr_code_base64");
  });

  it("rotate-key rotates, with the admin token where the gate asks for it", async () => {
    const gate = { PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: "the right token" };
    const server = await startHeadless(freshHome(), gate);
    const at = { PAIRING_PORT: new URL(server.localAddress).port };
    const denied = await command(["rotate-key"], at);
    expect([denied.code, denied.printed]).toEqual([1, "An admin token is needed: send it as x-admin-token.\n"]);
    const done = await command(["rotate-key"], { ...at, ...gate });
    expect([done.code, done.printed]).toEqual([0, expect.stringMatching(/^Key [\w-]{43} signs from now on\./)]);
    const { keys } = (await (await fetch(`${server.phoneAddress}/.well-known/jwks.json`)).json()) as { keys: unknown[] };
    expect(keys.length).toBeGreaterThanOrEqual(1);
  });

  it("finds a server whose local door listens on every address", async () => {
    const open = { PAIRING_HOST: "0.0.0.0", PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: "the right token" };
    const server = await startHeadless(freshHome(), open);
    const done = await command(["rotate-key"], { ...open, PAIRING_PORT: new URL(server.localAddress).port });
    expect([done.code, done.printed]).toEqual([0, expect.stringContaining("signs from now on.")]);
  });

  it("says where it looked when there is no server", async () => {
    const { code, printed } = await command(["rotate-key"], { PAIRING_PORT: "9" });
    expect([code, printed]).toEqual([
      1,
      "No server answers at http://127.0.0.1:9. Start it (topdog-phone serve), or set PAIRING_HOST and PAIRING_PORT to where it is.\n",
    ]);
  });
});

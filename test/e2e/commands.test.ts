import { spawnSync } from "node:child_process";
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
    expect([denied.code, denied.printed]).toEqual([1, "An admin token is required: send it as x-admin-token.\n"]);
    const done = await command(["rotate-key"], { ...at, ...gate });
    expect([done.code, done.printed]).toEqual([0, expect.stringMatching(/^Key [\w-]{43} is now used to sign\./)]);
    const { keys } = (await (await fetch(`${server.phoneAddress}/.well-known/jwks.json`)).json()) as { keys: unknown[] };
    expect(keys.length).toBeGreaterThanOrEqual(1);
  });

  it("finds a server whose local door listens on every address", async () => {
    const open = { PAIRING_HOST: "0.0.0.0", PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: "the right token" };
    const server = await startHeadless(freshHome(), open);
    const done = await command(["rotate-key"], { ...open, PAIRING_PORT: new URL(server.localAddress).port });
    expect([done.code, done.printed]).toEqual([0, expect.stringContaining("is now used to sign.")]);
  });

  it("says where it looked when there is no server", async () => {
    const { code, printed } = await command(["rotate-key"], { PAIRING_PORT: "9" });
    expect([code, printed]).toEqual([
      1,
      "No server is running at http://127.0.0.1:9. Start it (topdog-phone serve), or set PAIRING_HOST and PAIRING_PORT to its address.\n",
    ]);
  });
});

/** Runs a command in bash, which knows `pipefail`; its output goes where `redirected` says. */
function inShell(
  redirected: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): { code: number | null; complained: string } {
  const { status, stderr } = spawnSync("bash", ["-c", `set -o pipefail; "$@" ${redirected}`, "bash", process.execPath, CLI, ...args], {
    env: { PATH: process.env["PATH"] ?? "", HOME: freshHome(), ...env },
    encoding: "utf8",
  });
  return { code: status, complained: stderr };
}
const STACK_TRACE = /^ {4}at |node:internal|Unhandled|triggerUncaughtException/m;

describe.skipIf(process.platform === "win32")("output that nobody can read", () => {
  const ASKED_OF_A_SERVER = [["devices"], ["notify", "--status", "success", "--project", "p", "m"], ["doctor", "--json"]] as const;

  it("leaves the exit code of a command that succeeds, where the reader has gone", async () => {
    const server = await startHeadless(freshHome());
    const at = { PAIRING_PORT: new URL(server.localAddress).port };
    for (const args of [["--help"], ...ASKED_OF_A_SERVER]) {
      const { code, complained } = inShell("| true", args, at);
      expect([args[0], complained]).toEqual([args[0], expect.not.stringMatching(STACK_TRACE)]);
      // What doctor finds is its own business here.
      if (args[0] !== "doctor") expect([args[0], code]).toEqual([args[0], 0]);
    }
  });

  it.skipIf(process.platform !== "linux")("is a failure in one line where the disk is full", async () => {
    const server = await startHeadless(freshHome());
    const at = { PAIRING_PORT: new URL(server.localAddress).port };
    for (const args of ASKED_OF_A_SERVER) {
      const { code, complained } = inShell("> /dev/full", args, at);
      expect([args[0], code, complained]).toEqual([args[0], 1, "Couldn't write the output (ENOSPC).\n"]);
    }
    expect(inShell("> /dev/full 2> /dev/full", ["devices"], at)).toEqual({ code: 1, complained: "" });
  });

  it("ends no server: mock messages that nobody reads are in the log file", async () => {
    const server = await startHeadless(freshHome());
    server.child.stdout?.destroy();
    const send = async (phone_number: string): Promise<number> =>
      (
        await fetch(`${server.localAddress}/phone/pairing/send-sms`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ phone_number, user_id: "ada" }),
        })
      ).status;
    expect([await send("+14155550123"), await send("+14155550124"), await send("+14155550125")]).toEqual([200, 200, 200]);
    expect((await fetch(`${server.localAddress}/healthz`)).status).toBe(200);
    server.child.kill("SIGTERM");
    const { code, printed } = await server.ended;
    expect(code).toBe(0);
    expect(printed).toContain("Can't write to standard output any more (EPIPE).");
    expect(printed).not.toMatch(STACK_TRACE);
  });
});

describe("a terminal that is closed", () => {
  it("stops a server cleanly", async () => {
    const server = await startHeadless(freshHome());
    server.child.kill("SIGHUP");
    expect((await server.ended).code).toBe(0);
  });
});

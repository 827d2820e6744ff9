import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { sharedBrowser } from "../browser.ts";
import { PHONES } from "../phone/phone-browser.ts";
import { desktopEnvironment } from "./desktop.ts";
import { CLI, freshHome, type Headless, killServers, run, START, startHeadless } from "./headless.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});
afterEach(killServers);

const soon = { timeout: 20_000, interval: 20 };
const storage = (home: string): string => path.join(home, ".topdog", "pairing");

async function send(server: Headless, phoneNumber: string): Promise<{ code: string; status: number }> {
  const response = await fetch(`${server.localAddress}/phone/pairing/send-sms`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ phone_number: phoneNumber, user_id: "user123", user_name: "John Doe" }),
  });
  const { invite_code: code } = (await response.json()) as { invite_code: string };
  return { code, status: response.status };
}

async function accept(server: Headless, code: string, deviceId: string): Promise<{ status: number; token: string }> {
  const response = await fetch(`${server.phoneAddress}/phone/pairing/accept-invite`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ invite_code: code, device_id: deviceId, device_name: deviceId, device_type: "ios" }),
  });
  const { jwt_token: token } = (await response.json()) as { jwt_token: string };
  return { status: response.status, token };
}

describe("a developer at a browser", () => {
  it("types a number, opens the link on a phone, accepts, and sees the phone; kill -9 and a new start forget nothing", async () => {
    const home = freshHome();
    const server = await startHeadless(home);
    await expect.poll(() => server.printed()).toContain("⚠ No SMS provider configured: MOCK mode\n");
    const settingsPage = await browser.newPage({ locale: "en-US" });
    await settingsPage.goto(server.pageAddress);
    await settingsPage.getByRole("heading", { name: "Step 1 of 4: About you" }).waitFor();
    await settingsPage.getByRole("button", { name: "Skip setup" }).click();
    await settingsPage.getByText("Mock mode: no text message is sent").waitFor();
    await settingsPage.getByLabel("Phone number").fill("+1 (415) 555-2671");
    await settingsPage.getByRole("button", { name: "Send Pairing Link" }).click();
    await settingsPage.getByText("Printed, not sent.").waitFor();
    // What a process prints comes by a way of its own, and may come after the page's answer.
    const message =
      /={50}\nMOCK SMS \(Development Mode\)\nTo: \+14155552671\nMessage:\nHi John Doe! Click to pair your phone with Top Dog:\n\n(\S+)\n\nLink expires in 15 minutes\.\n={50}\n/;
    await expect.poll(server.printed, soon).toMatch(message);
    const [block = "", link = ""] = message.exec(server.printed()) ?? [];
    expect(link).toMatch(new RegExp(`^${server.phoneAddress}/pair\\?code=[\\w-]{43}$`));
    const log = path.join(storage(home), "logs", "Top Dog-topdog.log");
    await vi.waitFor(() => expect(readFileSync(log, "utf8")).toContain(block), soon);

    await settingsPage.evaluate(() => Object.assign(window, { notReloaded: true }));
    const context = await browser.newContext(PHONES.iPhone);
    const phone = await context.newPage();
    await phone.goto(link);
    for (const words of ["Top Dog wants to pair with your phone", "Device: iPhone", "User: John Doe"])
      await phone.getByText(words).first().waitFor();
    await phone.getByRole("button", { name: "Accept" }).tap();
    await phone.getByRole("heading", { level: 1, name: "Done! Phone is paired" }).waitFor();
    const listed = settingsPage.getByRole("region", { name: "Paired phones" }).getByRole("heading", { name: "iPhone" });
    await listed.waitFor();
    await expect.poll(() => settingsPage.evaluate(() => "notReloaded" in window)).toBe(true);

    server.child.kill("SIGKILL");
    await server.ended;
    const again = await startHeadless(home);
    await settingsPage.goto(again.pageAddress);
    await listed.waitFor();
    await context.close();
    await settingsPage.close();
  });
});

describe("the process", () => {
  it("keeps what it promised through kill -9, revocation included, and the next start takes over the folder", async () => {
    const home = freshHome();
    const first = await startHeadless(home);
    const { code } = await send(first, "+14155552671");
    const { token } = await accept(first, code, "iphone-1");
    const revoked = await fetch(`${first.localAddress}/phone/devices/iphone-1`, { method: "DELETE" });
    expect(revoked.status).toBe(200);
    first.child.kill("SIGKILL");
    await first.ended;
    const second = await startHeadless(home);
    const me = await fetch(`${second.phoneAddress}/phone/me`, { headers: { Authorization: `Bearer ${token}` } });
    expect([me.status, ((await me.json()) as { code: string }).code]).toEqual([401, "token_revoked"]);
    expect((await accept(second, code, "iphone-2")).status).toBe(409);
  });

  it.each(["SIGTERM", "SIGINT"] as const)("finishes what is in flight on %s and exits 0", async (signal) => {
    const home = freshHome();
    const server = await startHeadless(home);
    await send(server, "+14155552671");
    // An open news stream must not hold the stop up.
    const news = await fetch(`${server.localAddress}/admin/news`);
    expect(news.status).toBe(200);
    server.child.kill(signal);
    expect((await server.ended).code).toBe(0);
    const { sessions } = JSON.parse(readFileSync(path.join(storage(home), "pairing_sessions.json"), "utf8")) as { sessions: unknown[] };
    expect(sessions).toHaveLength(1);
    expect(
      readFileSync(path.join(storage(home), "pairing_journal.jsonl"), "utf8")
        .split("\n")
        .filter(Boolean).length,
    ).toBeLessThanOrEqual(1);
  });

  it("needs no file of its own any more when it has run for a moment: none may be left to open", async () => {
    const place = freshHome();
    cpSync(path.dirname(path.dirname(CLI)), path.join(place, "dist"), { recursive: true });
    symlinkSync(path.resolve("node_modules"), path.join(place, "node_modules"));
    const home = freshHome();
    const server = await startHeadless(home, {}, [path.join(place, "dist/headless/cli.js"), "serve"]);
    const log = path.join(storage(home), "logs", "Top Dog-topdog.log");
    await vi.waitFor(() => expect(readFileSync(log, "utf8")).toContain("everything is loaded"), soon);
    rmSync(path.join(place, "dist/chunks"), { recursive: true });
    const { code } = await send(server, "+14155552671");
    expect((await fetch(`${server.phoneAddress}/pair?code=${code}`)).status).toBe(200);
    const { token } = await accept(server, code, "iphone-1");
    expect((await fetch(`${server.phoneAddress}/phone/me`, { headers: { Authorization: `Bearer ${token}` } })).status).toBe(200);
    const body = JSON.stringify({ user_id: "user123" });
    const headers = { "Content-Type": "application/json" };
    expect((await fetch(`${server.localAddress}/phone/pairing/generate-qr`, { method: "POST", headers, body })).status).toBe(200);
  });

  it("refuses to start twice on one folder, on a port in use and with wrong settings: one clear line, exit code 1", async () => {
    const home = freshHome();
    const server = await startHeadless(home);
    const twice = await run([CLI, "serve"], { HOME: home, PAIRING_PORT: "0", PAIRING_PHONE_PORT: "0" }).ended;
    expect(twice.code).toBe(1);
    expect(twice.printed).toMatch(
      /^.*is held by another running process \(pid \d+\)\. Stop it, or set PAIRING_STORAGE_PATH to another folder\.\n$/,
    );

    const other = freshHome();
    const taken = new URL(server.localAddress).port;
    const busy = await run([CLI, "serve"], { HOME: other, PAIRING_PORT: taken, PAIRING_PHONE_PORT: "0" }).ended;
    expect(busy.code).toBe(1);
    expect(busy.printed).toMatch(/^The local door can't open 127\.0\.0\.1:\d+ because the port is in use\. Set PAIRING_PORT .*\n$/);
    expect(existsSync(path.join(other, ".topdog"))).toBe(false);

    const wrong = await run([CLI, "serve"], {
      HOME: other,
      PAIRING_PORT: "eighty",
      PHONE_DEVICES_REQUIRE_ADMIN: "1",
      SMS_PROVIDER: "pigeon",
    }).ended;
    expect(wrong.code).toBe(1);
    for (const name of ["PAIRING_PORT", "ADMIN_TOKEN", "SMS_PROVIDER"]) expect(wrong.printed).toContain(name);
    expect(existsSync(path.join(other, ".topdog"))).toBe(false);
  });

  it("serves its pages when the folder that it was started in is deleted, and takes no path that begins there", async () => {
    const deleted = fileURLToPath(new URL("deleted-folder.mjs", import.meta.url));
    const home = freshHome();
    const server = await startHeadless(home, {}, [deleted, "serve"]);
    const invite = await send(server, "+14155552671");
    expect(invite.status).toBe(200);
    const pages = [`${server.localAddress}/`, `${server.localAddress}/docs`, `${server.phoneAddress}/pair?code=${invite.code}`];
    expect(await Promise.all(pages.map(async (page) => (await fetch(page)).status))).toEqual([200, 200, 200]);
    const asking = { HOME: home, PAIRING_PORT: new URL(server.localAddress).port };
    expect(await run([deleted, "devices"], asking).ended).toMatchObject({ code: 0 });
    const nowhere = "begins in the folder that Top Dog was started in, which was deleted: write the whole path, or start in another folder";
    expect(await run([deleted, "export", "for auditor"], asking).ended).toEqual({ code: 1, printed: `"for auditor" ${nowhere}.\n` });
    const whole = path.join(home, "for auditor");
    expect(await run([deleted, "export", whole], asking).ended).toMatchObject({ code: 0 });
    for (const [name, printed] of [
      ["PAIRING_STORAGE_PATH", `PAIRING_STORAGE_PATH ${nowhere}\n`],
      ["ADMIN_TOKEN_FILE", `ADMIN_TOKEN_FILE: ${nowhere}\n`],
    ] as const)
      expect(await run([deleted, "serve"], { HOME: home, [name]: "pairing/file" }).ended).toEqual({ code: 1, printed });
    server.child.kill("SIGTERM");
    expect((await server.ended).code).toBe(0);
  });

  it("starts with pipes in the place of its key and its log, says what they keep it from, and stops when it is asked to", async () => {
    const home = freshHome();
    mkdirSync(storage(home), { recursive: true, mode: 0o700 });
    const key = path.join(storage(home), "signing_key.pem");
    const log = path.join(storage(home), "logs", "Top Dog-topdog.log");
    mkdirSync(path.dirname(log));
    for (const pipe of [key, log]) execFileSync("mkfifo", ["-m", "600", pipe]);
    const server = await startHeadless(home);
    const { status, problem } = await fetch(`${server.localAddress}/phone/pairing/send-sms`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ phone_number: "+14155552671", user_id: "user123" }),
    }).then(async (answer) => ({ status: answer.status, problem: (await answer.json()) as { code: string } }));
    expect([status, problem.code]).toEqual([503, "keys_unavailable"]);
    await expect.poll(server.printed, soon).toContain(`${key} is not a plain file. Move it away and start again.`);
    await expect.poll(server.printed, soon).toContain(`The log cannot be written: ${log} is not a plain file`);
    server.child.kill("SIGTERM");
    // 1: it had to be ended by force.
    expect((await server.ended).code).toBe(0);
    for (const pipe of [key, log]) rmSync(pipe);
  });

  it("names a damaged file and leaves it as it is", async () => {
    const home = freshHome();
    mkdirSync(storage(home), { recursive: true, mode: 0o700 });
    const file = path.join(storage(home), "paired_devices.json");
    writeFileSync(file, '{"devices":[', { mode: 0o600 });
    const { code, printed } = await run([CLI, "serve"], { HOME: home, PAIRING_PORT: "0", PAIRING_PHONE_PORT: "0" }).ended;
    expect(code).toBe(1);
    expect(printed).toContain(`${file} is damaged`);
    expect(readFileSync(file, "utf8")).toBe('{"devices":[');
    expect(readdirSync(storage(home)).filter((name) => name !== "logs")).toEqual(["paired_devices.json"]);
  });
});

describe("saved settings", () => {
  it("that cannot be used are one line and the end, and are left as they are", async () => {
    const home = freshHome();
    mkdirSync(storage(home), { recursive: true, mode: 0o700 });
    const file = path.join(storage(home), "settings.json");
    writeFileSync(file, '{"PAIRING_SMS_PER_DAY": "many"}', { mode: 0o600 });
    const { code, printed } = await run([CLI, "serve"], { HOME: home, PAIRING_PORT: "0", PAIRING_PHONE_PORT: "0" }).ended;
    expect(code).toBe(1);
    expect(printed).toBe(
      `${file} cannot be used: PAIRING_SMS_PER_DAY: must be a whole number from 1 to 1000000000 (it is "many"). Correct that in the file, or move the file away, and start again.\n`,
    );
    expect(readFileSync(file, "utf8")).toBe('{"PAIRING_SMS_PER_DAY": "many"}');
    expect(readdirSync(storage(home))).toEqual(["settings.json"]);
  });
});

describe("the log", () => {
  /** The lines that are JSON. */
  const jsonLines = (text: string): { msg: string }[] =>
    text
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as { msg: string });

  it.each([
    ["both", true, true],
    ["stdout", true, false],
    ["file", false, true],
  ])("with PAIRING_LOG=%s is JSON on standard output: %s, in the file: %s", async (target, isPrinted, isFile) => {
    const home = freshHome();
    const server = await startHeadless(home, { PAIRING_LOG: target, SMS_PROVIDER: "mock" });
    await send(server, "+14155552671");
    await expect.poll(server.printed, soon).toContain("\nMOCK SMS (Development Mode)\n");
    server.child.kill("SIGTERM");
    const { code, printed } = await server.ended;
    expect(code).toBe(0);
    expect(jsonLines(printed).map(({ msg }) => msg)).toEqual(isPrinted ? expect.arrayContaining(["started", "stopped"]) : []);
    const file = path.join(storage(home), "logs", "Top Dog-topdog.log");
    expect(existsSync(file)).toBe(isFile);
    if (isFile) expect(jsonLines(readFileSync(file, "utf8")).map(({ msg }) => msg)).toEqual(expect.arrayContaining(["started", "stopped"]));
  });
});

describe("npm start", () => {
  /** It builds first where something is newer than the build. */
  const firstLine = (printed: string): string | undefined => printed.split("\n").find((line) => line !== "Building …");
  const UNREACHABLE = { ELECTRON_MIRROR: "http://127.0.0.1:9/", ELECTRON_OVERRIDE_DIST_PATH: "/nonexistent" };

  it("says in one line why there is no window, and serves the settings page", async () => {
    const server = await startHeadless(freshHome(), {}, [START]);
    expect(firstLine(server.printed())).toBe("No display found, so there is no desktop window: starting the headless server instead.");
    expect((await fetch(`${server.localAddress}/`)).status).toBe(200);
    server.child.kill("SIGTERM");
    expect((await server.ended).code).toBe(0);
  });

  it("does so where Electron's runtime cannot be fetched, too", async () => {
    const server = await startHeadless(freshHome(), { DISPLAY: ":99", ...UNREACHABLE }, [START]);
    expect(firstLine(server.printed())).toBe(
      "Electron's runtime is not installed and cannot be fetched: starting the headless server instead.",
    );
  });

  it("is headless when asked to be, without a word about it", async () => {
    const server = await startHeadless(freshHome(), { DISPLAY: ":99", ...UNREACHABLE }, [START, "--headless"]);
    expect(firstLine(server.printed())).toBe("⚠ No SMS provider configured: MOCK mode");
  });

  it.runIf(process.platform === "linux")("opens the desktop app where there is a runtime, and ends with it", async () => {
    const home = freshHome();
    const { child, ended, printed } = run([START], {
      ...desktopEnvironment(),
      HOME: home,
      DISPLAY: ":99",
      PAIRING_PORT: "0",
      PAIRING_PHONE_PORT: "0",
    });
    await vi.waitFor(() => expect(printed()).toContain("Phone door"), soon);
    expect(printed()).not.toContain("starting the headless server");
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0 });
  });
});

describe("a port in use by somebody else", () => {
  it("is named for the phone door too", async () => {
    const squatter = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => squatter.once("listening", resolve));
    const { port } = squatter.address() as { port: number };
    const { code, printed } = await run([CLI, "serve"], { HOME: freshHome(), PAIRING_PORT: "0", PAIRING_PHONE_PORT: String(port) }).ended;
    squatter.close();
    expect(code).toBe(1);
    expect(printed).toMatch(/^The phone door can't open .*PAIRING_PHONE_PORT.*\n$/);
  });
});

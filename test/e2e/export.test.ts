import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { phoneBody } from "../http/server.ts";
import { CLI, freshHome, type Headless, killServers, run, startHeadless } from "./headless.ts";

afterEach(killServers);

const FILES = ["paired_devices.json", "pairing_audit.jsonl", "pairing_sessions.json", "revoked_jti.json"];
const NUMBER = "+14155550123";
const PUSH_TOKEN = "push-token-that-nobody-needs";

interface Route {
  readonly home: string;
  readonly storage: string;
  readonly server: Headless;
}

async function serve(): Promise<Route> {
  const home = freshHome();
  const storage = path.join(home, ".topdog", "pairing");
  return { home, storage, server: await startHeadless(home) };
}

async function stop({ server }: Route, signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
  server.child.kill(signal);
  await server.ended;
}

const exporting = async (home: string, ...words: readonly string[]) => run([CLI, "export", ...words], { HOME: home }).ended;

async function post(address: string, body: unknown): Promise<any> {
  const answer = await fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  return answer.json();
}

/** Answers the codes and tokens that passed by: none may be exported. */
async function pair({ server }: Route, deviceId: string): Promise<readonly string[]> {
  const { invite_code: code } = await post(`${server.localAddress}/phone/pairing/send-sms`, { phone_number: NUMBER, user_id: "ada" });
  const body = { ...phoneBody(code, deviceId), push_token: PUSH_TOKEN };
  const { jwt_token: token } = await post(`${server.phoneAddress}/phone/pairing/accept-invite`, body);
  return [code, token, createHash("sha256").update(code).digest("hex"), createHash("sha256").update(code).digest("base64url")];
}

/** Two phones, one of them revoked, and a QR code with a password that waits. */
async function live(place: Route): Promise<readonly string[]> {
  const secrets = [...(await pair(place, "phone-1")), ...(await pair(place, "phone-2"))];
  await fetch(`${place.server.localAddress}/phone/devices/phone-2`, { method: "DELETE" });
  const qr = await post(`${place.server.localAddress}/phone/pairing/generate-qr`, { user_id: "ada" });
  return [...secrets, qr.pairing_token];
}

function json(folder: string, name: string): any {
  return JSON.parse(readFileSync(path.join(folder, name), "utf8"));
}

function trail(folder: string): any[] {
  const text = readFileSync(path.join(folder, "pairing_audit.jsonl"), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function expectWhole(folder: string, secrets: readonly string[]): void {
  expect(readdirSync(folder).sort()).toEqual(FILES);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const name of FILES) expect(statSync(path.join(folder, name)).mode & 0o777).toBe(0o600);

  const { sessions, ...head } = json(folder, "pairing_sessions.json");
  const { devices, seq: ofDevices } = json(folder, "paired_devices.json");
  const { revoked, seq: ofRevoked } = json(folder, "revoked_jti.json");
  expect([ofDevices, ofRevoked]).toEqual([head.seq, head.seq]);
  expect(devices.map((one: any) => [one.device_id, one.status])).toEqual([
    ["phone-1", "active"],
    ["phone-2", "revoked"],
  ]);
  // From session to phone to token, and to the trail.
  const [, second] = devices;
  expect(revoked).toEqual([{ jti: second.jti, exp: expect.any(Number) }]);
  const session = sessions.find((one: any) => one.session_id === second.session_id);
  expect(session).toMatchObject({ method: "sms", status: "accepted", phone_number: NUMBER, device_id: "phone-2", jti: second.jti });
  const lines = trail(folder);
  expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1));
  expect(lines.at(-1)).toMatchObject({ seq: head.audit_seq, event: "generate_qr" });
  expect(lines.filter((line) => line.session_id === session.session_id).map(({ event }) => event)).toContain("accept_invite");

  const all = FILES.map((name) => readFileSync(path.join(folder, name), "utf8")).join("\n");
  for (const secret of [...secrets, PUSH_TOKEN, "code_hash", "otp", "receipt", "push_token"]) expect(all).not.toContain(secret);
}

/** Every file with what it holds, its mode and its time. */
function stateOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map(({ name, parentPath }) => {
      const file = path.join(parentPath, name);
      const { mode, mtimeMs } = statSync(file);
      const held = statSync(file).isFile() ? createHash("sha256").update(readFileSync(file)).digest("hex") : "";
      return [file, mode, mtimeMs, held].join(" ");
    })
    .sort();
}

describe("topdog-phone export", () => {
  it("writes what an auditor needs beside a running server, which goes on", async () => {
    const place = await serve();
    const secrets = await live(place);
    const to = path.join(place.home, "for the auditor", "2026");
    const { code, printed } = await exporting(place.home, to);
    expect(code).toBe(0);
    expect(printed).toMatch(/^ {2}pairing_sessions\.json {2}3 sessions$/m);
    expect(printed).toMatch(/^ {2}paired_devices\.json {4}2 phones$/m);
    expect(printed).toMatch(/^ {2}revoked_jti\.json {7}1 revoked token$/m);
    expectWhole(to, secrets);
    await pair(place, "phone-3");
    const again = path.join(place.home, "again");
    const exported = await exporting(place.home, again, "--json");
    const { files, folder } = JSON.parse(exported.printed);
    expect([exported.code, folder]).toEqual([0, again]);
    for (const { name, sha256 } of files)
      expect(
        createHash("sha256")
          .update(readFileSync(path.join(again, name)))
          .digest("hex"),
      ).toBe(sha256);
    expect(json(again, "paired_devices.json").devices).toHaveLength(3);
  });

  it.each(["SIGTERM", "SIGKILL"] as const)(
    "writes the same of a server that was ended by %s, and leaves its folder as it is",
    async (signal) => {
      const place = await serve();
      const secrets = await live(place);
      await stop(place, signal);
      const before = stateOf(place.storage);
      const to = path.join(place.home, "out");
      mkdirSync(to, { mode: 0o755 });
      expect(await exporting(place.home, to)).toMatchObject({ code: 0 });
      expectWhole(to, secrets);
      expect(stateOf(place.storage)).toEqual(before);
    },
  );

  it("refuses a folder that is not empty, a file, and a folder that cannot be made", async () => {
    const place = await serve();
    await stop(place);
    const full = path.join(place.home, "full");
    mkdirSync(full);
    writeFileSync(path.join(full, "mine.txt"), "mine");
    const refused = await exporting(place.home, full);
    expect(refused).toEqual({ code: 1, printed: `${full} is not empty. Name a new or empty folder: nothing is written over.\n` });
    expect(readdirSync(full)).toEqual(["mine.txt"]);
    const file = await exporting(place.home, path.join(full, "mine.txt"));
    expect(file).toEqual({ code: 1, printed: expect.stringContaining("mine.txt is not a folder. Name a new or empty one.") });
    const below = await exporting(place.home, path.join(full, "mine.txt", "below"));
    expect([below.code, below.printed.split("\n").length]).toEqual([1, 2]);
    expect(readFileSync(path.join(full, "mine.txt"), "utf8")).toBe("mine");
  });

  it.each([...FILES, "pairing_journal.jsonl"])("names %s when it is damaged, and leaves nothing half written", async (name) => {
    const place = await serve();
    await live(place);
    // So that there is a change in the journal to be damaged.
    await stop(place, name === "pairing_journal.jsonl" ? "SIGKILL" : "SIGTERM");
    const file = path.join(place.storage, name);
    const text = readFileSync(file, "utf8");
    if (name === "pairing_journal.jsonl" && text === "") writeFileSync(file, `{"no":"line"}\n`, { mode: 0o600 });
    else writeFileSync(file, text.replace(/[a-z]{5}/, "\u0000oops"));
    const made = path.join(place.home, "new");
    const found = path.join(place.home, "found");
    mkdirSync(found);
    chmodSync(found, 0o750);
    for (const to of [made, found]) {
      const { code, printed } = await exporting(place.home, to);
      expect([code, printed]).toEqual([1, expect.stringContaining(`${file} is damaged`)]);
    }
    expect(existsSync(made)).toBe(false);
    expect([readdirSync(found), statSync(found).mode & 0o777]).toEqual([[], 0o750]);
  });

  it("names missing lines of the trail, and exports what there is", async () => {
    const place = await serve();
    await live(place);
    await stop(place);
    const file = path.join(place.storage, "pairing_audit.jsonl");
    const lines = readFileSync(file, "utf8").split("\n");
    writeFileSync(file, [lines[0], ...lines.slice(3)].join("\n"));
    const to = path.join(place.home, "out");
    const { code, printed } = await exporting(place.home, to);
    expect([code, printed]).toEqual([0, expect.stringContaining("⚠ The audit log has no lines for numbers 2 to 3.")]);
    expect(trail(to).map(({ seq }) => seq)).toEqual([1, 4, 5, 6]);
  });

  it("exports no registers without one of their files, and says so where there is nothing at all", async () => {
    const place = await serve();
    await stop(place);
    rmSync(path.join(place.storage, "revoked_jti.json"));
    const to = path.join(place.home, "out");
    expect(await exporting(place.home, to)).toEqual({ code: 1, printed: expect.stringContaining("revoked_jti.json is missing") });
    const home = freshHome();
    expect(await exporting(home, path.join(home, "out"))).toEqual({
      code: 1,
      printed: `There is nothing to export in ${home}/.topdog/pairing. Set PAIRING_STORAGE_PATH to the folder of the server that is meant.\n`,
    });
    expect(readdirSync(home)).toEqual([]);
  });
});

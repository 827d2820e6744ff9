import { expect, inject } from "vitest";
import { ask, dropDatabases, emptyDatabase } from "./databases.ts";
import { CLI, freshHome, type Headless, killServers, run, startHeadless } from "./headless.ts";

/** For `afterEach`: ends the servers and drops their databases. */
export async function endServers(): Promise<void> {
  killServers();
  await dropDatabases();
}

export async function migrate(env: Readonly<Record<string, string>>): Promise<{ readonly code: number | null; readonly printed: string }> {
  return run([CLI, "migrate"], { HOME: freshHome(), ...env }).ended;
}

/** Servers on one database, whose local doors ask nobody who they are. */
export async function startServers(count: number, env: Readonly<Record<string, string>> = {}): Promise<readonly Headless[]> {
  const all = { ...(await newDatabase()), ...env };
  return Promise.all(Array.from({ length: count }, async () => startHeadless(freshHome(), all)));
}

/** The environment of such servers, with tables in a database of its own. */
export async function newDatabase(): Promise<Readonly<Record<string, string>> & { readonly PAIRING_DATABASE_URL: string }> {
  const url = await emptyDatabase();
  expect(await migrate({ PAIRING_DATABASE_URL: url })).toMatchObject({ code: 0 });
  return {
    PAIRING_DATABASE_URL: url,
    PAIRING_LOCAL_AUTH: "off",
    PAIRING_RATE_LIMIT_SCALE: "1000",
    PAIRING_JWT_PRIVATE_KEY: inject("signingKeys")[0] ?? "",
  };
}

let serial = 0;

/** Invites and pairs a phone at one server. Resolves with its token. */
export async function pairPhone({ localAddress, phoneAddress }: Headless, deviceId: string): Promise<string> {
  serial += 1;
  const number = `+1415555${String(2000 + serial)}`;
  const invited = await ask(localAddress, "POST", "/phone/pairing/send-sms", { phone_number: number, user_id: "ada" });
  const phone = { invite_code: invited.body["invite_code"], device_id: deviceId, device_name: "Phone", device_type: "ios" };
  const { status, body } = await ask(phoneAddress, "POST", "/phone/pairing/accept-invite", phone);
  expect(status).toBe(200);
  return String(body["jwt_token"]);
}

/** Sends a notification to the user's phones, or to one of them. */
export async function notify({ localAddress }: Headless, message: string): Promise<void> {
  const build = { build_id: "b", project_name: "p", status: "success", message, priority: "normal", action_required: false };
  expect((await ask(localAddress, "POST", "/phone/notifications/send", { ...build, user_id: "ada" })).status).toBe(200);
}

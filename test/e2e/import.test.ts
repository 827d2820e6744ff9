import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { phoneBody } from "../http/server.ts";
import { needlesOf } from "../leaks.ts";
import { hasPostgres } from "../postgres.ts";
import { ask, dropDatabases, emptyDatabase, sqlAt } from "./databases.ts";
import { CLI, freshHome, killServers, run, startHeadless } from "./headless.ts";

afterEach(async () => {
  killServers();
  await dropDatabases();
});

async function post(address: string, body: unknown): Promise<any> {
  const answer = await fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  return answer.json();
}

describe.skipIf(!hasPostgres)("topdog-phone import (Debian: apt-get install postgresql)", () => {
  it("moves a server into a database, where its phones go on; export of both is the same", async () => {
    const url = await emptyDatabase();
    const home = freshHome();
    const storage = path.join(home, ".topdog", "pairing");
    const cli = async (words: readonly string[], env: Record<string, string> = {}) => run([CLI, ...words], { HOME: home, ...env }).ended;
    const server = await startHeadless(home);
    const { invite_code: code } = await post(`${server.localAddress}/phone/pairing/send-sms`, {
      phone_number: "+14155550123",
      user_id: "ada",
    });
    const { jwt_token: token } = await post(`${server.phoneAddress}/phone/pairing/accept-invite`, phoneBody(code, "phone-1"));

    const env = { PAIRING_DATABASE_URL: url };
    expect(await cli(["import", storage], env)).toMatchObject({ code: 1, printed: expect.stringContaining("A server is at work in") });
    server.child.kill("SIGTERM");
    await server.ended;
    expect(await cli(["import", storage], env)).toMatchObject({ code: 1, printed: expect.stringContaining("Run topdog-phone migrate") });
    await cli(["migrate"], env);
    const { code: ended, printed } = await cli(["import", storage], env);
    expect([ended, printed]).toEqual([0, expect.stringMatching(/^ {2}sessions +1 row$/m)]);
    expect(await cli(["import", storage], env)).toMatchObject({ code: 1, printed: expect.stringContaining("has records already") });

    const [files, database] = [path.join(home, "files"), path.join(home, "database")];
    expect(await cli(["export", files])).toMatchObject({ code: 0 });
    expect(await cli(["export", database], env)).toMatchObject({
      code: 0,
      printed: expect.stringMatching(/^Exported from the database to/),
    });
    for (const file of ["pairing_sessions.json", "paired_devices.json", "revoked_jti.json", "pairing_audit.jsonl"]) {
      const [one, other] = [files, database].map((folder) =>
        readFileSync(path.join(folder, file), "utf8").replace(/"exported_at":"[^"]*","sha256":"[^"]*"/, ""),
      );
      expect(other).toBe(one);
    }
    const moved = await startHeadless(home, env);
    const me = await fetch(`${moved.phoneAddress}/phone/me`, { headers: { authorization: `Bearer ${token}` } });
    expect(me.status).toBe(200);
  });

  it("brings the server's id, its saved settings and, with a key, its secrets; it says what stays, and an export has none of them", async () => {
    const key = randomBytes(32).toString("base64");
    const keyless = { PAIRING_DATABASE_URL: await emptyDatabase() };
    const env = { ...keyless, PAIRING_SECRETS_KEY: key };
    const home = freshHome();
    const storage = path.join(home, ".topdog", "pairing");
    const open = { PAIRING_LOCAL_AUTH: "off", ADMIN_TOKEN: "", PHONE_DEVICES_REQUIRE_ADMIN: "" };
    const server = await startHeadless(home, open);
    const invite = { phone_number: "+14155550123", user_id: "ada" };
    const { body: invited } = await ask(server.localAddress, "POST", "/phone/pairing/send-sms", invite);
    const accept = phoneBody(String(invited["invite_code"]), "phone-1");
    const { body: accepted } = await ask(server.phoneAddress, "POST", "/phone/pairing/accept-invite", accept);
    const token = String(accepted["jwt_token"]);
    const adminToken = `imported-x-admin-${randomBytes(16).toString("hex")}`;
    const admin = { "x-admin-token": adminToken };
    expect((await ask(server.localAddress, "POST", "/admin/admin-token", { admin_token: adminToken })).status).toBe(200);
    const values = { PAIRING_INVITE_EXPIRY_MINUTES: "60", PAIRING_PHONE_HOST: "localhost" };
    expect((await ask(server.localAddress, "PATCH", "/admin/settings", { values }, admin)).status).toBe(200);
    server.child.kill("SIGTERM");
    await server.ended;

    const cli = async (words: readonly string[], given: Record<string, string>) => run([CLI, ...words], { HOME: home, ...given }).ended;
    await cli(["migrate"], keyless);
    const imported = await cli(["import", storage], env);
    expect(imported).toMatchObject({ code: 0, printed: expect.stringMatching(/^ {2}secrets +2 rows$/m) });
    expect(imported.printed).toMatch(/^⚠ Not imported, because it belongs to one server: PAIRING_PHONE_HOST\./m);

    // With nothing of the folder: the phone, the admin token, the settings and the server's id go on.
    const moved = await startHeadless(freshHome(), { ...env, ...open });
    expect(moved.printed()).not.toContain("The database has these");
    expect((await ask(moved.phoneAddress, "GET", "/phone/me", undefined, token)).status).toBe(200);
    const { body } = await ask(moved.localAddress, "GET", "/admin/settings", undefined, admin);
    expect(body["settings"]).toContainEqual(expect.objectContaining({ name: "PAIRING_INVITE_EXPIRY_MINUTES", value: "60" }));
    const { id } = JSON.parse(readFileSync(path.join(storage, "server.json"), "utf8")) as { id: string };
    expect(await sqlAt(keyless.PAIRING_DATABASE_URL, "select server_id as id from topdog_phone.state")).toEqual([{ id }]);

    const folder = path.join(home, "exported");
    expect(await cli(["export", folder], env)).toMatchObject({ code: 0 });
    const exported = readdirSync(folder).map((file) => readFileSync(path.join(folder, file), "utf8"));
    const sealed = await sqlAt(keyless.PAIRING_DATABASE_URL, "select sealed from topdog_phone.secrets");
    expect(sealed).toHaveLength(2);
    const pem = readFileSync(path.join(storage, "signing_key.pem"), "utf8");
    for (const secret of [adminToken, token, key, ...needlesOf(pem), ...sealed.map((row) => String(row["sealed"]))])
      expect(exported.join("\n")).not.toContain(secret);
  });

  it("says without a key which secrets it leaves", async () => {
    const home = freshHome();
    const server = await startHeadless(home);
    await ask(server.localAddress, "POST", "/phone/pairing/send-sms", { phone_number: "+14155550123", user_id: "ada" });
    await ask(server.phoneAddress, "GET", "/.well-known/jwks.json");
    server.child.kill("SIGTERM");
    await server.ended;
    const env = { HOME: home, PAIRING_DATABASE_URL: await emptyDatabase() };
    await run([CLI, "migrate"], env).ended;
    expect(await run([CLI, "import", path.join(home, ".topdog", "pairing")], env).ended).toEqual({
      code: 0,
      printed: expect.stringMatching(
        /^⚠ Not imported: the secrets signing-key, .* Without the signing key, every phone has to pair again\./m,
      ),
    });
  });
});

import { readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { phoneBody } from "../http/server.ts";
import { hasPostgres } from "../postgres.ts";
import { dropDatabases, emptyDatabase } from "./databases.ts";
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
});

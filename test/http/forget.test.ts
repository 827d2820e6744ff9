import { expect, it } from "vitest";
import { startServer } from "./server.ts";

const ADMIN = { PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: "the right token for this test" };

it("an admin takes a user's revoked phones and finished QR codes off the lists; what is in use stays, and is good", async () => {
  let now = Date.now();
  const server = await startServer(ADMIN, { clock: { now: () => now, steady: () => now } });
  const headers = { "x-admin-token": ADMIN.ADMIN_TOKEN };
  const forget = async (user_id: string, asked = headers) => server.local("POST", "/admin/forget", { headers: asked, body: { user_id } });
  const changeEvents: string[] = [];
  server.pairing.listen((item) => void changeEvents.push(item));

  const gone = await server.pair("gone", "ada");
  const here = await server.pair("here", "ada");
  const other = await server.pair("other", "bob");
  for (const id of ["gone", "other"]) await server.local("DELETE", `/phone/devices/${id}`, { headers });
  expect((await forget("ada", {} as typeof headers)).body.code).toBe("admin_token_required");
  changeEvents.length = 0;
  // Its link was texted a moment ago, which counts against the number's budget.
  expect((await forget("ada")).body).toEqual({ devices: 1, sessions: 0 });
  expect([...new Set(changeEvents)].sort()).toEqual(["audit", "devices", "invites", "messages"]);
  now += 2 * 24 * 60 * 60_000;
  changeEvents.length = 0;
  expect((await forget("ada")).body).toEqual({ devices: 0, sessions: 1 });
  expect([...new Set(changeEvents)].sort()).toEqual(["audit", "invites"]);

  const listed = (await server.local("GET", "/phone/devices", { headers })).body;
  expect(listed.map(({ device_id, status }: Record<string, string>) => [device_id, status])).toEqual([
    ["other", "revoked"],
    ["here", "active"],
  ]);
  const me = async (token: string) => {
    const { status, body } = await server.phone("GET", "/phone/me", { headers: { authorization: `Bearer ${token}` } });
    return [status, body.code];
  };
  expect([await me(gone), await me(here), await me(other)]).toEqual([
    [401, "token_revoked"],
    [200, undefined],
    [401, "token_revoked"],
  ]);
});

import { appendFileSync, rmSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { startServer } from "./server.ts";

describe("the audit trail over HTTP", () => {
  it("is answered in pages, newest first, filtered by event and by word", async () => {
    const server = await startServer();
    await server.pair("phone-1");
    await server.local("DELETE", "/phone/devices/phone-1");
    await server.local("POST", "/phone/pairing/generate-qr", { body: { user_id: "ada" } });
    const ask = async (query: string) => (await server.local("GET", `/admin/audit${query}`)).body;
    const whole = await ask("");
    expect(whole.lines.map((line: { event: string }) => line.event)).toEqual([
      "generate_qr",
      "revoke_device",
      "accept_invite",
      "send_sms_invite",
    ]);
    expect(whole).toMatchObject({ unreadable: 0, missing: 0 });
    expect([...whole.lines].reverse()).toEqual(server.audit());
    const first = await ask("?limit=3");
    expect(first.lines).toEqual(whole.lines.slice(0, 3));
    expect(await ask(`?limit=3&before=${first.next}`)).toEqual({ lines: whole.lines.slice(3), unreadable: 0, missing: 0, phones: [] });
    expect((await ask("?events=revoke_device,accept_invite")).lines).toEqual(whole.lines.slice(1, 3));
    expect((await ask("?text=ADA")).lines).toEqual(whole.lines.slice(0, 1));
  });

  it.each(["limit=0", "limit=1001", "limit=ten", "before=0", "before=1.5", `text=${"x".repeat(201)}`])("refuses ?%s", async (query) => {
    const server = await startServer();
    const { status, body } = await server.local("GET", `/admin/audit?${query}`);
    expect([status, body.code, body.errors[0].field]).toEqual([400, "invalid_request", query.split("=")[0]]);
  });

  it("asks for the admin token when the gate is on, and is not on the phone door", async () => {
    const server = await startServer({ PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: "an-admin-token-that-is-long-enough" });
    expect((await server.local("GET", "/admin/audit")).status).toBe(401);
    expect((await server.local("GET", "/admin/audit", { headers: { "x-admin-token": "wrong" } })).status).toBe(403);
    const { body } = await server.local("GET", "/admin/audit", { headers: { "x-admin-token": "an-admin-token-that-is-long-enough" } });
    expect(body.lines.map((line: { event: string }) => line.event)).toEqual(["admin_denied", "admin_denied"]);
    expect((await server.phone("GET", "/admin/audit")).status).toBe(404);
  });

  it("counts what somebody added by hand", async () => {
    const server = await startServer();
    await server.invite();
    appendFileSync(path.join(server.folder, "pairing_audit.jsonl"), "not ours\n");
    expect((await server.local("GET", "/admin/audit")).body).toMatchObject({ lines: [{ seq: 1 }], unreadable: 1 });
    rmSync(path.join(server.folder, "pairing_audit.jsonl"));
    expect((await server.local("GET", "/admin/audit")).body).toMatchObject({ lines: [], missing: 1 });
  });
});

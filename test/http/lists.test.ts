import net from "node:net";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { sessionRecord } from "../../src/adapters/stores/file/records.ts";
import { writeRecords } from "../../src/adapters/stores/file/write-records.ts";
import { createClient } from "../../src/client/index.ts";
import { sessionOf } from "../contracts/pairing-store.ts";
import { startServer, type TestServer } from "./server.ts";

async function withPhones(count: number, env: Record<string, string> = {}): Promise<TestServer> {
  const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "1000", PAIRING_SMS_PER_DAY: "1000", ...env });
  for (let index = 0; index < count; index += 1) await server.pair(`phone-${index}`);
  return server;
}

/** Many, whose list is longer than what leaves at once. */
async function withInvites(count: number): Promise<TestServer> {
  const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "100000" });
  const { pairing } = server;
  const name = "x".repeat(250);
  await Promise.all(Array.from({ length: count }, async () => pairing.openQr({ userId: name, userName: "" }, {})));
  return server;
}

/** The names of all pages' items, page by page, as a script follows them. */
async function follow(server: TestServer, first: string): Promise<string[][]> {
  const pages: string[][] = [];
  for (let target: string | undefined = first; target !== undefined; ) {
    const { status, body, headers } = await server.local("GET", target);
    expect(status).toBe(200);
    pages.push(body.map((device: { device_id: string }) => device.device_id));
    target = /^<([^>]+)>; rel="next"$/.exec(String(headers["link"] ?? ""))?.[1];
  }
  return pages;
}

describe("lists over HTTP", () => {
  it("are whole without a limit, and the same in pages, by Link for arrays and by next for objects", async () => {
    const server = await withPhones(5);
    const { body: whole, headers } = await server.local("GET", "/phone/devices");
    expect(whole.map((device: { device_id: string }) => device.device_id)).toEqual(["phone-4", "phone-3", "phone-2", "phone-1", "phone-0"]);
    expect([headers["link"], headers["content-length"]]).toEqual([undefined, String(Buffer.byteLength(JSON.stringify(whole)))]);
    expect(await follow(server, "/phone/devices?limit=2")).toEqual([["phone-4", "phone-3"], ["phone-2", "phone-1"], ["phone-0"]]);
    expect(await follow(server, "/phone/devices?limit=5")).toHaveLength(1);
    await server.local("DELETE", "/phone/devices/phone-3");
    expect(await follow(server, "/phone/devices?limit=2&status=active,suspended&q=PHONE")).toEqual([
      ["phone-4", "phone-2"],
      ["phone-1", "phone-0"],
    ]);
    const { sessions } = (await server.local("GET", "/phone/pairing/sessions")).body;
    const first = (await server.local("GET", "/phone/pairing/sessions?limit=3")).body;
    const second = (await server.local("GET", `/phone/pairing/sessions?limit=200&after=${first.next}`)).body;
    expect([...first.sessions, ...second.sessions]).toEqual(sessions);
    expect(second).not.toHaveProperty("next");
    const { body } = await server.local("GET", "/admin/devices?limit=1");
    expect(body).toEqual({
      devices: [expect.objectContaining({ device_id: "phone-4" })],
      next: expect.any(String),
      counts: { active: 4, suspended: 0, revoked: 1 },
    });
  });

  it("go on where the page ended while phones are paired and revoked", async () => {
    const server = await withPhones(4);
    const first = (await server.local("GET", "/admin/devices?limit=2")).body;
    await server.pair("phone-new");
    // Paired again, it is the newest: the page that ended with it is not read again.
    await server.pair("phone-2");
    const second = (await server.local("GET", `/admin/devices?limit=2&after=${first.next}`)).body;
    expect([...first.devices, ...second.devices].map(({ device_id }) => device_id)).toEqual(["phone-3", "phone-2", "phone-1", "phone-0"]);
  });

  it("are found by the settings page: approvals and notifications too, over HTTP and IPC alike", async () => {
    const server = await withPhones(1);
    for (const project of ["Café", "Tea room", "Tea house"]) {
      await server.local("POST", "/phone/notifications/send", {
        body: { build_id: "b1", project_name: project, status: project === "Café" ? "failure" : "success", message: "Done" },
      });
      await server.local("POST", "/phone/approvals/request", {
        body: {
          build_id: "b1",
          project_name: project,
          plan: "Deploy it",
          affected_files: [],
          estimated_duration: 1,
          requires_approval_by: new Date(Date.now() + 600_000).toISOString(),
        },
      });
    }
    for (const [list, operation] of [
      ["notifications", "listNotifications"],
      ["approvals", "listApprovals"],
    ] as const) {
      const projects = (body: any): string[] => body[list].map((item: any) => (item.payload ?? item).project_name);
      const asked = async (query: Record<string, string | number>) => {
        const overHttp = (await server.local("GET", `/admin/${list}?${new URLSearchParams(query as Record<string, string>)}`)).body;
        expect(await server.ask(operation, query)).toEqual({ ok: true, value: overHttp });
        return overHttp;
      };
      expect(projects(await asked({}))).toEqual(["Tea house", "Tea room", "Café"]);
      expect(projects(await asked({ q: "TEA" }))).toEqual(["Tea house", "Tea room"]);
      expect(projects(await asked({ q: "cafe" }))).toEqual(["Café"]);
      const first = await asked({ limit: 2 });
      expect(projects(await asked({ limit: 2, after: first.next }))).toEqual(["Café"]);
    }
    expect((await server.ask("listNotifications", { status: "failure" })) as any).toMatchObject({
      value: { notifications: [{ payload: { project_name: "Café" } }] },
    });
    expect((await server.ask("listDevices", {})) as any).toMatchObject({ ok: true, value: [{ device_id: "phone-0" }] });
    expect((await server.ask("listSessions", {})) as any).toMatchObject({ ok: true, value: { sessions: [{ device_id: "phone-0" }] } });
  });

  it("name the phones of messages, of invites and of audit lines, whatever page of phones they are on", async () => {
    const server = await withPhones(3);
    const named = (await server.local("GET", "/admin/devices?device_id=phone-1&limit=1")).body.devices;
    expect(named).toEqual([expect.objectContaining({ device_id: "phone-1" })]);
    const { user_id, device_name } = named[0];
    await server.local("PATCH", "/phone/devices/phone-1", { body: { device_name: "Kitchen" } });
    await server.local("POST", "/phone/notifications/send", {
      body: { device_id: "phone-1", build_id: "b1", project_name: "p", status: "success", message: "Done" },
    });
    const phone = { user_id, device_id: "phone-1", device_name: "Kitchen" };
    expect(device_name).not.toBe("Kitchen");
    const { notifications } = (await server.local("GET", "/admin/notifications?limit=1")).body;
    expect(notifications[0].deliveries).toEqual([expect.objectContaining(phone)]);
    const { invites } = (await server.local("GET", "/admin/overview")).body;
    expect(invites.find((invite: any) => invite.device_id === "phone-1")).toMatchObject({ device_name: "Kitchen" });
    const { lines, phones } = (await server.local("GET", "/admin/audit?events=accept_invite,pair_device")).body;
    expect(lines.length).toBeGreaterThanOrEqual(3);
    expect(phones).toHaveLength(3);
    expect(phones).toContainEqual(phone);
    // Nobody else gets the names.
    const { notification_id } = notifications[0];
    expect((await server.local("GET", `/phone/notifications/${notification_id}`)).text).not.toContain("Kitchen");
  });

  it("of invites reach beyond the overview, with their links and masked numbers, and without test messages", async () => {
    const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "1000", PAIRING_SMS_PER_DAY: "1000" });
    const codes = await Promise.all(Array.from({ length: 60 }, async () => server.invite()));
    await server.local("POST", "/admin/sms/test-message", { body: { phone_number: "+14155550199" } });
    expect((await server.local("GET", "/admin/overview")).body.invites).toHaveLength(50);
    const first = (await server.local("GET", "/admin/invites?limit=40&status=pending&method=sms")).body;
    const second = (await server.local("GET", `/admin/invites?limit=40&status=pending&method=sms&after=${first.next}`)).body;
    const invites = [...first.invites, ...second.invites];
    expect(invites.map(({ invite_code }) => invite_code).sort()).toEqual(codes.toSorted());
    expect(invites[0]).toMatchObject({ link: expect.stringContaining(invites[0].invite_code), stale: false });
    expect(invites.every(({ phone_number }) => /^\+1\*{6}\d{4}$/.test(phone_number))).toBe(true);
    expect((await server.local("GET", "/admin/invites?limit=200")).body.invites).toHaveLength(60);
  });

  it("take a limit of 1 to 200, a place of their own, and words that they know", async () => {
    const server = await withPhones(2);
    const { next } = (await server.local("GET", "/admin/devices?limit=1")).body;
    const cursor = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const wrong = [
      ...["limit=0", "limit=201", "limit=-1", "limit=1.5", "limit=ten", "limit="],
      ...[
        "after=",
        "after=x",
        `after=${next}=`,
        `after=${cursor(["devices", 1, 1, 1])}`,
        `after=${cursor(["devices", "1", 1, 1, "a"])}`,
        `after=${cursor(["devices", 2 ** 70, 1, 1, "a"])}`,
      ],
      ...[`after=${cursor(["devices", 1, 1, 1, "a", "b"])}`, `after=${cursor({ 0: "devices" })}`, `after=${"a".repeat(2001)}`],
      ...["status=", "status=nobody", "status=active,", `q=${"x".repeat(201)}`, "user_id="],
    ];
    for (const query of wrong) {
      for (const path of ["/phone/devices", "/admin/devices"]) {
        const { status, body } = await server.local("GET", `${path}?${query}`);
        expect([query, status, body.code, body.errors[0].field]).toEqual([query, 400, "invalid_request", query.split("=")[0]]);
      }
    }
    for (const path of ["/phone/pairing/sessions", "/admin/approvals", "/admin/notifications"])
      expect([path, (await server.local("GET", `${path}?after=${next}`)).status]).toEqual([path, 400]);
    // A place that nothing is at, any more or yet, is one all the same.
    const early = (await server.local("GET", `/admin/devices?after=${cursor(["devices", 0, 0, 0, "gone"])}`)).body;
    const late = (await server.local("GET", `/admin/devices?after=${cursor(["devices", 9e15, 1, 0, "gone"])}`)).body;
    expect([early.devices.length, late.devices.length]).toEqual([0, 2]);
  });

  it("are read page by page by the client", async () => {
    const server = await withPhones(3);
    const client = createClient({ address: server.localAddress });
    const devices: string[][] = [];
    for await (const page of client.pages("listDevices", { limit: 2 })) devices.push(page.map(({ device_id }) => device_id));
    expect(devices).toEqual([["phone-2", "phone-1"], ["phone-0"]]);
    const sessions: number[] = [];
    for await (const page of client.pages("listSessions", { limit: 2, status: "accepted" })) sessions.push(page.sessions.length);
    expect(sessions).toEqual([2, 1]);
  });

  it("leave in slices where they are long, as one answer; a HEAD has its headers alone", async () => {
    const server = await withInvites(300);
    const { headers, body } = await server.local("GET", "/phone/pairing/sessions");
    expect([headers["transfer-encoding"], headers["content-length"]]).toEqual(["chunked", undefined]);
    expect(new Set(body.sessions.map((session: { session_id: string }) => session.session_id)).size).toBe(300);
    const head = await server.local("HEAD", "/phone/pairing/sessions");
    expect([head.status, head.text]).toEqual([200, ""]);
    expect((await server.local("HEAD", "/phone/devices")).headers["content-length"]).toBe("2");
  });

  it("are read in slices without a limit, others have their turn after each, however long the list is", async () => {
    const MANY = 20_000;
    const { folder, close } = await startServer();
    await close();
    const sessions = Array.from({ length: MANY }, (_, index) =>
      sessionOf(String(index), { status: "expired", createdAt: Date.now() - MANY + index }),
    );
    await writeRecords(
      path.join(folder, "pairing_sessions.json"),
      '"seq":0,"audit_seq":0',
      "sessions",
      sessions,
      sessionRecord,
      () => false,
    );
    const server = await startServer({ PAIRING_STORAGE_PATH: folder });
    const { pageOfSessions } = server.pairing;
    let rows = 0;
    let sinceTurn = 0;
    let most = 0;
    Object.assign(server.pairing, {
      async pageOfSessions(...asked: Parameters<typeof pageOfSessions>) {
        const page = await pageOfSessions(...asked);
        rows += page.items.length;
        sinceTurn += page.items.length;
        most = Math.max(most, sinceTurn);
        setImmediate(() => (sinceTurn = 0));
        return page;
      },
    });
    const { status, body } = await server.local("GET", "/phone/pairing/sessions");
    Object.assign(server.pairing, { pageOfSessions });
    expect([status, body.sessions.length, body.sessions[0].session_id]).toEqual([200, MANY, `session-${MANY - 1}`]);
    expect(rows).toBe(MANY);
    expect(most).toBeLessThanOrEqual(400);
  });

  it("are not read any further for a client that has left", async () => {
    const server = await withInvites(300);
    const { pageOfSessions } = server.pairing;
    const { hostname, port } = new URL(server.localAddress);
    const socket = net.connect(Number(port), hostname);
    socket.write(`GET /phone/pairing/sessions HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
    await new Promise((resolve) => socket.once("data", resolve));
    socket.destroy();
    await new Promise((resolve) => socket.once("close", resolve));
    // The connected client is answered, and a stop does not wait for the one that left.
    expect((await server.local("GET", "/phone/pairing/sessions?limit=1")).body.sessions).toHaveLength(1);
    expect((await pageOfSessions({ most: 1 })).items).toHaveLength(1);
  });
});

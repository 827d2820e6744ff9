import { createHash } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { systemDigest } from "../../src/adapters/system/digest.ts";
import { contentSha256 } from "../../src/contract/content-sha256.ts";
import { HOSTILE_STRINGS } from "../hostile-strings.ts";
import { type Answer, startServer, type TestServer } from "./server.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const GENEROUS = { PAIRING_RATE_LIMIT_SCALE: "100000" };
const MINUTE = 60_000;
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * MINUTE).toISOString();

const question = (over: object = {}): object => ({
  build_id: "build-7",
  project_name: "Top Dog",
  plan: "1. stop the server\n2. deploy",
  affected_files: ["src/a.ts", "src/b.ts"],
  estimated_duration: "5 minutes",
  requires_approval_by: inMinutes(10),
  ...over,
});

const request = async (server: TestServer, over: object = {}): Promise<Answer> =>
  server.local("POST", "/phone/approvals/request", { body: question(over) });
const asked = async (server: TestServer, over: object = {}): Promise<string> => (await request(server, over)).body.approval_id;
const decide = async (server: TestServer, token: string, id: string, decision: string, comment?: string): Promise<Answer> =>
  server.phone("POST", `/phone/approvals/${id}/decision`, { ...bearer(token), body: { decision, comment } });
const atComputer = async (server: TestServer, id: string, decision: string): Promise<Answer> =>
  server.local("POST", `/admin/approvals/${id}/decision`, { body: { decision } });
const status = async (server: TestServer, id: string, query = ""): Promise<Answer> => server.local("GET", `/phone/approvals/${id}${query}`);
const inbox = async (server: TestServer, token: string, query = ""): Promise<any[]> =>
  (await server.phone("GET", `/phone/inbox${query}`, bearer(token))).body.messages;
const outcome = ({ status: code, body }: Answer): unknown[] => [code, body.code ?? body.status];

/** As RFC 8785 writes it: names in order, no blanks, and texts as JSON writes them. */
const digestOf = (over: object): string => {
  const { project_name, plan, affected_files } = over as Record<string, unknown>;
  return createHash("sha256").update(JSON.stringify({ affected_files, plan, project_name })).digest("hex");
};

describe("what is approved", () => {
  it("has one digest on every way: in answers, on phones, at the computer and in the audit log", async () => {
    const server = await startServer(GENEROUS);
    const token = await server.pair("one", "ada");
    const over = { plan: '1. größer\n2. "quoted"\t\u2028 line', affected_files: ["b", "a", ""], project_name: "Ж" };
    const cleaned = { ...over, plan: over.plan.replace("\u2028", "\uFFFD") };
    const { body } = await request(server, over);
    const expected = digestOf(cleaned);
    const decided = await server.phone("POST", `/phone/approvals/${body.approval_id}/decision`, {
      ...bearer(token),
      body: { decision: "approve", content_sha256: expected },
    });
    expect(outcome(decided)).toEqual([200, "approved"]);
    const [ask, settled] = await inbox(server, token);
    const [card] = (await server.local("GET", "/admin/approvals")).body.approvals;
    const reported = [body, (await status(server, body.approval_id)).body, decided.body, ask.payload, settled.payload, card];
    expect(reported.map(({ content_sha256 }) => content_sha256)).toEqual(reported.map(() => expected));
    expect(server.audit().filter(({ event }) => String(event).startsWith("approval_"))).toMatchObject([
      { event: "approval_requested", content_sha256: expected },
      { event: "approval_decided", content_sha256: expected },
    ]);
    await server.close();
    const again = await startServer({ ...GENEROUS, PAIRING_STORAGE_PATH: server.folder });
    expect((await status(again, body.approval_id)).body.content_sha256).toBe(expected);
  });

  it("is the same for a page that shows it as for the server, whatever the texts hold", () => {
    for (const text of [...HOSTILE_STRINGS, "\u{1F600}", '\u0000\b\f\n\r\t"\\/<>&\u2028\u2029'].filter((one) => one.isWellFormed())) {
      const content = { project_name: text, plan: `${text}\n${text}`, affected_files: [text, ""] };
      expect(contentSha256(content)).toBe(digestOf(content));
      expect(systemDigest.contentSha256(content)).toBe(digestOf(content));
    }
  });

  it("is decided only by who was shown just that; what is refused stays open", async () => {
    const server = await startServer(GENEROUS);
    const token = await server.pair("one", "ada");
    const right = digestOf(question());
    for (const wrong of [digestOf({ ...question(), plan: "1. stop the server" }), right.toUpperCase(), "", "x"]) {
      const id = await asked(server);
      const body = { decision: "approve", content_sha256: wrong };
      expect(outcome(await server.phone("POST", `/phone/approvals/${id}/decision`, { ...bearer(token), body }))).toEqual([
        409,
        "approval_changed",
      ]);
      expect(outcome(await server.local("POST", `/admin/approvals/${id}/decision`, { body }))).toEqual([409, "approval_changed"]);
      expect(outcome(await status(server, id))).toEqual([200, "pending"]);
      expect(outcome(await server.local("POST", `/admin/approvals/${id}/decision`, { body: { ...body, content_sha256: right } }))).toEqual([
        200,
        "approved",
      ]);
      // The same answer again is as good as the first, but not about something else.
      expect(outcome(await server.local("POST", `/admin/approvals/${id}/decision`, { body }))).toEqual([409, "approval_changed"]);
    }
    expect(server.audit().filter(({ event }) => event === "approval_decided")).toHaveLength(4);
  });

  it("shows another user's phone nothing, whatever it guesses", async () => {
    const server = await startServer(GENEROUS);
    await server.pair("one", "ada");
    const eve = await server.pair("two", "eve");
    const id = await asked(server, { user_id: "ada" });
    for (const content_sha256 of [digestOf(question()), "0".repeat(64)]) {
      const body = { decision: "approve", content_sha256 };
      expect(outcome(await server.phone("POST", `/phone/approvals/${id}/decision`, { ...bearer(eve), body }))).toEqual([
        404,
        "approval_not_found",
      ]);
    }
  });
});

describe("an approval", () => {
  it("reaches the user's phones with everything that is asked", async () => {
    const server = await startServer(GENEROUS);
    const [one, two, other] = [await server.pair("one", "ada"), await server.pair("two", "ada"), await server.pair("other", "bob")];
    const answer = await request(server, { user_id: "ada" });
    expect(answer).toMatchObject({ status: 200, body: { message: "Approval request sent successfully", status: "pending" } });
    for (const token of [one, two]) {
      expect(await inbox(server, token)).toMatchObject([
        {
          type: "approval_request",
          payload: { ...question(), approval_id: answer.body.approval_id, status: "pending", requires_approval_by: expect.any(String) },
        },
      ]);
    }
    expect(await inbox(server, other)).toEqual([]);
    expect(await status(server, answer.body.approval_id)).toMatchObject({
      status: 200,
      body: { approval_id: answer.body.approval_id, status: "pending" },
    });
  });

  it("is answered on a phone, and everybody who waits gets the answer", async () => {
    const server = await startServer(GENEROUS);
    const [one, two] = [await server.pair("one", "ada"), await server.pair("two", "ada")];
    const id = await asked(server);
    const listen = vi.spyOn(server.pairing, "listen");
    const waiting = status(server, id, "?wait=60");
    await vi.waitFor(() => expect(listen).toHaveBeenCalled(), { timeout: 20_000, interval: 2 });
    const decided = await decide(server, one, id, "approve", "go");
    expect(decided).toMatchObject({
      status: 200,
      body: { approval_id: id, status: "approved", decided_by: "one", decided_by_name: "John's iPhone", comment: "go" },
    });
    expect((await waiting).body).toEqual(decided.body);
    const [ask, settled] = await inbox(server, two);
    expect(ask.payload).toMatchObject({ approval_id: id, status: "approved", decided_by: "one" });
    expect(settled).toMatchObject({ type: "approval_settled", payload: decided.body });
    expect(server.audit().filter(({ event }) => String(event).startsWith("approval"))).toMatchObject([
      { event: "approval_requested", approval_id: id },
      { event: "approval_decided", approval_id: id, reason: "approved", via: "phone", user_id: "ada", device_id: "one" },
    ]);
  });

  it("takes the same answer again, from whichever phone, and refuses another", async () => {
    const server = await startServer(GENEROUS);
    const [one, two] = [await server.pair("one", "ada"), await server.pair("two", "ada")];
    const id = await asked(server);
    expect(outcome(await decide(server, one, id, "reject"))).toEqual([200, "rejected"]);
    expect(outcome(await decide(server, one, id, "reject"))).toEqual([200, "rejected"]);
    expect((await decide(server, two, id, "reject")).body).toMatchObject({ status: "rejected", decided_by: "one" });
    expect(outcome(await decide(server, two, id, "approve"))).toEqual([409, "already_decided"]);
    expect(outcome(await atComputer(server, id, "approve"))).toEqual([409, "already_decided"]);
    expect(outcome(await server.local("DELETE", `/phone/approvals/${id}`))).toEqual([409, "already_decided"]);
  });

  it("says who was first and when, in a time that is right everywhere", async () => {
    const server = await startServer({ ...GENEROUS });
    const token = await server.pair("one", "ada");
    for (const [by, decided] of [
      ["on John's iPhone", async (id: string) => decide(server, token, id, "reject")],
      ["on the computer", async (id: string) => atComputer(server, id, "reject")],
    ] as const) {
      const id = await asked(server, { plan: by });
      const at = (await decided(id)).body.decided_at.replace("T", " ").replace("Z", " UTC");
      const sentence = `This was already rejected ${by}, ${at}.`;
      const late = [
        await decide(server, token, id, "approve"),
        await atComputer(server, id, "approve"),
        await server.local("DELETE", `/phone/approvals/${id}`),
      ];
      expect(late.map(({ body }) => body.detail)).toEqual([sentence, sentence, sentence]);
    }
  });

  it("shows the requester, where one was given, by a clean name, and after a restart", async () => {
    const server = await startServer(GENEROUS);
    const token = await server.pair("one", "ada");
    for (const requested_by of [" Grace\u202e  Hopper\n", "https://evil.test/login", "\u200b", "", undefined])
      await asked(server, { requested_by });
    const names = ["Grace Hopper", undefined, undefined, undefined, undefined];
    const onPhone = async (one: TestServer) => (await inbox(one, token)).map(({ payload }) => payload.requested_by);
    const atTheComputer = async (one: TestServer) =>
      (await one.local("GET", "/admin/approvals")).body.approvals.map((card: any) => card.requested_by).reverse();
    expect([await onPhone(server), await atTheComputer(server)]).toEqual([names, names]);
    await server.close();
    const again = await startServer({ ...GENEROUS, PAIRING_STORAGE_PATH: server.folder });
    expect([await onPhone(again), await atTheComputer(again)]).toEqual([names, names]);
    const tooLong = await request(again, { requested_by: "x".repeat(81) });
    expect([tooLong.status, tooLong.body.errors[0].field]).toEqual([400, "requested_by"]);
  });

  it("is decided once when two phones and the computer decide at the same instant", async () => {
    const server = await startServer(GENEROUS);
    const [one, two] = [await server.pair("one", "ada"), await server.pair("two", "ada")];
    for (let round = 0; round < 200; round += 1) {
      const id = await asked(server, { project_name: `Top Dog ${round}` });
      const answers = await Promise.all([
        decide(server, one, id, round % 2 === 0 ? "approve" : "reject"),
        decide(server, two, id, round % 2 === 0 ? "reject" : "approve"),
        atComputer(server, id, "approve"),
      ]);
      const { body } = await status(server, id);
      for (const answer of answers) {
        if (answer.status === 200) expect(answer.body).toEqual(body);
        else expect(outcome(answer)).toEqual([409, "already_decided"]);
      }
      for (const token of [one, two]) {
        const reported = (await inbox(server, token, `?since=${round * 2}`)).map(({ type, payload }) => [
          type,
          payload.status,
          payload.decided_by,
        ]);
        expect(reported).toEqual([
          ["approval_request", body.status, body.decided_by],
          ["approval_settled", body.status, body.decided_by],
        ]);
      }
      const card = (await server.local("GET", "/admin/approvals")).body.approvals[0];
      expect(card).toMatchObject(body);
    }
    expect(server.audit().filter(({ event }) => event === "approval_decided")).toHaveLength(200);
  });

  it("is over when nobody answers in time: who waits is notified, and a late answer is refused", async () => {
    const server = await startServer(GENEROUS);
    const token = await server.pair("one", "ada");
    const id = await asked(server, { requires_approval_by: new Date(Date.now() + 1500).toISOString() });
    expect((await status(server, id, "?wait=60")).body).toEqual({
      approval_id: id,
      status: "expired",
      content_sha256: digestOf(question()),
    });
    expect(outcome(await decide(server, token, id, "approve"))).toEqual([410, "approval_expired"]);
    expect((await server.local("DELETE", `/phone/approvals/${id}`)).body).toEqual({
      approval_id: id,
      status: "expired",
      content_sha256: digestOf(question()),
    });
    await server.pairing.expireApprovals();
    expect((await inbox(server, token)).map(({ type, payload }) => [type, payload.status])).toEqual([
      ["approval_request", "expired"],
      ["approval_settled", "expired"],
    ]);
  });

  it("can be taken back, once or twice; a decision afterwards is refused", async () => {
    const server = await startServer(GENEROUS);
    const token = await server.pair("one", "ada");
    const id = await asked(server);
    for (const _ of [1, 2]) {
      const answer = await server.local("DELETE", `/phone/approvals/${id}`);
      expect([answer.status, answer.body]).toEqual([200, { approval_id: id, status: "cancelled", content_sha256: digestOf(question()) }]);
    }
    expect(outcome(await decide(server, token, id, "approve"))).toEqual([410, "approval_cancelled"]);
    expect((await inbox(server, token)).map(({ type }) => type)).toEqual(["approval_request", "approval_settled"]);
  });

  it("is nobody else's: not another user's, not a revoked or suspended phone's", async () => {
    const server = await startServer(GENEROUS);
    const [one, two, eve] = [await server.pair("one", "ada"), await server.pair("two", "ada"), await server.pair("one", "eve")];
    const id = await asked(server, { user_id: "ada" });
    expect(outcome(await decide(server, eve, id, "approve"))).toEqual([404, "approval_not_found"]);
    await server.local("DELETE", "/phone/devices/one?user_id=ada");
    await server.local("POST", "/phone/devices/two/suspend");
    expect(outcome(await decide(server, one, id, "approve"))).toEqual([401, "token_revoked"]);
    expect(outcome(await decide(server, two, id, "approve"))).toEqual([403, "device_suspended"]);
    expect(outcome(await status(server, id))).toEqual([200, "pending"]);
    await server.local("POST", "/phone/devices/two/reactivate");
    expect(outcome(await decide(server, two, id, "approve"))).toEqual([200, "approved"]);
  });

  it("is as it was after a restart, decided or not", async () => {
    const server = await startServer(GENEROUS);
    const token = await server.pair("one", "ada");
    const [first, second] = [await asked(server), await asked(server)];
    const decided = await decide(server, token, first, "approve", "fine");
    await server.close();
    const again = await startServer({ ...GENEROUS, PAIRING_STORAGE_PATH: server.folder });
    expect((await status(again, first)).body).toEqual(decided.body);
    expect(outcome(await decide(again, token, second, "reject"))).toEqual([200, "rejected"]);
  });

  it("answers who waits when the server stops", async () => {
    const server = await startServer();
    await server.pair();
    const id = await asked(server);
    const listen = vi.spyOn(server.pairing, "listen");
    const waiting = status(server, id, "?wait=60");
    await vi.waitFor(() => expect(listen).toHaveBeenCalled(), { timeout: 20_000, interval: 2 });
    await server.close();
    expect(outcome(await waiting)).toEqual([200, "pending"]);
  });

  it("is shown at the computer, with its delivery", async () => {
    const server = await startServer(GENEROUS);
    await server.pair("one", "ada");
    const first = await asked(server);
    const second = await asked(server, { plan: "show \u202ereversed" });
    const { approvals } = (await server.local("GET", "/admin/approvals")).body;
    expect(approvals.map(({ approval_id }: any) => approval_id)).toEqual([second, first]);
    expect(approvals[0]).toMatchObject({
      plan: "show \uFFFDreversed",
      user_ids: ["ada"],
      deliveries: [{ device_id: "one", state: "waiting" }],
    });
    expect(outcome(await atComputer(server, first, "approve"))).toEqual([200, "approved"]);
    expect((await status(server, first)).body).toMatchObject({ decided_by: "desk", decided_at: expect.any(String) });
  });

  it("says where it was answered: on a phone, in a window or with the admin token; also after a restart", async () => {
    const ADMIN_TOKEN = "a token that only the owner of this computer has";
    const server = await startServer({ ...GENEROUS, ADMIN_TOKEN });
    const token = await server.pair("one", "ada");
    const [byPhone, inWindow, byAdmin, expired] = [await asked(server), await asked(server), await asked(server), await asked(server)];
    await server.local("DELETE", `/phone/approvals/${expired}`);
    const answers = [
      await decide(server, token, byPhone, "approve"),
      await atComputer(server, inWindow, "approve"),
      await server.local("POST", `/admin/approvals/${byAdmin}/decision`, {
        headers: { "x-admin-token": ADMIN_TOKEN },
        body: { decision: "reject" },
      }),
    ];
    const decided = [
      ["one", "phone"],
      ["desk", "computer"],
      ["desk", "admin"],
      [undefined, undefined],
    ];
    const via = ({ decided_by, decided_via }: any) => [decided_by, decided_via];
    expect(answers.map(({ body }) => via(body))).toEqual(decided.slice(0, 3));
    const settled = (await inbox(server, token)).filter(({ type }) => type === "approval_settled");
    expect(settled.map(({ payload }) => payload.decided_via)).toEqual([undefined, "phone", "computer", "admin"]);
    const log = server.audit().filter(({ event }) => event === "approval_decided");
    expect(log.map((line) => line["via"])).toEqual([undefined, "phone", "computer", "admin"]);
    await server.close();
    const again = await startServer({ ...GENEROUS, ADMIN_TOKEN, PAIRING_STORAGE_PATH: server.folder });
    const ids = [byPhone, inWindow, byAdmin, expired];
    expect(await Promise.all(ids.map(async (id) => via((await status(again, id)).body)))).toEqual(decided);
    const cards: any[] = (await again.local("GET", "/admin/approvals")).body.approvals;
    expect(cards.map(via).reverse()).toEqual(decided);
  });

  it("is refused when there is nobody to ask", async () => {
    const server = await startServer(GENEROUS);
    expect(outcome(await request(server))).toEqual([404, "device_not_found"]);
    await server.pair("one", "ada");
    expect(outcome(await request(server, { user_id: "bob" }))).toEqual([404, "device_not_found"]);
    expect(outcome(await request(server, { device_id: "two" }))).toEqual([404, "device_not_found"]);
  });

  it.each<[string, () => object]>([
    ["a time in the past", () => ({ requires_approval_by: inMinutes(-1) })],
    ["a time too far away", () => ({ requires_approval_by: inMinutes(8 * 24 * 60) })],
    ["no time", () => ({ requires_approval_by: "soon" })],
    ["no plan", () => ({ plan: "" })],
    ["a long plan", () => ({ plan: "p".repeat(10_001) })],
    ["files that are no list", () => ({ affected_files: "a.ts" })],
    ["no build", () => ({ build_id: undefined })],
    ["no project", () => ({ project_name: "" })],
  ])("is refused with %s", async (_, over) => {
    const server = await startServer();
    await server.pair();
    expect(outcome(await request(server, over()))).toEqual([400, "invalid_request"]);
  });

  it.each<[string, object]>([
    ["no decision", {}],
    ["an unknown decision", { decision: "maybe" }],
    ["a long comment", { decision: "approve", comment: "c".repeat(1001) }],
  ])("refuses a decision with %s", async (_, body) => {
    const server = await startServer();
    const token = await server.pair();
    const id = await asked(server);
    const answer = await server.phone("POST", `/phone/approvals/${id}/decision`, { ...bearer(token), body });
    expect(outcome(answer)).toEqual([400, "invalid_request"]);
  });
});

it("PAIRING_ANSWERS_AT_COMPUTER=never leaves the answer to phones, also against the admin token, and at once", async () => {
  const token = "b7d1e2f3a4958677b7d1e2f3a4958677";
  const server = await startServer({ ADMIN_TOKEN: token });
  const phone = await server.pair("phone-1");
  const choose = async (value: string | null) =>
    server.local("PATCH", "/admin/settings", { body: { values: { PAIRING_ANSWERS_AT_COMPUTER: value } } });
  const { approval_id } = (await request(server)).body;
  const decide = async (headers?: Record<string, string>) => {
    const { status, body } = await server.local("POST", `/admin/approvals/${approval_id}/decision`, {
      body: { decision: "approve" },
      ...(headers ? { headers } : {}),
    });
    return [status, body.code];
  };
  expect((await choose("never")).status).toBe(200);
  expect((await server.local("GET", "/admin/overview")).body.answers_at_computer).toBe("never");
  expect([await decide(), await decide({ "x-admin-token": token })]).toEqual(Array(2).fill([403, "answers_on_phones_only"]));
  expect((await server.local("GET", `/phone/approvals/${approval_id}`)).body.status).toBe("pending");
  await choose(null);
  expect(await decide()).toEqual([200, undefined]);
  await choose("never");
  const second = (await request(server)).body.approval_id;
  const answered = await server.phone("POST", `/phone/approvals/${second}/decision`, {
    headers: { authorization: `Bearer ${phone}` },
    body: { decision: "reject" },
  });
  expect([answered.status, answered.body.status]).toEqual([200, "rejected"]);
});

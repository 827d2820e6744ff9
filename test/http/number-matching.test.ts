import { expect, it } from "vitest";
import { type Answer, startServer, type TestServer } from "./server.ts";

const WIDE = { PAIRING_RATE_LIMIT_SCALE: "1000", PAIRING_USER_ID: "ada" };
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
let serial = 0;

const request = (server: TestServer, over: object = {}): Promise<Answer> =>
  server.local("POST", "/phone/approvals/request", {
    body: {
      build_id: "b-1",
      project_name: "shop",
      plan: `drop the database ${++serial}`,
      affected_files: [],
      estimated_duration: 1,
      requires_approval_by: new Date(Date.now() + 600_000).toISOString(),
      risk: "high",
      ...over,
    },
  });
const decide = (server: TestServer, token: string, id: string, body: object): Promise<Answer> =>
  server.phone("POST", `/phone/approvals/${id}/decision`, { headers: bearer(token), body: { decision: "approve", ...body } });
const inbox = async (server: TestServer, token: string): Promise<any[]> =>
  (await server.phone("GET", "/phone/inbox", { headers: bearer(token) })).body.messages;
const outcome = ({ status, body }: Answer): unknown[] => [status, body.code ?? body.status];
const statusOf = async (server: TestServer, id: string): Promise<unknown> =>
  (await server.local("GET", `/phone/approvals/${id}`)).body.status;
/** Two that are not the number. */
const wrongOf = ({ numbers }: { numbers: string[] }, right: string): string[] => numbers.filter((number) => number !== right);

it("a request of high risk gets a number, which no phone and no other program gets", async () => {
  const server = await startServer(WIDE);
  const token = await server.pair("one", "ada");
  const places = new Set<number>();
  for (let round = 0; round < 19 && (round < 5 || places.size < 3); round += 1) {
    const { body } = await request(server);
    expect(body.match_number).toMatch(/^[0-9]{2}$/);
    const { payload } = (await inbox(server, token)).at(-1);
    expect([payload.approval_id, payload.risk, payload.match_number]).toEqual([body.approval_id, "high", undefined]);
    expect([payload.numbers.length, new Set(payload.numbers).size]).toEqual([3, 3]);
    // Where it stands says nothing, and it stands there each time.
    places.add(payload.numbers.indexOf(body.match_number));
    expect((await inbox(server, token)).at(-1).payload.numbers).toEqual(payload.numbers);
  }
  expect([...places].sort()).toEqual([0, 1, 2]);

  const { approval_id, match_number } = (await request(server)).body;
  const texts = [
    await server.phone("GET", "/phone/inbox", { headers: bearer(token) }),
    await server.local("GET", `/phone/approvals/${approval_id}`),
    await server.local("GET", "/admin/approvals", { headers: { "x-window-key": "" } }),
  ].map(({ text }) => text);
  expect(texts.filter((text) => text.includes("match_number") || !text.includes(approval_id))).toEqual([]);
  // A window shows it to the person at the computer.
  expect((await server.local("GET", "/admin/approvals")).body.approvals[0]).toMatchObject({ approval_id, match_number });
});

it("others have no number and need none", async () => {
  const server = await startServer(WIDE);
  const token = await server.pair("one", "ada");
  for (const risk of ["low", "normal", undefined]) {
    const { body } = await request(server, { risk });
    const { payload } = (await inbox(server, token)).findLast(({ type }) => type === "approval_request");
    expect([body.match_number, payload.risk, payload.numbers]).toEqual([undefined, risk ?? "normal", undefined]);
    expect(outcome(await decide(server, token, body.approval_id, { number: "12" }))).toEqual([200, "approved"]);
  }
  expect((await request(server, { risk: "huge" })).body).toMatchObject({ code: "invalid_request", errors: [{ field: "risk" }] });
});

it("a phone approves with the number alone; the second wrong one rejects, and the requester learns that", async () => {
  const server = await startServer(WIDE);
  const token = await server.pair("one", "ada");
  const { body } = await request(server);
  const { approval_id: id, match_number: right } = body;
  const [{ payload }] = await inbox(server, token);
  const [wrong = "", another = ""] = wrongOf(payload, right);

  for (let time = 0; time < 3; time += 1) {
    const missing = await decide(server, token, id, {});
    expect([...outcome(missing), missing.body.detail]).toEqual([
      400,
      "number_mismatch",
      "This request has a high risk. To approve it, choose the number that the computer shows.",
    ]);
  }
  const first = await decide(server, token, id, { number: wrong });
  expect([...outcome(first), first.body.detail]).toEqual([
    400,
    "number_mismatch",
    "That isn't the number that the computer shows. One more wrong number rejects this request.",
  ]);
  expect(await statusOf(server, id)).toBe("pending");
  const second = await decide(server, token, id, { number: another });
  expect([...outcome(second), second.body.detail]).toEqual([
    400,
    "number_mismatch",
    "That was the second wrong number, so this request was rejected.",
  ]);
  expect((await server.local("GET", `/phone/approvals/${id}?wait=60`)).body).toMatchObject({
    status: "rejected",
    decided_by: "one",
    decided_via: "phone",
  });
  expect((await inbox(server, token)).at(-1)).toMatchObject({ type: "approval_settled", payload: { approval_id: id, status: "rejected" } });
  expect(outcome(await decide(server, token, id, { number: right }))).toEqual([409, "already_decided"]);
  expect(server.audit().filter(({ approval_id }) => approval_id === id)).toMatchObject([
    { event: "approval_requested" },
    { event: "number_failed", device_id: "one", user_id: "ada" },
    { event: "number_failed", device_id: "one", user_id: "ada" },
    { event: "approval_decided", reason: "rejected", via: "phone", device_id: "one" },
  ]);

  const again = (await request(server)).body;
  expect(outcome(await decide(server, token, again.approval_id, { number: again.match_number }))).toEqual([200, "approved"]);
  // The answer was lost, and is asked for again.
  expect(outcome(await decide(server, token, again.approval_id, { number: again.match_number }))).toEqual([200, "approved"]);
});

it("wrong numbers of several phones, at once and over a restart, count together", async () => {
  const server = await startServer(WIDE);
  const tokens = [await server.pair("one", "ada"), await server.pair("two", "ada")];
  const { approval_id: id, match_number: right } = (await request(server)).body;
  const [{ payload }] = await inbox(server, tokens[0]!);
  const [wrong = ""] = wrongOf(payload, right);
  expect(outcome(await decide(server, tokens[0]!, id, { number: wrong }))).toEqual([400, "number_mismatch"]);
  await server.close();
  const again = await startServer({ ...WIDE, PAIRING_STORAGE_PATH: server.folder });
  expect((await inbox(again, tokens[1]!))[0].payload.numbers).toEqual(payload.numbers);
  const answers = await Promise.all([0, 1, 0, 1, 0].map(async (phone) => decide(again, tokens[phone]!, id, { number: wrong })));
  expect(answers.map(outcome).sort()).toEqual([[400, "number_mismatch"], ...Array(4).fill([409, "already_decided"])]);
  expect(await statusOf(again, id)).toBe("rejected");
});

it("a rejection needs no number, nor does a person at the computer", async () => {
  const server = await startServer(WIDE);
  const token = await server.pair("one", "ada");
  const [first, second] = [(await request(server)).body.approval_id, (await request(server)).body.approval_id];
  expect(outcome(await decide(server, token, first, { decision: "reject" }))).toEqual([200, "rejected"]);
  const atComputer = await server.local("POST", `/admin/approvals/${second}/decision`, { body: { decision: "approve" } });
  expect([...outcome(atComputer), atComputer.body.decided_via]).toEqual([200, "approved", "computer"]);
});

it("no spoken command approves it: there is nothing to confirm but on its own page", async () => {
  const server = await startServer(WIDE);
  const token = await server.pair("one", "ada");
  const { approval_id: id } = (await request(server)).body;
  const say = async (over: object) =>
    (await server.phone("POST", "/phone/voice-command", { headers: bearer(token), body: { device_id: "one", ...over } })).body;
  const asked = await say({ command_text: "approve shop" });
  expect(asked).toMatchObject({
    status: "needs_confirmation",
    message: "This approval has a high risk. Open it on the phone and choose the number that the computer shows.",
    details: { approval_id: id },
  });
  expect(await say({ command_text: "approve shop", confirms: asked.command_id })).toMatchObject({ status: "not_understood" });
  expect(await statusOf(server, id)).toBe("pending");
  const rejecting = await say({ command_text: "reject shop" });
  expect(await say({ command_text: "reject shop", confirms: rejecting.command_id })).toMatchObject({ status: "done" });
  expect(await statusOf(server, id)).toBe("rejected");
});

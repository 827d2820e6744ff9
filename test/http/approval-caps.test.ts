import { expect, it, vi } from "vitest";
import { approve } from "../../src/headless/approve.ts";
import { type Answer, startServer, type TestServer } from "./server.ts";

const MINUTE = 60_000;

function handClock(): { now: () => number; steady: () => number; at: number } {
  const clock = { at: Math.floor(Date.now() / 1000) * 1000, now: () => clock.at, steady: () => clock.at };
  return clock;
}

interface World {
  server: TestServer;
  clock: ReturnType<typeof handClock>;
  token: string;
  request: (over?: object, at?: TestServer) => Promise<Answer>;
}

async function world(): Promise<World> {
  const clock = handClock();
  const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "100000" }, { clock });
  const token = await server.pair("one", "ada");
  const request = async (over: object = {}, at = server): Promise<Answer> =>
    at.local("POST", "/phone/approvals/request", {
      body: {
        user_id: "ada",
        build_id: "build",
        project_name: "Top Dog",
        plan: "deploy",
        affected_files: [],
        estimated_duration: 1,
        requires_approval_by: new Date(clock.at + 60 * MINUTE).toISOString(),
        ...over,
      },
    });
  return { server, clock, token, request };
}

const decide = async (server: TestServer, { body }: Answer, decision: string): Promise<Answer> =>
  server.local("POST", `/admin/approvals/${body.approval_id}/decision`, { body: { decision } });
const rejection = ({ status, body, headers }: Answer): unknown[] => [status, body.code, Number(headers["retry-after"])];

it("at most twenty approvals wait for one user, however many are asked for at once", async () => {
  const { server, clock, request } = await world();
  await server.pair("other", "bob");
  const answers = await Promise.all(Array.from({ length: 50 }, async (_, index) => request({ plan: `deploy ${index}` })));
  const asked = answers.filter(({ status }) => status === 200);
  expect(asked).toHaveLength(20);
  for (const answer of answers.filter(({ status }) => status !== 200)) expect(rejection(answer)).toEqual([429, "too_many_approvals", 60]);
  // Another user has a list of their own.
  expect((await request({ user_id: "bob" })).status).toBe(200);
  expect((await request({ user_id: undefined, all: true })).status).toBe(429);
  await decide(server, asked[0]!, "approve");
  expect((await request({ plan: "one more" })).status).toBe(200);
  expect((await request({ plan: "two more" })).status).toBe(429);
  // What nobody answered in time makes room, whether or not the sweep has come by.
  clock.at += 60 * MINUTE;
  expect((await request({ plan: "three more" })).status).toBe(200);
});

it("the same content waits after a rejection, twice as long each time up to ten minutes, until it is approved", async () => {
  const { server, clock, request } = await world();
  for (const wait of [30, 60, 120, 240, 480, 600, 600]) {
    const asked = await request();
    expect(asked.status).toBe(200);
    await decide(server, asked, "reject");
    expect(rejection(await request({ build_id: "another" }))).toEqual([429, "too_many_approvals", wait]);
    expect((await request({ build_id: "another" })).body.detail).toBe(
      `The same request was just rejected. Ask again in ${wait < 100 ? `${wait} seconds` : `${wait / 60} minutes`}.`,
    );
    clock.at += wait * 1000 - 1;
    expect(rejection(await request())).toEqual([429, "too_many_approvals", 1]);
    clock.at += 1;
  }
  await decide(server, await request(), "approve");
  await decide(server, await request(), "reject");
  expect(rejection(await request())).toEqual([429, "too_many_approvals", 30]);
  // Something else is not the same.
  expect((await request({ plan: "something else" })).status).toBe(200);
  // Nobody waits longer than announced when the clock is set back.
  clock.at -= 24 * 60 * MINUTE;
  expect((await request()).status).toBe(200);
});

it("a project waits after five rejections within a minute, and others do not", async () => {
  const { server, clock, request } = await world();
  for (let index = 0; index < 5; index += 1) {
    await decide(server, await request({ plan: `deploy ${index}` }), "reject");
    clock.at += 1000;
  }
  const refused = await request({ plan: "another plan" });
  expect(rejection(refused)).toEqual([429, "too_many_approvals", 55]);
  expect(refused.body.detail).toBe("5 approvals of this project were rejected within a minute. Ask again in 55 seconds.");
  expect((await request({ plan: "another plan", project_name: "Elsewhere" })).status).toBe(200);
  clock.at += 55_000;
  expect((await request({ plan: "another plan" })).status).toBe(200);
});

it("the waits go on over a restart, and count what was rejected on a phone, also for two wrong numbers", async () => {
  const { server, clock, token, request } = await world();
  const onPhone = async ({ body }: Answer, decision: object): Promise<Answer> =>
    server.phone("POST", `/phone/approvals/${body.approval_id}/decision`, {
      headers: { authorization: `Bearer ${token}` },
      body: decision,
    });
  await onPhone(await request(), { decision: "reject" });
  clock.at += 30_000;
  const risky = await request({ risk: "high" });
  for (const code of ["number_mismatch", "number_mismatch"])
    expect((await onPhone(risky, { decision: "approve", number: "x" })).body.code).toBe(code);
  await server.close();
  const again = await startServer({ PAIRING_RATE_LIMIT_SCALE: "100000", PAIRING_STORAGE_PATH: server.folder }, { clock });
  expect(rejection(await request({}, again))).toEqual([429, "too_many_approvals", 60]);
  for (let index = 0; index < 3; index += 1) await decide(again, await request({ plan: `deploy ${index}` }, again), "reject");
  expect(rejection(await request({ plan: "another plan" }, again))).toEqual([429, "too_many_approvals", 30]);
  clock.at += 60_000;
  expect((await request({}, again)).status).toBe(200);
});

it("the command line says so and exits with 3", async () => {
  const { server, request } = await world();
  await decide(server, await request(), "reject");
  const printed: string[] = [];
  const write = vi.spyOn(process.stderr, "write").mockImplementation((text) => printed.push(String(text)) > 0);
  try {
    const options = { project: "Top Dog", plan: "deploy", files: [], duration: "1", timeout: "5m", user: "ada" };
    expect(await approve({ PAIRING_PORT: new URL(server.localAddress).port }, options)).toBe(3);
    expect(printed.join("")).toBe("The same request was just rejected. Ask again in 30 seconds.\n");
  } finally {
    write.mockRestore();
  }
});

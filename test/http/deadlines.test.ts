import { expect, it } from "vitest";
import { type Answer, phoneBody, startServer } from "./server.ts";

const MINUTE = 60_000;
const ASKED = 18;

const ENDED: Readonly<Record<string, string>> = {
  approval_expired: "expired",
  approval_cancelled: "cancelled",
  invite_expired: "expired",
  invite_cancelled: "cancelled",
  invite_already_used: "accepted",
};

/** How an answer says that something ended; `undefined`: it is not over, or the answer says nothing of it. */
function statusIn({ status, body }: Answer): string | undefined {
  if (body?.code === "already_decided") return /^This was (\w+) already/.exec(body.detail)?.[1];
  if (status !== 200) return ENDED[body?.code];
  return body.status === "pending" ? undefined : body.status;
}

/** A clock that is moved by hand. It stands still, so that everything before a move is in time. */
function handClock(): { now: () => number; steady: () => number; at: number } {
  const clock = { at: Math.floor(Date.now() / 1000) * 1000, now: () => clock.at, steady: () => clock.at };
  return clock;
}

it("an approval that was reported as expired to anybody was never approved, whichever way it was asked about", async () => {
  const clock = handClock();
  const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "100000" }, { clock });
  const token = await server.pair("one", "ada");
  const headers = { authorization: `Bearer ${token}` };
  const end = clock.at + 10 * MINUTE;
  const ids: string[] = [];
  for (let index = 0; index < ASKED; index += 1) {
    const { body } = await server.local("POST", "/phone/approvals/request", {
      body: {
        build_id: `build-${index}`,
        project_name: "Top Dog",
        plan: `deploy ${index}`,
        affected_files: [],
        estimated_duration: 1,
        requires_approval_by: new Date(end).toISOString(),
      },
    });
    ids.push(body.approval_id);
  }
  const seen = new Map<string, Set<string>>(ids.map((id) => [id, new Set()]));
  const note = (id: string, status: string | undefined): void => {
    if (status !== undefined) seen.get(id)?.add(status);
  };
  const read = async (id: string): Promise<void> => note(id, statusIn(await server.local("GET", `/phone/approvals/${id}`)));
  const list = async (): Promise<void> => {
    const { body } = await server.local("GET", "/admin/approvals");
    for (const { approval_id, status } of body.approvals) if (status !== "pending") note(approval_id, status);
  };
  const inbox = async (): Promise<void> => {
    const { body } = await server.phone("GET", "/phone/inbox", { headers });
    for (const { payload } of body.messages) if (payload.status !== "pending") note(payload.approval_id, payload.status);
  };

  clock.at = end - 1;
  const decisions = ids.map(async (id, index) => {
    const decide = { body: { decision: "approve" } };
    const answer =
      index % 3 === 0
        ? server.phone("POST", `/phone/approvals/${id}/decision`, { headers, ...decide })
        : index % 3 === 1
          ? server.local("POST", `/admin/approvals/${id}/decision`, decide)
          : server.local("DELETE", `/phone/approvals/${id}`);
    note(id, statusIn(await answer));
  });
  const reads: Promise<void>[] = [];
  // The clock passes the deadline while decisions are on their way to the disk.
  for (let step = 0; step < 12; step += 1) {
    if (step === 4) clock.at = end;
    reads.push(...ids.map(read), list(), inbox());
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all([...decisions, ...reads]);
  // Set back: what was expired stays so, also for those who decide now.
  clock.at = end - MINUTE;
  await Promise.all([...ids.map(read), list(), inbox()]);
  for (const id of ids) note(id, statusIn(await server.local("POST", `/admin/approvals/${id}/decision`, { body: { decision: "reject" } })));
  for (const statuses of seen.values()) expect([...statuses]).toHaveLength(1);
});

it("an invite or QR code that was reported as expired to anybody was never accepted, and stays expired when the clock is set back", async () => {
  const clock = handClock();
  const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "100000", PAIRING_QR_REQUIRE_OTP: "1" }, { clock });
  const codes: { code: string; otp?: string }[] = [];
  for (let index = 0; index < 6; index += 1) {
    codes.push({ code: await server.invite(undefined, `user-${index}`) });
    const { body } = await server.local("POST", "/phone/pairing/generate-qr", { body: { user_id: `qr-${index}` } });
    codes.push({ code: body.pairing_token, otp: body.otp_code });
  }
  const seen = codes.map(() => new Set<string>());
  const note = (index: number, status: string | undefined): void => {
    if (status !== undefined) seen[index]?.add(status);
  };
  const accept = async (index: number): Promise<void> => {
    const { code, otp } = codes[index]!;
    const answer =
      otp === undefined
        ? await server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(code, `phone-${index}`) })
        : await server.phone("POST", "/phone/pairing/pair", {
            body: { ...phoneBody("", `phone-${index}`), invite_code: undefined, pairing_token: code, otp_code: otp },
          });
    note(index, answer.status === 200 ? "accepted" : statusIn(answer));
  };
  const read = async (index: number): Promise<void> =>
    note(index, statusIn(await server.phone("GET", `/phone/pairing/invite/${codes[index]!.code}`)));
  const [sms, qr] = [15 * MINUTE, 5 * MINUTE];
  const began = clock.at;
  for (const end of [began + qr, began + sms]) {
    clock.at = end - 1;
    const accepting = codes.map(async ({ otp }, index) => (end === began + qr) === (otp !== undefined) && accept(index));
    const reads: Promise<void>[] = [];
    for (let step = 0; step < 8; step += 1) {
      if (step === 3) clock.at = end;
      reads.push(...codes.map(async (_, index) => read(index)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all([...accepting, ...reads]);
  }
  clock.at = began;
  await Promise.all(codes.map(async (_, index) => accept(index)));
  for (const statuses of seen) expect([...statuses]).toHaveLength(1);
});

import fc from "fast-check";
import { expect, it } from "vitest";
import { type Deed, type Outcome, orderOf, type Seen, someDeeds, TRIED_BEFORE } from "../pairing-model.ts";
import { type Answer, phoneBody, startServer, type TestServer } from "./server.ts";

const RUNS = 20;
let serial = 0;

/** Does some deeds at the same time, to invites and phones of their own, and says how they ended and what is left. */
async function doAtOnce(server: TestServer, deeds: readonly Deed[]): Promise<{ outcomes: Outcome[]; seen: Seen; tokens: Set<string>[] }> {
  const user_id = `user-${++serial}`;
  const idOf = (device: string): string => `${device}-${serial}`;
  const codes: string[] = [await server.invite(undefined, user_id), await server.invite(undefined, user_id)];
  await server.pair(idOf("a"), user_id);
  const qr = (await server.local("POST", "/phone/pairing/generate-qr", { body: { user_id } })).body;
  codes.push(qr.pairing_token);
  const wrong = qr.otp_code === "000000" ? "111111" : "000000";
  const tokens = codes.map(() => new Set<string>());

  const pair = async (device: string, otp_code: string): Promise<Answer> =>
    server.phone("POST", "/phone/pairing/pair", {
      body: { ...phoneBody("", idOf(device)), invite_code: undefined, pairing_token: codes[2], otp_code },
    });
  const accept = async ({ invite, device, key }: Extract<Deed, { kind: "accept" }>): Promise<Answer> =>
    server.phone("POST", "/phone/pairing/accept-invite", {
      body: phoneBody(codes[invite]!, idOf(device)),
      headers: key === undefined ? {} : { "idempotency-key": key },
    });
  const perform = async (deed: Deed): Promise<Answer> => {
    switch (deed.kind) {
      case "accept":
        return accept(deed);
      case "pair":
        return pair(deed.device, deed.otp === "right" ? qr.otp_code : wrong);
      case "decline":
        return server.phone("POST", "/phone/pairing/decline-invite", { body: { invite_code: codes[deed.invite] } });
      case "cancel":
        return server.local("DELETE", `/phone/pairing/invite/${codes[deed.invite]}`);
      case "resend":
        return server.local("POST", `/phone/pairing/resend-sms/${codes[deed.invite]}`);
      case "revoke":
        return server.local("DELETE", `/phone/devices/${idOf(deed.device)}`);
      case "suspend":
      case "reactivate":
        return server.local("POST", `/phone/devices/${idOf(deed.device)}/${deed.kind}`);
      case "revoke-all":
        return server.local("POST", "/phone/devices/revoke-all", { body: { user_id } });
      case "expire":
      case "rotate":
        throw new Error(`${deed.kind} is not done over HTTP`);
      default:
        return deed satisfies never;
    }
  };
  const outcomeOf = ({ status, body }: Answer): Outcome => (status === 200 ? String(body.revoked ?? "ok") : body.code);

  for (let tried = 0; tried < TRIED_BEFORE; tried += 1) await pair("b", wrong);
  const answers = await Promise.all(deeds.map(perform));
  for (const [index, { body }] of answers.entries()) {
    const deed = deeds[index]!;
    if (body.jwt_token !== undefined) tokens[deed.kind === "accept" ? deed.invite : 2]!.add(body.jwt_token);
  }

  const devices: { device_id: string; status: string }[] = (await server.local("GET", "/phone/devices")).body;
  const statusOf = (device: string): string => devices.find(({ device_id }) => device_id === idOf(device))?.status ?? "none";
  const status = async (code: string): Promise<string> => (await server.phone("GET", `/phone/pairing/invite/${code}`)).body.status;
  const says = async ([token]: Set<string>): Promise<string | undefined> =>
    token === undefined ? undefined : outcomeOf(await server.phone("GET", "/phone/me", { headers: { authorization: `Bearer ${token}` } }));
  const seen = {
    invites: await Promise.all(codes.map(status)),
    devices: { a: statusOf("a"), b: statusOf("b") },
    tokens: await Promise.all(tokens.map(says)),
  };
  return { outcomes: answers.map(outcomeOf), seen, tokens };
}

it("what is asked at the same time comes out as if it had been asked one after the other", async () => {
  const server = await startServer({ PAIRING_QR_REQUIRE_OTP: "1", PAIRING_RATE_LIMIT_SCALE: "10000", PAIRING_SMS_PER_DAY: "10000" });
  // Clocks and keys are left alone: they are everybody's. More than two more messages are too many for a number.
  const overHttp = someDeeds
    .map((deeds) => deeds.filter(({ kind }) => kind !== "expire" && kind !== "rotate"))
    .filter((deeds) => deeds.filter(({ kind }) => kind === "resend").length < 3);
  await fc.assert(
    fc.asyncProperty(overHttp, async (deeds) => {
      const { outcomes, seen, tokens } = await doAtOnce(server, deeds);
      if (!orderOf(deeds, outcomes, seen)) expect({ outcomes, seen }).toBe(`those of ${JSON.stringify(deeds)} in some order`);
      for (const brought of tokens) expect(brought.size).toBeLessThanOrEqual(1);
    }),
    // The same deeds may end otherwise the next time.
    { numRuns: RUNS, endOnFailure: true },
  );
});

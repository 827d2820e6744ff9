import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { userInfo } from "node:os";
import stringWidth from "string-width";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { BUILD_STATUSES, PRIORITIES } from "../../src/contract/build-words.ts";
import { openTwilioDouble } from "../doubles/twilio.ts";
import { phoneBody } from "../http/server.ts";
import { asWindow, CLI, freshHome, type Headless, killServers, run, startHeadless } from "./headless.ts";
import { startLyingProxy } from "./lying-proxy.ts";

afterEach(killServers);

const TWILIO = {
  TWILIO_ACCOUNT_SID: "AC0123456789abcdef0123456789abcdef",
  TWILIO_AUTH_TOKEN: "fedcba9876543210fedcba9876543210",
  TWILIO_PHONE_NUMBER: "+15005550006",
};

/** A command as a person types it beside a running server. */
function command(server: Headless, ...args: readonly string[]): ReturnType<typeof run> {
  return run([CLI, ...args], { HOME: freshHome(), PAIRING_PORT: new URL(server.localAddress).port });
}
const done = async (server: Headless, ...args: readonly string[]) => command(server, ...args).ended;

async function post(address: string, body: unknown, token?: string, more: Record<string, string> = {}): Promise<any> {
  const headers = { "content-type": "application/json", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...more };
  return (await fetch(address, { method: "POST", headers, body: JSON.stringify(body) })).json();
}

async function pair(server: Headless, deviceId = "iphone", userId = "ada"): Promise<string> {
  const { localAddress, phoneAddress } = server;
  const wanted = { phone_number: "+14155550123", user_id: userId };
  const invite = await post(`${localAddress}/phone/pairing/send-sms`, wanted, undefined, await asWindow(server));
  return (await post(`${phoneAddress}/phone/pairing/accept-invite`, phoneBody(invite.invite_code, deviceId))).jwt_token;
}

/** The first message of this type, as soon as it is there. */
async function message(
  { phoneAddress }: Headless,
  token: string,
  type: string,
  isWanted: (message: any) => boolean = () => true,
): Promise<any> {
  return vi.waitFor(
    async () => {
      const answer = await fetch(`${phoneAddress}/phone/inbox`, { headers: { authorization: `Bearer ${token}` } });
      const { messages } = (await answer.json()) as { messages: any[] };
      const found = messages.find((one) => one.type === type && isWanted(one));
      expect(found).toBeDefined();
      return found;
    },
    { timeout: 30_000, interval: 50 },
  );
}
const decide = async ({ phoneAddress }: Headless, token: string, id: string, decision: string, comment?: string) =>
  post(`${phoneAddress}/phone/approvals/${id}/decision`, { decision, comment }, token);
const ASK = ["approve", "--project", "Top Dog", "--plan", "deploy to staging"];

describe("topdog-phone", () => {
  it("notify sends build news to a phone, and says when there was nobody", async () => {
    const server = await startHeadless(freshHome());
    const news = ["notify", "--status", "success", "--project", "Top Dog"];
    expect(await done(server, ...news, "early")).toEqual({ code: 0, printed: "Not sent: no active phone is paired.\n" });
    const token = await pair(server);
    expect(await done(server, ...news, "--priority", "high", "--action-required", "all is well")).toEqual({
      code: 0,
      printed: "Sent to iphone.\n",
    });
    expect((await message(server, token, "notification")).payload).toMatchObject({
      status: "success",
      project_name: "Top Dog",
      message: "all is well",
      priority: "high",
      action_required: true,
    });
    const wrong = await done(server, "notify", "--status", "splendid", "--project", "p", "m");
    expect(wrong.code).toBe(1);
    for (const word of BUILD_STATUSES) expect(wrong.printed).toContain(word);
    const hasty = await done(server, ...news, "--priority", "urgent", "m");
    expect(hasty.code).toBe(1);
    for (const word of PRIORITIES) expect(hasty.printed).toContain(word);
    expect(JSON.parse((await done(server, ...news, "--json", "m")).printed)).toMatchObject({ delivered_to: ["iphone"] });
  });

  it.each([
    ["approve", 0, "Approved on John's iPhone: fine\n"],
    ["reject", 1, "Rejected on John's iPhone: fine\n"],
  ])("approve waits for a thumb that says %s, quiet in a pipe", async (decision, code, printed) => {
    const server = await startHeadless(freshHome());
    const token = await pair(server);
    const asking = command(server, ...ASK, "--files", "a.ts", "b.ts");
    const { payload } = await message(server, token, "approval_request");
    expect(payload).toMatchObject({ project_name: "Top Dog", plan: "deploy to staging", affected_files: ["a.ts", "b.ts"] });
    expect(payload.requested_by).toBe(userInfo().username);
    await decide(server, token, payload.approval_id, decision, "fine");
    expect(await asking.ended).toEqual({ code, printed });
  });

  it("approve exits with the decision where nobody reads its output any more", async () => {
    const server = await startHeadless(freshHome());
    const token = await pair(server);
    for (const [decision, code] of [
      ["approve", 0],
      ["reject", 1],
    ] as const) {
      const asking = command(server, ...ASK, "--build", decision);
      const { payload } = await message(server, token, "approval_request", ({ payload }) => payload.build_id === decision);
      asking.child.stdout?.destroy();
      await decide(server, token, payload.approval_id, decision);
      expect(await asking.ended).toEqual({ code, printed: "" });
    }
  });

  it.skipIf(process.platform !== "linux")("approve exits with the decision where its output cannot be written", async () => {
    const server = await startHeadless(freshHome());
    const token = await pair(server);
    const env = { PATH: process.env["PATH"] ?? "", HOME: freshHome(), PAIRING_PORT: new URL(server.localAddress).port };
    const full = openSync("/dev/full", "w");
    onTestFinished(() => closeSync(full));
    for (const [decision, code, json] of [
      ["approve", 0, []],
      ["reject", 1, ["--json"]],
    ] as const) {
      const asking = spawn(process.execPath, [CLI, ...ASK, "--build", decision, ...json], { env, stdio: ["ignore", full, "pipe"] });
      let complained = "";
      asking.stderr?.on("data", (bytes: Buffer) => (complained += bytes.toString()));
      const ended = once(asking, "close");
      const { payload } = await message(server, token, "approval_request", ({ payload }) => payload.build_id === decision);
      await decide(server, token, payload.approval_id, decision);
      expect([(await ended)[0], complained]).toEqual([code, "Couldn't write the output (ENOSPC).\n"]);
    }
  });

  it("approve prints the number of a high risk, which the phone must choose", async () => {
    const server = await startHeadless(freshHome());
    const token = await pair(server);
    const choose = async (build: string, isRight: boolean) => {
      const asking = command(server, ...ASK, "--build", build, "--risk", "high", "--json");
      const { payload } = await message(server, token, "approval_request", (one) => one.payload.build_id === build);
      const [, number = ""] = await vi.waitFor(() => {
        const found = /To approve it on a phone, choose the number (\d\d)\.\n/.exec(asking.printed());
        expect(found).not.toBeNull();
        return found!;
      }, 30_000);
      const chosen = isRight ? number : payload.numbers.find((one: string) => one !== number);
      for (let time = 0; time < (isRight ? 1 : 2); time += 1)
        await post(
          `${server.phoneAddress}/phone/approvals/${payload.approval_id}/decision`,
          { decision: "approve", number: chosen },
          token,
        );
      return (await asking.ended).code;
    };
    expect(await choose("right", true)).toBe(0);
    expect(await choose("wrong", false)).toBe(1);
    expect((await done(server, ...ASK, "--risk", "huge")).code).toBe(3);
  });

  it("approve exits with 2 when nobody answers", async () => {
    const server = await startHeadless(freshHome());
    await pair(server);
    expect(await done(server, ...ASK, "--timeout", "1s")).toEqual({ code: 2, printed: "No answer in time.\n" });
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("approve exits with 2 and takes its question back at %s", async (signal) => {
    const server = await startHeadless(freshHome());
    const token = await pair(server);
    const asking = command(server, ...ASK, "--json", "--user", "ada", "--by", "Night build");
    const { approval_id, requested_by } = await vi.waitFor(
      async () => {
        const { approvals } = (await (await fetch(`${server.localAddress}/admin/approvals`)).json()) as { approvals: any[] };
        expect(approvals[0].status).toBe("pending");
        return approvals[0];
      },
      { timeout: 30_000, interval: 50 },
    );
    expect(requested_by).toBe("Night build");
    asking.child.kill(signal);
    const { code, printed } = await asking.ended;
    expect([code, JSON.parse(printed)]).toEqual([
      2,
      { approval_id, status: "cancelled", content_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    expect(await decide(server, token, approval_id, "approve")).toMatchObject({ code: "approval_cancelled" });
  });

  it("approve gets the answer of a server that was killed and started again in between", async () => {
    const home = freshHome();
    const first = await startHeadless(home);
    const token = await pair(first);
    const ports = { PAIRING_PORT: new URL(first.localAddress).port, PAIRING_PHONE_PORT: new URL(first.phoneAddress).port };
    const asking = command(first, ...ASK);
    const { payload } = await message(first, token, "approval_request");
    first.child.kill("SIGKILL");
    await first.ended;
    const second = await startHeadless(home, ports);
    await decide(second, token, payload.approval_id, "approve");
    expect(await asking.ended).toEqual({ code: 0, printed: "Approved on John's iPhone.\n" });
  });

  it("approve takes a question back that was interrupted before its answer came", async () => {
    const server = await startHeadless(freshHome());
    await pair(server);
    let asking: ReturnType<typeof run> | undefined;
    const proxy = await startLyingProxy(server, {
      answer({ asked }, original) {
        if (asked === "POST /phone/approvals/request") asking?.child.kill("SIGINT");
        return original;
      },
    });
    asking = run([CLI, ...ASK, "--json"], { HOME: freshHome(), PAIRING_PORT: String(proxy.port) });
    const { code, printed } = await asking.ended;
    proxy.close();
    expect([code, printed]).toEqual([2, expect.stringContaining('"cancelled"')]);
    const { approvals } = (await (await fetch(`${server.localAddress}/admin/approvals`)).json()) as { approvals: any[] };
    expect(approvals.map(({ status }) => status)).toEqual(["cancelled"]);
  });

  it("ask one user's phones, or everybody's with --all", async () => {
    const server = await startHeadless(freshHome(), { PAIRING_USER_ID: "carol" });
    await pair(server, "iphone", "ada");
    const token = await pair(server, "pixel", "bob");
    const several =
      "Several users have paired phones. Name one of them with user_id (on the command line: --user), or everybody with all (--all).\n";
    const news = ["notify", "--status", "success", "--project", "Top Dog", "built"];
    expect(await done(server, ...news)).toEqual({ code: 1, printed: several });
    expect(await done(server, ...news, "--all")).toEqual({ code: 0, printed: "Sent to 2 phones.\n" });
    expect(await done(server, ...ASK)).toEqual({ code: 3, printed: several });
    expect(await done(server, ...ASK, "--user", "dora")).toEqual({
      code: 3,
      printed: "No active phone of dora can answer. Pair one, reactivate one, or give one the permission to.\n",
    });
    expect((await done(server, ...ASK, "--all", "--user", "bob")).code).toBe(3);
    const asking = command(server, ...ASK, "--all");
    await decide(server, token, (await message(server, token, "approval_request")).payload.approval_id, "approve");
    expect(await asking.ended).toEqual({ code: 0, printed: "Approved on John's iPhone.\n" });
  });

  it("approve exits with 3 for every mistake, so that none is taken for a no", async () => {
    const server = await startHeadless(freshHome());
    expect(await done(server, ...ASK)).toEqual({
      code: 3,
      printed: "No active phone can answer. Pair one, reactivate one, or give one the permission to.\n",
    });
    await pair(server);
    expect((await done(server, ...ASK, "--timeout", "soon")).code).toBe(3);
    expect((await done(server, "approve", "--project", "p", "--plan", "")).code).toBe(3);
    expect((await done(server, "approve", "--project", "p")).code).toBe(3);
    expect((await run([CLI, ...ASK], { HOME: freshHome(), PAIRING_PORT: "9" }).ended).code).toBe(3);
  });

  it("invite, devices and revoke do what they say", async () => {
    const server = await startHeadless(freshHome());
    expect((await done(server, "devices")).printed).toMatch(/^No phones are paired\./);
    const invited = await done(server, "invite", "+14155550123", "--user", "ada", "--name", "Ada", "--json");
    const { invite_code } = JSON.parse(invited.printed);
    await expect.poll(server.printed, { timeout: 20_000 }).toContain("Hi Ada!");
    await post(`${server.phoneAddress}/phone/pairing/accept-invite`, phoneBody(invite_code, "iphone"));
    expect((await done(server, "devices")).printed).toMatch(
      /^iphone {2}John's iPhone {2}active, not confirmed {2}may command {2}user ada {2}seen .+\n$/,
    );
    expect(await done(server, "revoke", "iphone")).toEqual({ code: 0, printed: "Revoked iphone. It no longer has access.\n" });
    expect((await done(server, "revoke", "iphone")).code).toBe(1);
    expect((await done(server, "devices")).printed).toContain("revoked");
    expect((await done(server, "invite", "+९१ ८१२३४ ५६७८९")).printed).toContain("sent to +918123456789.");
    expect((await done(server, "invite", "011 44 7911 123456")).printed).toContain("sent to +447911123456.");
    expect(await done(server, "invite", "123")).toEqual({
      code: 1,
      printed: expect.stringContaining("This number can't receive text messages"),
    });
  });

  it("invite prints the link where no text message is sent, and says so; elsewhere the link is the phone's alone", async () => {
    const twilio = await openTwilioDouble({ sid: TWILIO.TWILIO_ACCOUNT_SID, token: TWILIO.TWILIO_AUTH_TOKEN });
    onTestFinished(async () => twilio.close());
    const gate = { PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: "the right token for this test" };
    const mock = await startHeadless(freshHome(), gate);
    const invite = async (server: Headless, env: Record<string, string>) =>
      run([CLI, "invite", "+14155550123"], { HOME: freshHome(), PAIRING_PORT: new URL(server.localAddress).port, ...env }).ended;
    const { code, printed } = await invite(mock, gate);
    expect([code, printed]).toEqual([0, expect.stringMatching(/^Mock mode: no text message was sent to \+14155550123\. Open this link /)]);
    expect(printed).not.toContain("SMS sent");
    const link = /^http:\/\/\S+\/pair\?code=[\w-]{43}$/m.exec(printed)?.[0] ?? "";
    expect((await fetch(link)).status).toBe(200);
    // The links of the settings page ask for the admin token.
    expect((await invite(mock, {})).printed).not.toContain("/pair?code=");

    const sending = await startHeadless(freshHome(), { ...TWILIO, PAIRING_TWILIO_BASE_URL: twilio.url });
    expect(await invite(sending, {})).toEqual({
      code: 0,
      printed: expect.stringMatching(/^SMS sent to \+14155550123\. The link expires at .+\.\n$/),
    });
  });

  it("devices puts columns below one another, whatever the names are written in", async () => {
    const server = await startHeadless(freshHome());
    const names = ["iPhone", "\u6d4b\u8bd5\u624b\u673a", "\ud83d\udc69\u200d\ud83d\udcbb phone", "e\u0301te\u0301"];
    for (const [index, device_name] of names.entries()) {
      const invite = await post(`${server.localAddress}/phone/pairing/send-sms`, { phone_number: `+1415555012${index}`, user_id: "ada" });
      await post(`${server.phoneAddress}/phone/pairing/accept-invite`, { ...phoneBody(invite.invite_code, `phone-${index}`), device_name });
    }
    const lines = (await done(server, "devices")).printed.trimEnd().split("\n");
    expect(lines).toHaveLength(names.length);
    // What stands before the status takes as many cells of the terminal in each line.
    const starts = new Set(lines.map((line) => stringWidth(line.slice(0, line.indexOf("active")))));
    expect([...starts]).toHaveLength(1);
  });
});

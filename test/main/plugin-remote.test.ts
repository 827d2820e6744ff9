import { describe, expect, it, vi } from "vitest";
import type { Assembled } from "../../src/host/assemble.ts";
import { openSettings } from "../../src/host/open-settings.ts";
import { remoteFor } from "../../src/main/plugin-remote.ts";
import { voiceFor } from "../../src/main/plugin-voice.ts";
import { createServerSupervisor, type ServerSupervisor } from "../../src/main/server-supervisor.ts";
import { startServer, type TestServer } from "../http/server.ts";

const soon = { timeout: 20_000, interval: 20 };
const QUESTION = { buildId: "b-1", projectName: "shop", plan: "terraform apply", affectedFiles: ["main.tf"], estimatedDuration: "1 min" };

interface Started {
  /** The one that runs. */
  readonly server: () => TestServer;
  readonly supervisor: ServerSupervisor;
  readonly remote: ReturnType<typeof remoteFor>;
  readonly bearer: { headers: Record<string, string> };
}

/** A server that can be started again, as the desktop keeps it, and a phone. */
async function started(): Promise<Started> {
  const env: Record<string, string> = {};
  let running: TestServer | undefined;
  const supervisor = createServerSupervisor({
    openSettings: () => openSettings({}, { storageFolder: "/" }),
    setSettingsAside: async () => undefined,
    async assemble(): Promise<Assembled> {
      running = await startServer(env);
      env["PAIRING_STORAGE_PATH"] = running.folder;
      return running;
    },
    isFixed: () => true,
    say: (line) => expect.fail(line),
  });
  expect(await supervisor.start()).toEqual({ kind: "running" });
  const token = await running!.pair("device-1");
  return { server: () => running!, supervisor, remote: remoteFor(supervisor), bearer: { headers: { authorization: `Bearer ${token}` } } };
}
const inboxOf = async (server: Started["server"], bearer: { headers: Record<string, string> }) =>
  (await server().phone("GET", "/phone/inbox", bearer)).body.messages as { type: string; payload: Record<string, unknown> }[];
const say = async (server: Started["server"], bearer: Started["bearer"], text: string, over = {}): Promise<any> =>
  (await server().phone("POST", "/phone/voice-command", { ...bearer, body: { command_text: text, device_id: "device-1", ...over } })).body;
const resultsOf = async (server: Started["server"], bearer: Started["bearer"], count: number) =>
  vi.waitFor(async () => {
    const results = (await inboxOf(server, bearer)).filter(({ type }) => type === "command_result").map(({ payload }) => payload);
    expect(results).toHaveLength(count);
    return results;
  }, soon);
const askedOf = async (server: Started["server"], bearer: { headers: Record<string, string> }) =>
  vi.waitFor(async () => {
    const request = (await inboxOf(server, bearer)).find(({ type }) => type === "approval_request");
    expect(request).toBeDefined();
    return request!.payload;
  }, soon);

/** Of what was shown: SHA-256 in hexadecimal digits. */
const HASH: unknown = expect.stringMatching(/^[0-9a-f]{64}$/);

describe("an IDE in whose process the plugin runs", () => {
  it("notifies phones about a build", async () => {
    const { server, remote, bearer } = await started();
    const sent = await remote.notify({
      buildId: "b-1",
      projectName: "shop",
      status: "failure",
      message: "3 tests failed",
      priority: "high",
    });
    expect(sent).toEqual({ notificationId: expect.any(String), phones: ["device-1"] });
    expect((await inboxOf(server, bearer))[0]).toMatchObject({
      type: "notification",
      payload: {
        notification_id: sent.notificationId,
        status: "failure",
        message: "3 tests failed",
        priority: "high",
        action_required: false,
      },
    });
  });

  it("waits for an answer, and gets who gave it", async () => {
    const { server, remote, bearer } = await started();
    const answer = remote.requestApproval(QUESTION);
    const { approval_id: id } = await askedOf(server, bearer);
    const decision = { ...bearer, body: { decision: "reject", comment: "not today" } };
    expect((await server().phone("POST", `/phone/approvals/${String(id)}/decision`, decision)).status).toBe(200);
    expect(await answer).toEqual({
      approvalId: id,
      status: "rejected",
      by: "John's iPhone",
      via: "phone",
      comment: "not today",
      contentSha256: HASH,
    });
  });

  it("gets it from a phone that is named like the computer, too", async () => {
    const { server, remote, bearer } = await started();
    for (const [name, by] of [
      ["desk", 'phone "desk"'],
      ["Desk", 'phone "Desk"'],
      ["Desk phone", "Desk phone"],
    ]) {
      expect((await server().phone("PATCH", "/phone/me", { ...bearer, body: { device_name: name } })).status).toBe(200);
      const question = { ...QUESTION, buildId: `build of ${name}` };
      const answer = remote.requestApproval(question);
      const id = await vi.waitFor(async () => {
        const messages = await inboxOf(server, bearer);
        const asked = messages.find(({ type, payload }) => type === "approval_request" && payload["build_id"] === question.buildId);
        return asked!.payload["approval_id"];
      }, soon);
      await server().phone("POST", `/phone/approvals/${String(id)}/decision`, { ...bearer, body: { decision: "approve" } });
      expect(await answer).toMatchObject({ status: "approved", by, via: "phone" });
    }
  });

  it("says who asks", async () => {
    const { server, remote, bearer } = await started();
    const control = new AbortController();
    const answer = remote.requestApproval({ ...QUESTION, requestedBy: "Grace" }, { signal: control.signal });
    expect(await askedOf(server, bearer)).toMatchObject({ requested_by: "Grace" });
    control.abort();
    await answer;
    await expect(remote.requestApproval({ ...QUESTION, requestedBy: "x".repeat(81) })).rejects.toThrow(/^requested_by: /);
  });

  it("gets the number of a question of high risk, to show it, before the answer", async () => {
    const { server, remote, bearer } = await started();
    const shown: unknown[] = [];
    const answer = remote.requestApproval({ ...QUESTION, risk: "high" }, { onAsked: (asked) => shown.push(asked) });
    const { approval_id: approvalId, numbers } = await askedOf(server, bearer);
    await vi.waitFor(() => expect(shown).toEqual([{ approvalId, matchNumber: expect.stringMatching(/^[0-9]{2}$/) }]), soon);
    const { matchNumber: number } = shown[0] as { matchNumber: string };
    expect(numbers).toContain(number);
    const decision = { ...bearer, body: { decision: "approve", number } };
    expect((await server().phone("POST", `/phone/approvals/${String(approvalId)}/decision`, decision)).status).toBe(200);
    expect(await answer).toMatchObject({ approvalId, status: "approved", via: "phone" });
    const more = remote.requestApproval({ ...QUESTION, within: 2000 }, { onAsked: (asked) => shown.push(asked) });
    expect(await more).toMatchObject({ status: "expired" });
    expect(shown.slice(1)).toEqual([{ approvalId: expect.any(String) }]);
  });

  it("gets the computer's answer, and the expiry", async () => {
    const { server, remote, bearer } = await started();
    const answer = remote.requestApproval(QUESTION, { deviceId: "device-1" });
    const { approval_id: id } = await askedOf(server, bearer);
    await server().local("POST", `/admin/approvals/${String(id)}/decision`, { body: { decision: "approve" } });
    expect(await answer).toEqual({ approvalId: id, status: "approved", by: "desk", via: "computer", contentSha256: HASH });
    expect(await remote.requestApproval({ ...QUESTION, within: 2000 })).toMatchObject({ status: "expired" });
  });

  it("takes a question back, and phones see that", async () => {
    const { server, remote, bearer } = await started();
    const control = new AbortController();
    const answer = remote.requestApproval(QUESTION, { signal: control.signal });
    await askedOf(server, bearer);
    control.abort();
    expect(await answer).toMatchObject({ status: "cancelled" });
    expect((await inboxOf(server, bearer)).at(-1)).toMatchObject({ type: "approval_settled", payload: { status: "cancelled" } });
    await expect(remote.requestApproval(QUESTION, { signal: AbortSignal.abort() })).rejects.toThrow("aborted");
  });

  it("gets a sentence on what is wrong, and nothing is sent", async () => {
    const { server, remote, bearer } = await started();
    await expect(remote.notify({ buildId: "", projectName: "shop", status: "success", message: "" })).rejects.toThrow(
      /^build_id: .*message: /,
    );
    await expect(remote.requestApproval({ ...QUESTION, plan: "x".repeat(10_001) })).rejects.toThrow(/^plan: /);
    await expect(remote.requestApproval({ ...QUESTION, within: 8 * 86_400_000 })).rejects.toThrow("more than 7 days away");
    await expect(remote.requestApproval(QUESTION, { deviceId: "nobody's" })).rejects.toThrow("No paired phone has this id");
    expect(await inboxOf(server, bearer)).toEqual([]);
  });

  it("fails at once when too much waits for an answer already", async () => {
    const { server, remote } = await started();
    const control = new AbortController();
    const asked = Array.from({ length: 20 }, async (_, index) =>
      remote.requestApproval({ ...QUESTION, plan: `plan ${index}` }, { signal: control.signal }),
    );
    await vi.waitFor(async () => expect(await server().pairing.listApprovals()).toHaveLength(20), soon);
    await expect(remote.requestApproval({ ...QUESTION, plan: "one more" })).rejects.toMatchObject({
      code: "too_many_approvals",
      retryAfter: 60,
    });
    control.abort();
    expect(new Set((await Promise.all(asked)).map(({ status }) => status))).toEqual(new Set(["cancelled"]));
  });

  it("goes on after pairing was started again: with what it asked, says and offers", async () => {
    const { server, supervisor, remote, bearer } = await started();
    const ran: unknown[] = [];
    const offer = voiceFor(supervisor).onVoiceCommand([{ action: "deploy", targets: ["staging"] }], async (command) => {
      ran.push(command);
      return "Staging is live.";
    });
    const answer = remote.requestApproval(QUESTION);
    const { approval_id: id } = await askedOf(server, bearer);
    expect(await supervisor.restart()).toEqual({ kind: "running" });
    expect((await remote.notify({ buildId: "b-2", projectName: "shop", status: "success", message: "Built" })).phones).toEqual([
      "device-1",
    ]);
    expect(
      (await server().phone("POST", `/phone/approvals/${String(id)}/decision`, { ...bearer, body: { decision: "approve" } })).status,
    ).toBe(200);
    expect(await answer).toMatchObject({ status: "approved", by: "John's iPhone" });
    const { command_id: commandId } = await say(server, bearer, "deploy to staging");
    expect(await say(server, bearer, "deploy to staging", { confirms: commandId })).toMatchObject({ status: "accepted" });
    expect(await resultsOf(server, bearer, 1)).toEqual([{ command_id: commandId, status: "done", message: "Staging is live." }]);
    expect(ran).toEqual([{ commandId, action: "deploy", target: "staging", userId: "user123", deviceId: "device-1" }]);
    offer.dispose();
    expect(await say(server, bearer, "deploy to staging")).toMatchObject({ status: "no_handler" });
    await supervisor.restart();
    expect(await say(server, bearer, "deploy to staging")).toMatchObject({ status: "no_handler" });
  });

  it("reports to the phone how a command failed, and says at once when an offer is none", async () => {
    const { server, supervisor, bearer } = await started();
    const { onVoiceCommand } = voiceFor(supervisor);
    onVoiceCommand([{ action: "test", targets: ["api"] }], async () => Promise.reject(new Error("3 tests failed.")));
    onVoiceCommand([{ action: "build", targets: ["api"] }], async () => " ");
    for (const text of ["test api", "build api"]) {
      const { command_id: confirms } = await say(server, bearer, text);
      await say(server, bearer, text, { confirms });
    }
    const results = await resultsOf(server, bearer, 2);
    expect(results.map(({ status, message }) => [status, message]).sort()).toEqual([
      ["done", "Done."],
      ["failed", "3 tests failed."],
    ]);
    expect(() => onVoiceCommand([], async () => "")).toThrow(/^commands: /);
    expect(() => onVoiceCommand([{ action: "build", targets: [""] }], async () => "")).toThrow(/^commands\.0\.targets\.0: /);
  });
});

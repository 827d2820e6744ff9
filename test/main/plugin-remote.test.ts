import { describe, expect, it, vi } from "vitest";
import { remoteFor } from "../../src/main/plugin-remote.ts";
import { startServer, type TestServer } from "../http/server.ts";

const soon = { timeout: 20_000, interval: 20 };
const QUESTION = { buildId: "b-1", projectName: "shop", plan: "terraform apply", affectedFiles: ["main.tf"], estimatedDuration: "1 min" };

async function started(): Promise<{
  server: TestServer;
  remote: ReturnType<typeof remoteFor>;
  bearer: { headers: Record<string, string> };
}> {
  const server = await startServer();
  const token = await server.pair("device-1");
  return { server, remote: remoteFor(server.pairing), bearer: { headers: { authorization: `Bearer ${token}` } } };
}
const inboxOf = async (server: TestServer, bearer: { headers: Record<string, string> }) =>
  (await server.phone("GET", "/phone/inbox", bearer)).body.messages as { type: string; payload: Record<string, unknown> }[];
const askedOf = async (server: TestServer, bearer: { headers: Record<string, string> }) =>
  vi.waitFor(async () => {
    const request = (await inboxOf(server, bearer)).find(({ type }) => type === "approval_request");
    expect(request).toBeDefined();
    return request!.payload;
  }, soon);

describe("an IDE in whose process the plugin runs", () => {
  it("tells phones about a build", async () => {
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

  it("waits for a thumb, and hears whose it was", async () => {
    const { server, remote, bearer } = await started();
    const answer = remote.requestApproval(QUESTION);
    const { approval_id: id } = await askedOf(server, bearer);
    const decision = { ...bearer, body: { decision: "reject", comment: "not today" } };
    expect((await server.phone("POST", `/phone/approvals/${String(id)}/decision`, decision)).status).toBe(200);
    expect(await answer).toEqual({ approvalId: id, status: "rejected", by: "John's iPhone", comment: "not today" });
  });

  it("hears of the desk's answer, and of the end of the time", async () => {
    const { server, remote, bearer } = await started();
    const answer = remote.requestApproval(QUESTION, { deviceId: "device-1" });
    const { approval_id: id } = await askedOf(server, bearer);
    await server.local("POST", `/desk/approvals/${String(id)}/decision`, { body: { decision: "approve" } });
    expect(await answer).toEqual({ approvalId: id, status: "approved", by: "desk" });
    expect(await remote.requestApproval({ ...QUESTION, within: 50 })).toMatchObject({ status: "expired" });
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

  it("is told in words what is wrong, and nothing is sent", async () => {
    const { server, remote, bearer } = await started();
    await expect(remote.notify({ buildId: "", projectName: "shop", status: "success", message: "" })).rejects.toThrow(
      /^build_id: .*message: /,
    );
    await expect(remote.requestApproval({ ...QUESTION, plan: "x".repeat(10_001) })).rejects.toThrow(/^plan: /);
    await expect(remote.requestApproval({ ...QUESTION, within: 8 * 86_400_000 })).rejects.toThrow("more than 7 days away");
    await expect(remote.requestApproval(QUESTION, { deviceId: "nobody's" })).rejects.toThrow("No paired phone has this id");
    expect(await inboxOf(server, bearer)).toEqual([]);
  });
});

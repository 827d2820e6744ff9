import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, expect, it } from "vitest";
import { phoneBody } from "../http/server.ts";
import { asWindow, CLI, freshHome, killServers, run, startHeadless } from "./headless.ts";

afterEach(killServers);

const ADMIN_TOKEN = "5f0c1f2e9a7b4d3c8e6f0a1b2c3d4e5f";

async function post(address: string, body: unknown, headers: Record<string, string> = {}): Promise<any> {
  const sent = { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
  return (await fetch(address, sent)).json();
}

it("topdog-phone devices level lowers a phone, and raises it with the admin token only", async () => {
  const home = freshHome();
  const server = await startHeadless(home, { ADMIN_TOKEN });
  const file = path.join(home, "admin token");
  writeFileSync(file, `${ADMIN_TOKEN}\n`);
  const pair = async (user_id: string): Promise<void> => {
    const wanted = { phone_number: "+14155550123", user_id };
    const { invite_code } = await post(`${server.localAddress}/phone/pairing/send-sms`, wanted, await asWindow(server));
    await post(`${server.phoneAddress}/phone/pairing/accept-invite`, phoneBody(invite_code, "iphone"));
  };
  await pair("ada");
  const level = async (...args: string[]) =>
    run([CLI, "devices", "level", ...args], { HOME: home, PAIRING_PORT: new URL(server.localAddress).port }).ended;

  expect(await level("iphone", "view")).toEqual({ code: 0, printed: "iphone now has the level view.\n" });
  const refused = await level("iphone", "answer");
  expect([refused.code, refused.printed]).toEqual([1, expect.stringContaining("send the admin token")]);
  const raised = await level("iphone", "answer", "--admin-token-file", file, "--json");
  expect([raised.code, JSON.parse(raised.printed)]).toMatchObject([0, { device_id: "iphone", level: "answer" }]);
  const listed = await run([CLI, "devices"], { HOME: home, PAIRING_PORT: new URL(server.localAddress).port }).ended;
  expect(listed.printed).toContain("answer");

  // A program's invite: its phone waits for a confirmation.
  const { invite_code } = await post(`${server.localAddress}/phone/pairing/send-sms`, { phone_number: "+14155550124", user_id: "eve" });
  await post(`${server.phoneAddress}/phone/pairing/accept-invite`, phoneBody(invite_code, "unknown"));
  const states = await run([CLI, "devices"], { HOME: home, PAIRING_PORT: new URL(server.localAddress).port }).ended;
  expect(states.printed).toMatch(/^unknown .* active, not confirmed .*\n^iphone .* active {2}/m);

  await pair("bob");
  expect(await level("iphone", "view")).toMatchObject({ code: 1, printed: expect.stringContaining("Two users") });
  expect(await level("iphone", "view", "--user", "bob")).toMatchObject({ code: 0 });
  expect(await level("nobody", "view")).toMatchObject({
    code: 1,
    printed: "No paired phone has this id. It may have been revoked already.\n",
  });
  expect((await level("iphone", "everything")).printed).toContain("Allowed choices are view, answer, command");
  expect(await level("iphone", "command", "--admin-token-file", "/nowhere", "--user", "ada")).toMatchObject({
    code: 1,
    printed: expect.stringContaining("/nowhere"),
  });
});

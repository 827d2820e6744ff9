import { expect, it } from "vitest";
import { phoneBody, startServer } from "./server.ts";

it("a claim from before PAIRING_CONFIRM=never gets nothing of the phone that accepts its link then", async () => {
  const first = await startServer({ PAIRING_CONFIRM: "always", PAIRING_RATE_LIMIT_SCALE: "1000" });
  const code = await first.invite();
  const stranger = await first.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(code, "stranger") });
  expect(stranger.status).toBe(202);
  await first.close();
  const server = await startServer({ PAIRING_CONFIRM: "never", PAIRING_RATE_LIMIT_SCALE: "1000", PAIRING_STORAGE_PATH: first.folder });
  expect((await server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(code, "own") })).status).toBe(200);
  const { claim_id, claim_secret } = stranger.body;
  const asked = await server.phone("POST", `/phone/pairing/claims/${claim_id}`, { body: { claim_secret } });
  expect([asked.status, asked.body.jwt_token]).toEqual([410, undefined]);
});

it("names of a waiting phone hold no control characters", async () => {
  const server = await startServer({ PAIRING_CONFIRM: "always" });
  const code = await server.invite();
  const body = { ...phoneBody(code, "p"), device_name: "a\u001b[2J\u202Eb", os_version: "1\u001b]0;x\u0007\u202E" };
  expect((await server.phone("POST", "/phone/pairing/accept-invite", { body })).status).toBe(202);
  const [claim] = (await server.local("GET", "/admin/claims")).body.claims;
  expect(`${claim.device_name} ${claim.os_version}`).not.toMatch(/[\p{Cc}\u202E]/u);
});

it.each([
  ["another program's words", "Your own phone, type its digits/1 x", undefined],
  ["control characters of a terminal", "\u009b2J\u009b31mred/1 (x", undefined],
  ["a long name", `${"A".repeat(400)}/1 (x`, undefined],
  ["a browser with a long version", `Mozilla/5.0 (X11; Linux x86_64) Firefox/${"9".repeat(300)}`, "Firefox"],
  ["a browser that names none", "Mozilla/5.0 (Android 14; Mobile; rv:1) Gecko/1 Firefox", "Firefox"],
])("only a known browser is named beside a waiting phone (%s)", async (_what, ua, browser) => {
  const server = await startServer({ PAIRING_CONFIRM: "always" });
  const headers = { "user-agent": ua };
  const accepted = await server.phone("POST", "/phone/pairing/accept-invite", { headers, body: phoneBody(await server.invite(), "p") });
  expect(accepted.status).toBe(202);
  const [claim] = (await server.local("GET", "/admin/claims")).body.claims;
  expect(claim.browser).toBe(browser);
});

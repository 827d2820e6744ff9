import { readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, expect, it } from "vitest";
import { freshHome, killServers, startHeadless } from "../e2e/headless.ts";
import { ask } from "./ask.ts";
import { howMany, say } from "./figures.ts";
import { me, nextNumber, storageOf, WIDE } from "./world.ts";

const ROUNDS = howMany("FAULTS_ROUNDS", 200);
const PHONES = 100;

afterEach(killServers);

it(`${ROUNDS} times ${PHONES} phones accept one invite at once: one is paired`, async () => {
  const home = freshHome();
  const server = await startHeadless(home, WIDE);
  const began = performance.now();
  const winners: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { body: invite } = await ask(server.localAddress, "POST", "/phone/pairing/send-sms", {
      body: { phone_number: nextNumber(), user_id: "ada" },
    });
    const names = Array.from({ length: PHONES }, (_, phone) => `phone-${round}-${phone}`);
    const answers = await Promise.all(
      names.map(async (device_id, phone) =>
        ask(phone % 2 === 0 ? server.localAddress : server.phoneAddress, "POST", "/phone/pairing/accept-invite", {
          body: { invite_code: invite.invite_code, device_id, device_name: device_id, device_type: "android" },
          fresh: phone % 4 < 2,
        }),
      ),
    );
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect(answers.filter(({ status, body }) => status === 409 && body.code === "invite_already_used")).toHaveLength(PHONES - 1);
    const { device_id, jwt_token } = won[0]!.body;
    expect(names).toContain(device_id);
    expect(await me(server, jwt_token)).toMatchObject({ status: 200, body: { device_id } });
    winners.push(device_id);

    const { body: devices } = await ask(server.localAddress, "GET", "/phone/devices");
    expect(devices.map((device: any) => device.device_id).sort()).toEqual([...winners].sort());
    const { body: listed } = await ask(server.localAddress, "GET", "/phone/pairing/sessions");
    const accepted = listed.sessions.filter(({ status }: any) => status === "accepted");
    expect(accepted.map((session: any) => session.device_id).sort()).toEqual([...winners].sort());
    if ((round + 1) % 50 === 0) say(`one winner: ${round + 1} of ${ROUNDS} rounds`);
  }
  const trail = readFileSync(path.join(storageOf(home), "pairing_audit.jsonl"), "utf8")
    .split("\n")
    .filter(Boolean);
  const lines = trail.map((line) => JSON.parse(line)).filter(({ event }) => event === "accept_invite");
  expect(lines.map((line) => line.device_id)).toEqual(winners);
  expect(new Set(lines.map((line) => line.session_id)).size).toBe(ROUNDS);
  const seconds = (performance.now() - began) / 1000;
  say(
    `one winner: ${ROUNDS} rounds of ${PHONES} accepts in ${seconds.toFixed(0)} s, over both doors: ${ROUNDS} × one 200 and ${PHONES - 1} × 409`,
  );
});

import { once } from "node:events";
import { afterEach, describe, expect, it, vi } from "vitest";
import { asWindow, freshHome, type Headless, killServers, startHeadless } from "../e2e/headless.ts";
import { ask, phoneBody } from "../http/server.ts";
import { connectPhone, hangUp, type MqttPhone, urlOf } from "./phone.ts";

afterEach(() => {
  hangUp();
  killServers();
});

const WIDE = { PAIRING_RATE_LIMIT_SCALE: "1000", PAIRING_PHONE_PORT: "0" };

const send = async (server: Headless, from: number, to: number): Promise<void> => {
  for (let number = from; number <= to; number += 1) {
    const body = {
      user_id: "ada",
      build_id: "b",
      project_name: "Top Dog",
      status: "success",
      message: String(number),
      priority: number % 2 ? "high" : "low",
    };
    expect((await ask(server.localAddress, "POST", "/phone/notifications/send", { body })).status).toBe(200);
  }
};

const kill = async ({ child }: Headless): Promise<void> => {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
};

/** Resolves when the server has written down that the phone has its last message. */
const delivered = async (server: Headless, { received }: MqttPhone): Promise<void> => {
  const { message_id } = received.at(-1);
  await vi.waitFor(async () => {
    const { body } = await ask(server.localAddress, "GET", `/phone/notifications/${message_id}`);
    expect(body.deliveries[0].state).toBe("delivered");
  });
};

const numbers = ({ received }: MqttPhone): number[] => received.map(({ payload }) => Number(payload.message));
const upTo = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("a server that is killed", () => {
  it("brings, when it is there again, all that the phone has not had: in order, and once", async () => {
    const home = freshHome();
    const first = await startHeadless(home, WIDE);
    const { body: invite } = await ask(first.localAddress, "POST", "/phone/pairing/send-sms", {
      headers: await asWindow(first),
      body: { phone_number: "+14155551234", user_id: "ada", user_name: "Ada" },
    });
    const { body: paired } = await ask(first.phoneAddress, "POST", "/phone/pairing/accept-invite", {
      body: phoneBody(invite.invite_code, "phone"),
    });
    await send(first, 1, 100);
    await kill(first);

    const second = await startHeadless(home, WIDE);
    const phone = await connectPhone(urlOf(second), { token: paired.jwt_token });
    expect(numbers({ ...phone, received: await phone.receivesMany(100) })).toEqual(upTo(1, 100));
    await delivered(second, phone);
    await send(second, 101, 150);
    expect(numbers({ ...phone, received: await phone.receivesMany(150) })).toEqual(upTo(1, 150));
    await delivered(second, phone);
    await kill(second);
    await phone.closed;

    const third = await startHeadless(home, WIDE);
    await send(third, 151, 200);
    const again = await connectPhone(urlOf(third), { token: paired.jwt_token });
    await send(third, 201, 210);
    expect(numbers({ ...again, received: await again.receivesMany(60) })).toEqual(upTo(151, 210));
  });
});

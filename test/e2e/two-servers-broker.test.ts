import { afterEach, describe, expect, it, vi } from "vitest";
import { hasMosquitto, type Mosquitto, startMosquitto, stopMosquitto } from "../mqtt/mosquitto.ts";
import { connectPhone, hangUp, type MqttPhone } from "../mqtt/phone.ts";
import { hasPostgres } from "../postgres.ts";
import { ask } from "./databases.ts";
import type { Headless } from "./headless.ts";
import { endServers, notify, pairPhone, startServers } from "./servers-on-database.ts";

afterEach(async () => {
  hangUp();
  stopMosquitto();
  await endServers();
});

const PATIENT = { timeout: 60_000, interval: 50 };
const stateOf = async ({ localAddress }: Headless): Promise<string> =>
  ((await ask(localAddress, "GET", "/admin/overview")).body as any).broker.state;

const linkTo = (broker: Mosquitto) => ({
  PAIRING_MQTT_BROKER: broker.url,
  PAIRING_MQTT_PUBLIC_URL: broker.phoneUrl,
  PAIRING_MQTT_USERNAME: broker.username,
  PAIRING_MQTT_PASSWORD: broker.password,
});

/** What was received so far. All of it is acknowledged then, as a server knows, so that a next one has no reason to send it again. */
async function texts(phone: MqttPhone, count: number, server: Headless): Promise<readonly string[]> {
  await phone.receivesMany(count);
  await phone.say("acknowledgment", { seq: phone.received.at(-1).seq });
  await vi.waitFor(async () => {
    const { body } = await ask(server.localAddress, "GET", "/admin/notifications");
    expect((body as any).notifications.map(({ deliveries: [{ state }] }: any) => state)).toEqual(
      Array.from({ length: count }, () => "delivered"),
    );
  }, PATIENT);
  return phone.received.map(({ payload }) => payload.message);
}

async function phoneAt(broker: Mosquitto, token: string): Promise<MqttPhone> {
  return vi.waitFor(async () => connectPhone(broker.phoneUrl, { token }), PATIENT);
}

describe.skipIf(!hasPostgres || !hasMosquitto)("two servers on one database and one Mosquitto", () => {
  it("send each message once: one relays, and the other when that is paused or killed", async () => {
    const broker = await startMosquitto();
    const servers = await startServers(2, linkTo(broker));
    const holder = async (among = servers): Promise<Headless> =>
      vi.waitFor(async () => {
        const states = await Promise.all(among.map(stateOf));
        const found = among[states.indexOf("connected")];
        expect(states.filter((state) => state === "connected")).toHaveLength(1);
        return found ?? expect.fail(states.join());
      }, PATIENT);
    const first = await holder();
    const other = servers.find((server) => server !== first) ?? expect.fail("no other");
    expect(await stateOf(other)).toBe("standby");

    const phone = await phoneAt(broker, await pairPhone(other, "phone"));
    for (const [index, server] of [first, other, first, other].entries()) await notify(server, String(index));
    expect(await texts(phone, 4, other)).toEqual(["0", "1", "2", "3"]);

    // A holder that is paused: the other one takes over, and the former does nothing when it goes on.
    first.child.kill("SIGSTOP");
    expect(await holder([other])).toBe(other);
    await notify(other, "4");
    expect(await texts(phone, 5, other)).toHaveLength(5);
    first.child.kill("SIGCONT");
    await vi.waitFor(async () => expect(await stateOf(first)).toBe("standby"), PATIENT);
    for (const [index, server] of [first, other].entries()) await notify(server, String(5 + index));
    expect(await texts(phone, 7, other)).toEqual(["0", "1", "2", "3", "4", "5", "6"]);
    expect(await holder()).toBe(other);

    // One that is killed is followed by the one that waits.
    other.child.kill("SIGKILL");
    expect(await holder([first])).toBe(first);
    await notify(first, "7");
    expect(await texts(phone, 8, first)).toEqual(["0", "1", "2", "3", "4", "5", "6", "7"]);
  });

  it("go on at once when the one that relays stops in order", async () => {
    const broker = await startMosquitto();
    const [a, b] = await startServers(2, linkTo(broker));
    if (!a || !b) return expect.fail("no servers");
    await vi.waitFor(async () => expect(await Promise.all([stateOf(a), stateOf(b)])).toContain("connected"), PATIENT);
    const [first, other] = (await stateOf(a)) === "connected" ? [a, b] : [b, a];
    const phone = await phoneAt(broker, await pairPhone(first, "phone"));
    await notify(first, "before");
    expect(await texts(phone, 1, other)).toEqual(["before"]);
    first.child.kill("SIGTERM");
    await first.ended;
    await notify(other, "after");
    expect(await texts(phone, 2, other)).toEqual(["before", "after"]);
    expect(await stateOf(other)).toBe("connected");
  });
});

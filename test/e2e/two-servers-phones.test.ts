import { afterEach, describe, expect, it, vi } from "vitest";
import { connectPhone, hangUp, type MqttPhone, urlOf } from "../mqtt/phone.ts";
import { hasPostgres } from "../postgres.ts";
import { endServers, notify, pairPhone, startServers } from "./servers-on-database.ts";

afterEach(async () => {
  hangUp();
  await endServers();
});

const PATIENT = { timeout: 60_000, interval: 50 };
const textsOf = ({ received }: MqttPhone): string[] => received.map(({ payload }) => payload.message);

describe.skipIf(!hasPostgres)("a phone whose server", () => {
  it("is paused goes on at another one, and the paused one sends it nothing when it goes on", async () => {
    const [a, b] = await startServers(2);
    if (!a || !b) return expect.fail("no servers");
    const token = await pairPhone(a, "phone");
    const before = await connectPhone(urlOf(a), { token });
    await notify(b, "before");
    await before.receivesMany(1);

    a.child.kill("SIGSTOP");
    await notify(b, "while it was paused");
    const after = await connectPhone(urlOf(b), { token });
    await vi.waitFor(() => expect(textsOf(after)).toContain("while it was paused"), PATIENT);
    a.child.kill("SIGCONT");
    for (const server of [a, b]) await notify(server, "after");
    await vi.waitFor(() => expect(textsOf(after).filter((text) => text === "after")).toHaveLength(2), PATIENT);
    await before.closed;
    expect(textsOf(before)).toEqual(["before"]);
    await notify(a, "last");
    await vi.waitFor(() => expect(textsOf(after).at(-1)).toBe("last"), PATIENT);
    expect(textsOf(after).filter((text) => text !== "before")).toEqual(["while it was paused", "after", "after", "last"]);
  });

  it("is killed goes on at another one, and stays there", async () => {
    const [a, b, c] = await startServers(3);
    if (!a || !b || !c) return expect.fail("no servers");
    const token = await pairPhone(a, "phone");
    const before = await connectPhone(urlOf(a), { token });
    a.child.kill("SIGKILL");
    await before.closed;
    await notify(c, "one");
    const after = await connectPhone(urlOf(b), { token });
    await after.receivesMany(1);
    await notify(c, "two");
    await after.receivesMany(2);
    expect(textsOf(after)).toEqual(["one", "two"]);
  });
});

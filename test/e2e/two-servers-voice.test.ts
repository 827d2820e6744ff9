import { afterEach, describe, expect, it, vi } from "vitest";
import { hasPostgres } from "../postgres.ts";
import { ask as askRaw } from "./databases.ts";
import type { Headless } from "./headless.ts";
import { endServers, pairPhone, startServers } from "./servers-on-database.ts";

afterEach(endServers);

const ask = async (...input: Parameters<typeof askRaw>): Promise<{ readonly status: number; readonly body: any }> => askRaw(...input);
const COMMANDS = [{ action: "deploy", targets: ["staging"] }];
const PATIENT = { timeout: 60_000, interval: 50 };

const offerAt = async ({ localAddress }: Headless): Promise<string> =>
  (await ask(localAddress, "POST", "/admin/voice/handlers", { commands: COMMANDS })).body.handler_id;
const fetchAt = async ({ localAddress }: Headless, handlerId: string, wait = 0) =>
  ask(localAddress, "GET", `/admin/voice/handlers/${handlerId}/commands?wait=${wait}`);
const speakAt = async ({ phoneAddress }: Headless, token: string, over: object = {}) =>
  (await ask(phoneAddress, "POST", "/phone/voice-command", { command_text: "deploy staging", device_id: "phone", ...over }, token)).body;
const settleAt = async ({ localAddress }: Headless, commandId: string) =>
  (await ask(localAddress, "POST", `/admin/voice/commands/${commandId}/result`, { status: "done", message: "Staging is live." })).status;
const resultsAt = async ({ phoneAddress }: Headless, token: string): Promise<unknown[]> =>
  (await ask(phoneAddress, "GET", "/phone/inbox", undefined, token)).body.messages.filter(
    ({ type }: { readonly type: string }) => type === "command_result",
  );

describe.skipIf(!hasPostgres)("a voice command over several servers on one database", () => {
  it("is given at one, tapped at another, run by an IDE of a third, and answered once", async () => {
    const [a, b, c] = await startServers(3);
    if (!a || !b || !c) return expect.fail("no servers");
    const token = await pairPhone(a, "phone");
    const handlerId = await offerAt(a);
    const { command_id, status } = await speakAt(b, token);
    expect(status).toBe("needs_confirmation");
    const fetching = fetchAt(a, handlerId, 60);
    const taps = await Promise.all([c, b, a].map(async (server) => speakAt(server, token, { confirms: command_id })));
    expect(taps.map((tap) => tap.status).sort()).toEqual(["accepted", "not_understood", "not_understood"]);
    expect((await fetching).body.commands).toMatchObject([
      { command_id, action: "deploy", target: "staging", user_id: "ada", device_id: "phone" },
    ]);

    const settled = await Promise.all([a, b, c].map(async (server) => settleAt(server, command_id)));
    expect(settled.sort()).toEqual([204, 404, 404]);
    await vi.waitFor(async () => expect(await resultsAt(b, token)).toMatchObject([{ payload: { command_id, status: "done" } }]), PATIENT);

    expect((await ask(c.localAddress, "DELETE", `/admin/voice/handlers/${handlerId}`)).status).toBe(204);
    expect((await speakAt(b, token)).status).toBe("no_handler");
  });

  it("outlives the server that the IDE registered with: the IDE goes on at another one", async () => {
    const [a, b] = await startServers(2);
    if (!a || !b) return expect.fail("no servers");
    const token = await pairPhone(a, "phone");
    const handlerId = await offerAt(a);
    const give = async (): Promise<string> => {
      const { command_id } = await speakAt(b, token);
      expect((await speakAt(b, token, { confirms: command_id })).status).toBe("accepted");
      return command_id;
    };
    const taken = await give();
    expect((await fetchAt(a, handlerId)).body.commands).toMatchObject([{ command_id: taken }]);
    const waiting = await give();
    a.child.kill("SIGKILL");
    await a.ended;

    expect(await settleAt(b, taken)).toBe(204);
    expect((await fetchAt(b, handlerId)).body.commands).toMatchObject([{ command_id: waiting }]);
    // The IDE closes while a command is under way: its phone gets an answer all the same.
    expect((await ask(b.localAddress, "DELETE", `/admin/voice/handlers/${handlerId}`)).status).toBe(204);
    await vi.waitFor(
      async () =>
        expect(await resultsAt(b, token)).toMatchObject([
          { payload: { command_id: taken, status: "done" } },
          { payload: { command_id: waiting, status: "failed" } },
        ]),
      PATIENT,
    );
  });
});

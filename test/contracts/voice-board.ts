import { expect, it, vi } from "vitest";
import type { VoiceBoard, VoiceCommand } from "../../src/core/index.ts";
import { PATIENT } from "./leases.ts";

/** The boards of two servers that share a storage; of one server they are the same. `pass` lets so many milliseconds pass for both. */
export interface MadeBoards {
  readonly first: VoiceBoard;
  readonly second: VoiceBoard;
  readonly pass: (milliseconds: number) => Promise<void>;
}

const COMMANDS = [{ action: "deploy", targets: ["staging", "a \u0000 \ud800"] }] as const;
const LAPSE = 120_000;
const DONE = { status: "done", message: "Staging is live." } as const;
const GONE = { status: "failed", message: "It is gone." } as const;
const OVERDUE = { status: "failed", message: "It does not answer." } as const;
/** What is given for handlers that do not answer. */
export const ANSWERS = { gone: GONE, overdue: OVERDUE };
const WITHIN = 900_000;

export function commandOf(commandId: string): VoiceCommand {
  return { commandId, action: "deploy", target: "staging", userId: "ada", deviceId: "phone" };
}

/** What every adapter promises. */
export function voiceBoardContract(make: () => Promise<MadeBoards>): void {
  it("shows what was offered at any server, the oldest first, until it is withdrawn", async () => {
    const { first, second } = await make();
    await first.offer({ handlerId: "one", commands: COMMANDS }, LAPSE);
    await second.offer({ handlerId: "two", commands: [] });
    expect(await first.offers()).toEqual(await second.offers());
    expect(await first.offers()).toEqual([
      { handlerId: "one", commands: COMMANDS },
      { handlerId: "two", commands: [] },
    ]);
    await second.offer({ handlerId: "two", commands: COMMANDS });
    expect((await first.offers()).map(({ commands }) => commands)).toEqual([COMMANDS, COMMANDS]);
    expect([await first.withdraw("two"), await second.withdraw("two"), await first.withdraw("never \u0000")]).toEqual([true, false, false]);
    expect(await second.offers()).toHaveLength(1);
  });

  it("forgets an offer that nobody renews, and says so", async () => {
    const { first, second, pass } = await make();
    await first.offer({ handlerId: "one", commands: COMMANDS }, LAPSE);
    await first.offer({ handlerId: "this process", commands: COMMANDS });
    await pass(LAPSE - 10_000);
    expect(await second.renew("one", LAPSE)).toBe(true);
    await pass(LAPSE - 10_000);
    expect(await second.offers()).toHaveLength(2);
    await pass(20_000);
    expect(await second.offers()).toMatchObject([{ handlerId: "this process" }]);
    expect([await first.renew("one", LAPSE), await first.queue("one", commandOf("c")), await first.withdraw("one")]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it("lets one of many confirm a command, of its own phone and in time", async () => {
    const { first, second, pass } = await make();
    const action = { kind: "run", action: "deploy", target: "staging \u0000", handlerId: "one" } as const;
    await first.ask({ commandId: "c", jti: "jti", action }, 30_000);
    expect(await second.confirm("c", "another")).toBeUndefined();
    const confirmed = await Promise.all(Array.from({ length: 10 }, async (_, index) => [first, second][index % 2]?.confirm("c", "jti")));
    expect(confirmed.filter((found) => found !== undefined)).toEqual([action]);
    await second.ask({ commandId: "late", jti: "jti", action }, 30_000);
    await pass(31_000);
    expect(await first.confirm("late", "jti")).toBeUndefined();
    expect(await first.confirm("unknown \u0000", "jti")).toBeUndefined();
  });

  it("wakes the handler wherever it waits, and gives each command once, in order", async () => {
    const { first, second } = await make();
    await first.offer({ handlerId: "one", commands: COMMANDS }, LAPSE);
    await first.offer({ handlerId: "apart", commands: COMMANDS }, LAPSE);
    const woken = vi.fn();
    const stop = first.listen("one", woken);
    for (const id of ["1", "2", "3"]) expect(await second.queue("one", commandOf(id))).toBe(true);
    await vi.waitFor(() => expect(woken).toHaveBeenCalled(), PATIENT);
    stop();
    expect([await first.countQueued("one"), await second.countQueued("apart")]).toEqual([3, 0]);
    const taken = await Promise.all(Array.from({ length: 6 }, async (_, index) => [first, second][index % 2]?.take("one", WITHIN) ?? []));
    expect(taken.filter((commands) => commands.length > 0)).toEqual([["1", "2", "3"].map(commandOf)]);
    expect(await first.countQueued("one")).toBe(0);
  });

  it("takes one outcome of each command, from whatever server", async () => {
    const { first, second } = await make();
    await first.offer({ handlerId: "one", commands: COMMANDS }, LAPSE);
    await second.queue("one", commandOf("c"));
    const settled = await Promise.all(Array.from({ length: 8 }, async (_, index) => [first, second][index % 2]?.settle("c", DONE)));
    expect(settled.filter((found) => found !== undefined)).toEqual([{ command: commandOf("c"), outcome: DONE, isLate: false }]);
    expect(await first.settle("unknown \u0000", DONE)).toBeUndefined();
    expect(await second.take("one", WITHIN)).toEqual([]);
  });

  it("gives out what has no answer: of handlers that are gone at once, and of servers that are gone after a while", async () => {
    const { first, second, pass } = await make();
    await first.offer({ handlerId: "one", commands: COMMANDS }, LAPSE);
    await first.offer({ handlerId: "other", commands: COMMANDS }, LAPSE);
    for (const id of ["queued", "running", "settled"]) await first.queue("one", commandOf(id));
    await first.take("one", WITHIN);
    await first.queue("one", commandOf("later"));
    await first.queue("other", commandOf("apart"));
    await second.settle("settled", DONE);
    expect(await second.takeUnanswered(ANSWERS)).toEqual([]);
    await second.withdraw("one");

    const unanswered = (await Promise.all([first, second, first].map(async (board) => board.takeUnanswered(ANSWERS)))).flat();
    expect(unanswered.map(({ command }) => command.commandId).sort()).toEqual(["later", "queued", "running"]);
    expect(unanswered.every(({ outcome }) => outcome.message === GONE.message)).toBe(true);
    const later = unanswered.find(({ command }) => command.commandId === "later");
    if (later) await first.forget(later);
    await pass(20_000);
    const again = await second.takeUnanswered(ANSWERS);
    expect(again.map(({ command, outcome }) => [command.commandId, outcome.status]).sort()).toEqual([
      ["queued", "failed"],
      ["running", "failed"],
      ["settled", "done"],
    ]);
    for (const settled of again) await second.forget(settled);
    await pass(20_000);
    expect(await first.takeUnanswered(ANSWERS)).toEqual([]);
    // Only what is settled can be forgotten.
    await first.forget({ command: commandOf("apart"), outcome: DONE, isLate: false });
    expect(await first.countQueued("other")).toBe(1);
  });

  it("answers for a handler that took a command and does not answer, wherever it was lost, and takes its answer later", async () => {
    const { first, second, pass } = await make();
    const renewed = async (milliseconds: number): Promise<void> => {
      await pass(milliseconds);
      await second.offer({ handlerId: "one", commands: COMMANDS }, LAPSE);
    };
    await first.offer({ handlerId: "one", commands: COMMANDS }, LAPSE);
    for (const id of ["1", "2", "3"]) await first.queue("one", commandOf(id));
    // The server that took them was gone before its answer left.
    await first.take("one", WITHIN);
    await first.queue("one", commandOf("waiting"));
    await renewed(WITHIN - 10_000);
    expect(await second.takeUnanswered(ANSWERS)).toEqual([]);
    await renewed(20_000);
    const overdue = (await Promise.all([first, second, first].map(async (board) => board.takeUnanswered(ANSWERS)))).flat();
    expect(overdue.toSorted((one, other) => one.command.commandId.localeCompare(other.command.commandId))).toEqual(
      ["1", "2", "3"].map((id) => ({ command: commandOf(id), outcome: OVERDUE, isLate: false })),
    );
    const [one, two, three] = ["1", "2", "3"].map((id) => overdue.find(({ command }) => command.commandId === id));
    if (!one || !two || !three) return expect.fail("not overdue");

    // Its phone has the first one, and nobody knows of the second; both are answered late, once.
    await first.forget(one);
    const late = await Promise.all(["1", "1", "2", "2"].map(async (id, index) => [first, second][index % 2]?.settle(id, DONE)));
    expect(late.filter((found) => found !== undefined)).toEqual([
      { command: commandOf("1"), outcome: DONE, isLate: true },
      { command: commandOf("2"), outcome: DONE, isLate: true },
    ]);
    // What was sent before is not taken for the answer.
    await second.forget(two);
    await renewed(20_000);
    const again = await second.takeUnanswered(ANSWERS);
    expect(again.map(({ command, outcome, isLate }) => [command.commandId, outcome.message, isLate]).sort()).toEqual([
      ["1", DONE.message, true],
      ["2", DONE.message, true],
      ["3", OVERDUE.message, false],
    ]);
    for (const settled of again) await first.forget(settled);
    await renewed(20_000);
    expect(await first.takeUnanswered(ANSWERS)).toEqual([]);
    expect(await first.settle("1", DONE)).toBeUndefined();

    // For a day.
    await renewed(23 * 3_600_000);
    await first.takeUnanswered(ANSWERS);
    expect(await second.settle("3", DONE)).toMatchObject({ isLate: true });
    await second.queue("one", commandOf("4"));
    await second.take("one", WITHIN);
    await renewed(WITHIN);
    for (const settled of await first.takeUnanswered(ANSWERS)) await first.forget(settled);
    await renewed(25 * 3_600_000);
    await first.takeUnanswered(ANSWERS);
    expect(await second.settle("4", DONE)).toBeUndefined();
  });
}

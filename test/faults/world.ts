import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import path from "node:path";
import type { Headless } from "../e2e/headless.ts";
import { type Answered, ask, type Question } from "./ask.ts";
import { dice } from "./dice.ts";

/** Limits so wide that they count and never refuse. */
export const WIDE = {
  // The faults are of disks, clocks and processes: phones are paired by programs here, and nobody confirms them.
  PAIRING_LOCAL_AUTH: "off",
  SMS_PROVIDER: "mock",
  PAIRING_INVITE_EXPIRY_MINUTES: "1440",
  PAIRING_RATE_LIMIT_SCALE: "1000000",
  PAIRING_SMS_PER_NUMBER_PER_DAY: "1000000000",
  PAIRING_SMS_PER_DAY: "1000000000",
};

export function storageOf(home: string): string {
  return path.join(home, ".topdog", "pairing");
}

let serial = 0;
/** Never the same again: three messages to one number in ten minutes are the limit. */
export function nextNumber(): string {
  const line = serial++;
  return `+1${[212, 415, 503, 617, 702][line % 5]}${220 + (Math.floor(line / 50_000) % 700)}${String(Math.floor(line / 5) % 10_000).padStart(4, "0")}`;
}

type Event = "send_sms_invite" | "cancel_invite" | "decline_invite" | "accept_invite" | "revoke_device" | "unpair_device";
type Status = "pending" | "accepted" | "cancelled";

interface Invite {
  readonly code: string;
  status: Status;
}

interface Phone {
  readonly deviceId: string;
  /** The token that was acknowledged last and not taken away since. */
  token?: string;
}

/** A question whose answer never came: it was done, or it was not. The next start shows which. */
interface Doubt {
  readonly what: string;
  /** Resolves `true` when it turns out to have been done. */
  readonly settle: (server: Headless) => Promise<boolean>;
}

export interface Writer {
  readonly userId: string;
  readonly invites: Invite[];
  readonly phones: Phone[];
  /** Tokens that must never work again. */
  readonly dead: string[];
  /** Audit lines that must be there, no more and no fewer. */
  readonly lines: Record<Event, number>;
  doubt: Doubt | undefined;
}

const EVENTS: readonly Event[] = ["send_sms_invite", "cancel_invite", "decline_invite", "accept_invite", "revoke_device", "unpair_device"];

/** The disk did not take the change, and the server reported it. */
class Refused extends Error {}

/** What a server on one storage folder has acknowledged, and whether it keeps its word. Writers have users of their own, so that none disturbs another's. */
export interface World {
  readonly writers: readonly Writer[];
  /** Acknowledged changes so far. */
  readonly acknowledged: () => number;
  /** Changes that were refused with 503 `storage_unavailable`: after that nothing may have changed. */
  readonly refused: () => number;
  /** Every writer without a doubt changes things, one after another, until it gets no answer or `stop` is called. */
  load(server: Headless, disk?: "good" | "failing"): Load;
  /** Finds out what became of the questions that got no answer. Answers how many were done. */
  settle(server: Headless): Promise<{ readonly doubts: number; readonly done: number }>;
  /** Rejects with what is not as it was acknowledged. Checks everything that is alive, at what changed since the last time, and at `older` of the rest. */
  check(server: Headless, older: number): Promise<void>;
}

export interface Load {
  stop(): void;
  /** Resolves at the first acknowledged change: a server that has just started needs a moment before it. */
  readonly begun: Promise<void>;
  /** Resolves when the last writer has ended; rejects when a server refused or contradicted itself. */
  readonly ended: Promise<void>;
}

export function createWorld(home: string, howManyWriters: number, seed: number): World {
  const roll = dice(seed);
  const writers = Array.from({ length: howManyWriters }, (_, index): Writer => {
    const userId = `writer-${index}`;
    return {
      userId,
      invites: [],
      phones: [0, 1, 2].map((number) => ({ deviceId: `phone-${number}` })),
      dead: [],
      lines: { send_sms_invite: 0, cancel_invite: 0, decline_invite: 0, accept_invite: 0, revoke_device: 0, unpair_device: 0 },
      doubt: undefined,
    };
  });
  let acknowledged = 0;
  let refused = 0;
  let failing = false;
  let wake: () => void = () => undefined;
  const trail = createTrail(path.join(storageOf(home), "pairing_audit.jsonl"));
  const checked = new Map(writers.map((writer) => [writer, { invites: 0, dead: 0 }]));

  const dies = (writer: Writer, phone: Phone, event: Event): void => {
    if (phone.token === undefined) return;
    writer.dead.push(phone.token);
    delete phone.token;
    writer.lines[event] += 1;
  };

  /** Asks, and notes the doubt while there is no answer. */
  const change = async (writer: Writer, doubt: Doubt, question: () => Promise<Answered>): Promise<any> => {
    writer.doubt = doubt;
    const { status, body } = await question();
    writer.doubt = undefined;
    if (failing && status === 503 && body.code === "storage_unavailable") {
      refused += 1;
      throw new Refused(doubt.what);
    }
    if (status !== 200) throw new Error(`${doubt.what} of ${writer.userId} was answered ${status}: ${JSON.stringify(body)}`);
    acknowledged += 1;
    wake();
    return body;
  };

  const send = async (server: Headless, writer: Writer): Promise<Invite> => {
    // Whether it is there cannot be asked without its code; the trail shows it.
    const doubt = {
      what: "send",
      settle: async () => (await trail.read()).count(writer, "send_sms_invite") > writer.lines.send_sms_invite,
    };
    const body = { phone_number: nextNumber(), user_id: writer.userId, user_name: "John Doe" };
    const { invite_code } = await change(writer, doubt, () =>
      ask(server.localAddress, "POST", "/phone/pairing/send-sms", { body, ...way() }),
    );
    writer.lines.send_sms_invite += 1;
    const invite: Invite = { code: invite_code, status: "pending" };
    writer.invites.push(invite);
    return invite;
  };

  const end = async (server: Headless, writer: Writer, invite: Invite): Promise<void> => {
    const declines = roll() < 0.5;
    const status = async (now: Headless): Promise<boolean> => (await statusOf(now, invite)) === "cancelled";
    const note = (): void => {
      invite.status = "cancelled";
      writer.lines[declines ? "decline_invite" : "cancel_invite"] += 1;
    };
    const doubt: Doubt = {
      what: "cancel",
      settle: async (now) => {
        const done = await status(now);
        if (done) note();
        return done;
      },
    };
    await change(writer, doubt, () =>
      declines
        ? ask(door(server), "POST", "/phone/pairing/decline-invite", { body: { invite_code: invite.code }, ...way() })
        : ask(server.localAddress, "DELETE", `/phone/pairing/invite/${invite.code}`, way()),
    );
    note();
  };

  const accept = async (server: Headless, writer: Writer, invite: Invite, phone: Phone): Promise<void> => {
    const question = {
      headers: { "idempotency-key": `key of ${invite.code}` },
      body: { invite_code: invite.code, device_id: phone.deviceId, device_name: "Phone", device_type: "ios" },
    };
    const note = ({ jwt_token }: { jwt_token: string }): void => {
      dies(writer, phone, "revoke_device");
      phone.token = jwt_token;
      invite.status = "accepted";
      writer.lines.accept_invite += 1;
    };
    const doubt: Doubt = {
      what: "accept",
      // A phone that got no answer asks again with the same key, and is paired, whether it had been or not.
      settle: async (now) => {
        const done = (await statusOf(now, invite)) === "accepted";
        const again = await ask(door(now), "POST", "/phone/pairing/accept-invite", { ...question, fresh: true });
        if (again.status !== 200) throw new Error(`an accept asked again was answered ${again.status}: ${JSON.stringify(again.body)}`);
        note(again.body);
        return done;
      },
    };
    note(await change(writer, doubt, () => ask(door(server), "POST", "/phone/pairing/accept-invite", { ...question, ...way() })));
  };

  const revoke = async (server: Headless, writer: Writer, phone: Phone): Promise<void> => {
    const { token = "" } = phone;
    const description = roll();
    const all = description > 0.85;
    const itself = description < 0.3;
    const victims = all ? writer.phones.filter((one) => one.token !== undefined) : [phone];
    const event = itself ? "unpair_device" : "revoke_device";
    const doubt: Doubt = {
      what: "revoke",
      settle: async (now) => {
        const before = victims.map((victim) => [victim, victim.token ?? ""] as const);
        let done = false;
        for (const [victim, shown] of before) {
          if ((await me(now, shown)).status === 200) continue;
          dies(writer, victim, event);
          done = true;
        }
        return done;
      },
    };
    await change(writer, doubt, () => {
      if (itself) return ask(door(server), "DELETE", "/phone/me", { headers: { authorization: `Bearer ${token}` }, ...way() });
      if (all) return ask(server.localAddress, "POST", "/phone/devices/revoke-all", { body: { user_id: writer.userId }, ...way() });
      return ask(server.localAddress, "DELETE", `/phone/devices/${phone.deviceId}?user_id=${writer.userId}`, way());
    });
    for (const victim of victims) dies(writer, victim, event);
  };

  const way = (): Pick<Question, "fresh"> => ({ fresh: roll() < 0.25 });
  const door = ({ localAddress, phoneAddress }: Headless): string => (roll() < 0.5 ? localAddress : phoneAddress);

  const writeOnce = async (server: Headless, writer: Writer, stopped: () => boolean): Promise<void> => {
    const invite = await send(server, writer);
    const what = roll();
    if (stopped() || what < 0.15) return;
    if (what < 0.3) {
      await end(server, writer, invite);
      return;
    }
    const phone = writer.phones[Math.floor(roll() * writer.phones.length)]!;
    await accept(server, writer, invite, phone);
    if (!stopped() && roll() < 0.5) await revoke(server, writer, phone);
  };

  return {
    writers,
    acknowledged: () => acknowledged,
    refused: () => refused,
    load(server, disk = "good") {
      failing = disk === "failing";
      let stop = false;
      const begun = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const each = writers.map(async (writer) => {
        while (!stop && writer.doubt === undefined) {
          try {
            await writeOnce(server, writer, () => stop);
          } catch (cause) {
            if (cause instanceof Refused) continue;
            // Without an answer there is a doubt; a wrong answer is a failure.
            if (writer.doubt === undefined) throw cause;
          }
        }
      });
      const ended = Promise.all(each).then(() => undefined);
      // Checked when the server has ended.
      ended.catch(() => undefined);
      return {
        ended,
        begun,
        stop() {
          stop = true;
        },
      };
    },
    async settle(server) {
      const doubtful = writers.filter((writer) => writer.doubt !== undefined);
      const settled = await Promise.all(
        doubtful.map(async (writer) => {
          const done = await writer.doubt?.settle(server);
          // One that was sent without an answer has a code that nobody knows.
          if (writer.doubt?.what === "send") writer.lines.send_sms_invite = (await trail.read()).count(writer, "send_sms_invite");
          writer.doubt = undefined;
          return done;
        }),
      );
      return { doubts: doubtful.length, done: settled.filter(Boolean).length };
    },
    async check(server, older) {
      const lines = await trail.read();
      for (const writer of writers) {
        for (const event of EVENTS) {
          const found = lines.count(writer, event);
          if (found !== writer.lines[event])
            throw new Error(`${writer.userId}: ${writer.lines[event]} × ${event} happened, the trail has ${found}`);
        }
      }
      await Promise.all(
        writers.map(async (writer) => {
          const seen = checked.get(writer)!;
          await Promise.all([
            ...someOf(writer.invites, seen.invites, older, roll).map(async (invite) => {
              const status = await statusOf(server, invite);
              if (status !== invite.status) throw new Error(`${writer.userId}: an invite that was ${invite.status} is ${status}`);
            }),
            ...someOf(writer.dead, seen.dead, older, roll).map(async (token) => {
              const { status, body } = await me(server, token);
              if (status !== 401) throw new Error(`${writer.userId}: a token taken away is answered ${status} ${JSON.stringify(body)}`);
            }),
            ...writer.phones.map(async ({ deviceId, token }) => {
              if (token === undefined) return;
              const { status, body } = await me(server, token);
              if (status !== 200)
                throw new Error(`${writer.userId}: the token of ${deviceId} is answered ${status} ${JSON.stringify(body)}`);
            }),
          ]);
          checked.set(writer, { invites: writer.invites.length, dead: writer.dead.length });
        }),
      );
    },
  };
}

export function me(server: Headless, token: string): Promise<Answered> {
  return ask(server.phoneAddress, "GET", "/phone/me", { headers: { authorization: `Bearer ${token}` } });
}

async function statusOf(server: Headless, { code }: Invite): Promise<string> {
  const { status, body } = await ask(server.phoneAddress, "GET", `/phone/pairing/invite/${code}`);
  return status === 200 ? body.status : `answered ${status}`;
}

/** All from `from` on, and `older` of those before. */
function someOf<Item>(items: readonly Item[], from: number, older: number, roll: () => number): readonly Item[] {
  if (older >= from) return items;
  const some = Array.from({ length: older }, () => items[Math.floor(roll() * from)]!);
  return [...some, ...items.slice(from)];
}

/** Follows the audit trail from where it was read last. Throws at the first line that is torn or out of turn. */
function createTrail(file: string): { read(): Promise<{ count(writer: Writer, event: Event): number }> } {
  const counts = new Map<string, number>();
  let end = 0;
  let seq = 0;
  return {
    async read() {
      const fd = openSync(file, "r");
      const bytes = Buffer.alloc(fstatSync(fd).size - end);
      readSync(fd, bytes, 0, bytes.length, end);
      closeSync(fd);
      end += bytes.length;
      const text = bytes.toString("utf8");
      if (text !== "" && !text.endsWith("\n")) throw new Error(`the trail ends with half a line: ${text.slice(-100)}`);
      for (const line of text.split("\n").filter(Boolean)) {
        const { seq: number, user_id, event } = JSON.parse(line) as { seq: number; user_id: string; event: string };
        seq += 1;
        if (number !== seq) throw new Error(`the trail goes from ${seq - 1} to ${number}`);
        const key = `${user_id} ${event}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      return { count: ({ userId }, event) => counts.get(`${userId} ${event}`) ?? 0 };
    },
  };
}

import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { Id } from "../../src/contract/fields.ts";
import { isPlainText } from "../../src/core/index.ts";
import { HOSTILE_STRINGS, MALFORMED_JSON, TRAVERSALS } from "../hostile-strings.ts";
import { exchange } from "./hidden-requests.ts";
import { type Answer, startServer, type TestServer } from "./server.ts";

const GENEROUS = { PAIRING_RATE_LIMIT_SCALE: "100000", PAIRING_SMS_PER_DAY: "100000" };
/** What breaks lines, moves the cursor, hides or reorders. Names may keep the dress of emoji. */
const UNCLEAN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029\u034F\u115F\u1160\u3164\uFFA0\uFE00-\uFE0D\u{E0100}-\u{E01EF}]/u;
const RAW_UNSEEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
const MESSAGE = /^={50}\nMOCK SMS \(Development Mode\)\nTo: \+\d+\nMessage:\n(Hi[^\n]*)\n\n(\S+)\n\nLink expires in 15 minutes\.\n={50}$/;
/** What phones make a link of. */
const LINKED = /\S+:\/\/\S*|\S\.[\p{L}\p{N}]\S*/gu;

/** Whether it was taken. Whatever is neither taken nor properly refused fails. */
const okOrRefused = (what: unknown, { status, body, text }: Answer): boolean => {
  expect([what, status]).toEqual([what, status === 200 ? 200 : 400]);
  if (status === 400) {
    expect([what, body.code]).toEqual([what, "invalid_request"]);
    // An error repeats nothing of the rejected input.
    expect(text.length).toBeLessThan(600);
  }
  return status === 200;
};

/** Every text in a stored value, with the name it has. */
function textsIn(value: unknown, name = ""): [name: string, text: string][] {
  if (typeof value === "string") return [[name, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => textsIn(item, key));
}

/** Pairs a phone whose every text is this one, as far as it is let. Answers the ids that were acknowledged. */
async function pairAs(server: TestServer, hostile: string, number: number): Promise<{ userId: string; deviceId: string }> {
  const short = hostile.slice(0, 80);
  const phone_number = `+1415555${1000 + number}`;
  const send = async (user_id: string) =>
    server.local("POST", "/phone/pairing/send-sms", {
      body: { phone_number, user_id, user_name: short, [hostile.slice(0, 100)]: hostile },
    });
  let userId = hostile;
  let sent = await send(userId);
  if (!okOrRefused(["user_id", hostile], sent)) {
    userId = "user123";
    sent = await send(userId);
    expect([hostile, sent.status]).toEqual([hostile, 200]);
  }
  const accept = async (device_id: string) =>
    server.phone("POST", "/phone/pairing/accept-invite", {
      headers: { "idempotency-key": `key-${number}`, "x-device-id": encodeURIComponent(hostile.toWellFormed()).slice(0, 1000) },
      body: {
        invite_code: sent.body.invite_code,
        device_id,
        device_name: short,
        device_type: short.slice(0, 40),
        os_version: short,
        app_version: short,
        [hostile]: { [hostile.slice(0, 100)]: hostile },
      },
    });
  let deviceId = hostile;
  let accepted = await accept(deviceId);
  if (!okOrRefused(["device_id", hostile], accepted)) {
    deviceId = `device-${number}`;
    accepted = await accept(deviceId);
    expect([hostile, accepted.status]).toEqual([hostile, 200]);
  }
  expect([accepted.body.user_id, accepted.body.device_id]).toEqual([userId, deviceId]);
  return { userId, deviceId };
}

/** Some at a time: each waits for the disk. */
async function atOnce<T>(texts: readonly string[], ask: (text: string, number: number) => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  for (let start = 0; start < texts.length; start += 20)
    answers.push(...(await Promise.all(texts.slice(start, start + 20).map(async (text, index) => ask(text, start + index)))));
  return answers;
}

describe("hostile strings", () => {
  it("as names, ids and versions are taken clean or refused, kept, and found again", async () => {
    const server = await startServer(GENEROUS);
    const acknowledged = await atOnce(HOSTILE_STRINGS, async (hostile, number) => pairAs(server, hostile, number));

    // One text message each: whole, with one link, and that is ours.
    const messages = server.printed.filter((line) => line.includes("MOCK SMS"));
    expect(messages).toHaveLength(acknowledged.length);
    for (const message of messages) {
      const [, greeting = "", link = ""] = MESSAGE.exec(message) ?? [];
      expect([message, greeting]).toEqual([message, expect.stringMatching(/^Hi.*! Click to pair your phone with Top Dog:$/u)]);
      expect(greeting).not.toMatch(UNCLEAN);
      expect([greeting, greeting.match(LINKED)]).toEqual([greeting, null]);
      expect(link).toMatch(new RegExp(`^${server.phoneAddress}/pair\\?code=[\\w-]{43}$`));
    }

    // What was acknowledged is there, under the very same ids, and can be found by them.
    const list = async (at: TestServer): Promise<any[]> => (await at.local("GET", "/phone/devices")).body;
    const idsOf = (devices: any[]): string[] => devices.map(({ user_id, device_id }) => JSON.stringify([user_id, device_id])).sort();
    const expected = [...new Set(acknowledged.map((ids) => JSON.stringify([ids.userId, ids.deviceId])))].sort();
    const devices = await list(server);
    expect(idsOf(devices)).toEqual(expected);
    for (const { user_id, device_id } of devices) {
      const target = `/phone/devices/${encodeURIComponent(device_id)}?user_id=${encodeURIComponent(user_id)}`;
      // As a browser would send it.
      const { pathname, search } = new URL(target, server.localAddress);
      const renamed = await server.local("PATCH", pathname + search, { body: { device_name: `Renamed ${device_id}`.slice(0, 80) } });
      expect([device_id, renamed.status]).toEqual([device_id, 200]);
      expect(renamed.body).toMatchObject({ user_id, device_id });
    }
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();

    await server.close();
    const again = await startServer({ ...GENEROUS, PAIRING_STORAGE_PATH: server.folder });
    expect(idsOf(await list(again))).toEqual(expected);

    const read = (name: string): string => readFileSync(path.join(server.folder, name), "utf8");
    for (const name of ["pairing_sessions.json", "paired_devices.json"]) {
      for (const [field, text] of textsIn(JSON.parse(read(name)))) {
        expect([name, field, text]).toEqual([name, field, expect.not.stringMatching(UNCLEAN)]);
        if (/Name|Version/i.test(field)) {
          expect(text.length).toBeLessThanOrEqual(40);
          expect(text).toBe(text.normalize("NFC"));
        } else expect(text.length).toBeLessThanOrEqual(256);
      }
    }
    // One event, one line; nothing in the trail or the log moves a cursor or breaks a line.
    const trail = read("pairing_audit.jsonl");
    expect(trail).not.toMatch(RAW_UNSEEN);
    const events = again.audit().map(({ event, seq }) => [seq, event]);
    const count = (wanted: string): number => events.filter(([, event]) => event === wanted).length;
    expect(events.map(([seq]) => seq)).toEqual(events.map((_, index) => index + 1));
    expect([count("send_sms_invite"), count("accept_invite"), count("rename_device")]).toEqual([
      acknowledged.length,
      acknowledged.length,
      devices.length,
    ]);
    const log = read(path.join("logs", "Top Dog-topdog.log"));
    expect(log).not.toMatch(RAW_UNSEEN);
    const lines = log
      .replaceAll(/={50}\nMOCK SMS[\s\S]*?\n={50}\n/g, "")
      .split("\n")
      .filter(Boolean);
    for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
  });

  it("in every other field are read or refused, and nothing breaks", async () => {
    const server = await startServer(GENEROUS);
    const code = await server.invite();
    await atOnce(HOSTILE_STRINGS, async (hostile) => {
      const typed = await server.local("POST", "/admin/phone-number", { body: { typed: hostile, country: hostile.slice(0, 2) } });
      okOrRefused(["typed", hostile], typed);
      const numbered = await server.local("POST", "/phone/pairing/send-sms", {
        body: { phone_number: `+1415555267${hostile}`, user_id: "u" },
      });
      expect([hostile, numbered.status]).toEqual([hostile, hostile === "0" ? 200 : 400]);
      const { status } = await server.phone("POST", "/phone/pairing/accept-invite", {
        body: { invite_code: hostile, device_id: "d", device_name: "x", device_type: "ios", push_token: hostile },
      });
      expect([hostile, [400, 404]]).toEqual([hostile, expect.arrayContaining([status])]);
      const wellFormed = encodeURIComponent(hostile.toWellFormed());
      if (wellFormed.length > 3000) return;
      for (const [door, target] of [
        ["phone", `/pair?token=${wellFormed}&otp=${wellFormed}`],
        ["local", `/phone/devices/${wellFormed}?user_id=${wellFormed}`],
      ] as const) {
        const answer = await server[door](door === "phone" ? "GET" : "DELETE", target);
        expect([target, [400, 404, 405]]).toEqual([target, expect.arrayContaining([answer.status])]);
      }
    });
    expect((await server.phone("GET", `/phone/pairing/invite/${code}`)).body.status).toBe("pending");
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("in a header are one value in one line of the trail", async () => {
    let now = Date.now();
    const env = { ...GENEROUS, PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: "the right token" };
    const server = await startServer(env, { clock: { now: () => now, steady: () => now } });
    const agents = HOSTILE_STRINGS.filter((text) => text !== "");
    const outcomes: (number | undefined)[] = [];
    for (const agent of agents) {
      // Denials of one minute have one line: each of these has a minute of its own.
      now += 60_000;
      await server.pairing.writeDenials();
      const { statuses } = await exchange(
        server.localAddress,
        `GET /phone/devices HTTP/1.1\r\nHost: localhost\r\nUser-Agent: ${Buffer.from(agent).toString("latin1")}\r\nConnection: close\r\n\r\n`,
      );
      // A header may end early and begin another; it never becomes a second request.
      expect([[401], [400], []]).toContainEqual(statuses);
      outcomes.push(statuses[0]);
    }
    const trail = readFileSync(path.join(server.folder, "pairing_audit.jsonl"), "utf8");
    expect(trail).not.toMatch(RAW_UNSEEN);
    const lines = server.audit();
    const read = outcomes.filter((status) => status !== 400).length;
    expect(read).toBeGreaterThan(100);
    expect(lines).toHaveLength(read);
    for (const { event, ua } of lines) expect([event, String(ua).length <= 256]).toEqual(["admin_denied", true]);
  });
});

describe("an id", () => {
  it("is refused for just the characters that a name loses", () => {
    // Where there are characters at all; of those that are not assigned, some.
    const points = [...Array(0x32000).keys(), ...Array.from({ length: 0x200 }, (_, index) => 0xe0000 + index)];
    const characters = points.map((point) => String.fromCodePoint(point));
    const [saved, lost] = [characters.filter(isPlainText), characters.filter((character) => !isPlainText(character))];
    for (let index = 0; index < saved.length; index += 100) {
      const id = saved.slice(index, index + 100).join("");
      expect([id, Id.safeParse(id).success]).toEqual([id, true]);
    }
    const some = lost.filter((character, index) => !/[\p{Cn}\p{Co}\p{Cs}]/u.test(character) || index % 100 === 0);
    expect(some.filter((character) => Id.safeParse(`x${character}`).success)).toEqual([]);
    expect(some.length).toBeGreaterThan(500);
  });

  it("is no step of a path: a browser would ask for another address", () => {
    for (const step of [".", ".."]) expect(Id.safeParse(step).success).toBe(false);
  });
});

describe("what is no JSON", () => {
  it("is refused at both doors, whatever it looks like", async () => {
    const server = await startServer(GENEROUS);
    for (const raw of MALFORMED_JSON)
      for (const [door, target] of [
        ["phone", "/phone/pairing/accept-invite"],
        ["local", "/phone/pairing/send-sms"],
      ] as const) {
        const { status, body } = await server[door]("POST", target, { raw, headers: { "content-type": "application/json" } });
        const large = Buffer.byteLength(raw) > 16 * 1024;
        expect([raw.slice(0, 40), status, body.code]).toEqual([
          raw.slice(0, 40),
          ...(large ? [413, "payload_too_large"] : [400, "invalid_request"]),
        ]);
      }
  });
});

describe("an address that resolves to another path", () => {
  const PLACES = [
    "/",
    "/assets/",
    "/docs/",
    "/docs/assets/",
    "/pair/",
    "/pair/assets/",
    "/phone/devices/",
    "/phone/pairing/invite/",
    "/.well-known/",
  ];

  it.each(["local", "phone"] as const)("is not found at the %s door", async (door) => {
    const server = await startServer(GENEROUS);
    for (const place of PLACES)
      for (const step of TRAVERSALS) {
        const target = place + step;
        const { status, headers, text } = await server[door]("GET", target);
        // The place itself is a page; a wrong method is not found at the phone door.
        const itself = /^\/(docs\/)?[./\\]*(\?.*)?$/.test(target);
        expect([target, [400, 404, 405, ...(itself ? [200] : [])]]).toEqual([target, expect.arrayContaining([status])]);
        expect([target, headers.location]).toEqual([target, undefined]);
        expect(text).not.toMatch(/"private"|root:|PRIVATE KEY|"sessions"|"devDependencies"/);
      }
  });
});

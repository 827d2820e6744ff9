import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type AddInvite,
  type Approval,
  type ApprovalCaps,
  type AuditEntry,
  type AuditQuestion,
  DAY,
  type Delivery,
  type Device,
  type Level,
  type ListPage,
  type ListPosition,
  levelOf,
  MINUTE,
  type NewMessage,
  type PairingSession,
  type PairingStore,
  SECOND,
  type SettleApproval,
  type SmsBudget,
  type TextMessage,
} from "../../src/core/index.ts";

export interface MadeStore {
  readonly store: PairingStore;
  /** Closes the store and opens another on its data. Absent where nothing survives the process. */
  readonly reopen?: () => Promise<PairingStore>;
  /** `reopen` is a start after a crash: when phones were last in contact may be forgotten, and nothing else. */
  readonly crashes?: boolean;
  /** Takes a backup. Returns a function that restores it a minute later: it closes the store and opens another on the copy. */
  readonly backUp?: () => Promise<() => Promise<PairingStore>>;
  /** The audit trail, oldest first. */
  readonly audit?: () => Promise<readonly Record<string, unknown>[]>;
}

export const NOON = Date.UTC(2026, 0, 15, 12);
export const CAPS: ApprovalCaps = { pendingPerUser: 20, bytesPerUser: 1_000_000 };
const GENEROUS: SmsBudget = { perNumberPerTenMinutes: 1000, perNumberPerDay: 1000, perDay: 1_000_000 };

export function sessionOf(id: string, over: Partial<PairingSession> = {}): PairingSession {
  return {
    sessionId: `session-${id}`,
    method: "sms",
    codeHash: `code-${id}`,
    status: "pending",
    userId: "ada",
    userName: "Ada Lovelace",
    phoneNumber: "+14155550101",
    baseUrl: "https://pair.example.com",
    createdAt: NOON,
    expiresAt: NOON + 15 * MINUTE,
    ...(over.method === "qr" ? {} : { textId: `text-${id}` }),
    ...over,
  };
}

/** The text message that carries the link of `session`. */
function textOf(
  { textId = "", phoneNumber, baseUrl, createdAt, sessionId, userId }: PairingSession,
  over: Partial<TextMessage> = {},
): TextMessage {
  return { id: textId, purpose: "invite", to: phoneNumber, baseUrl, sends: [createdAt], sessionId, userId, ...over };
}

/** What adds an invite with its text message. */
export function inviteOf(session: PairingSession, over: Partial<TextMessage> = {}): Pick<AddInvite, "session" | "text"> {
  return session.textId === undefined ? { session } : { session, text: textOf(session, over) };
}

export function deliveryOf(state: Delivery["state"], over: Partial<Delivery> = {}): Delivery {
  return { state, at: NOON, more: false, ...over };
}

export function deviceOf(id: string, jti: string, over: Partial<Device> = {}): Device {
  return {
    deviceId: id,
    userId: "ada",
    deviceName: "Ada's iPhone",
    deviceType: "ios",
    osVersion: "17.1",
    appVersion: "1.0.0",
    status: "active",
    pairedVia: "sms",
    pairedAt: NOON,
    lastSeen: NOON,
    expiresAt: NOON + 30 * DAY,
    jti,
    sessionId: "session-1",
    ...over,
  };
}

export function entry(event: AuditEntry["event"] = "accept_invite", over: Partial<AuditEntry> = {}): AuditEntry {
  return { event, ip: "203.0.113.7", ...over };
}

export function phone(deviceId: string, userId = "ada"): Pick<Device, "userId" | "deviceId"> {
  return { userId, deviceId };
}

export function messageOf(id: string, over: Partial<NewMessage> = {}): NewMessage {
  return {
    messageId: `message-${id}`,
    content: {
      type: "notification",
      build: {
        buildId: "b",
        projectName: "p",
        status: "success",
        message: `Nr ${id} \u2028 \ud800`,
        priority: "normal",
        actionRequired: false,
      },
    },
    sentAt: NOON,
    expiresAt: NOON + 7 * DAY,
    ...over,
  };
}

export function askOf(id: string): NewMessage {
  return messageOf(`ask-${id}`, { content: { type: "approval_request", approvalId: `approval-${id}` } });
}

export function settledOf(id: string): NewMessage {
  return messageOf(`settled-${id}`, { content: { type: "approval_settled", approvalId: `approval-${id}` } });
}

export function approvalOf(id: string, over: Partial<Approval> = {}): Omit<Approval, "userIds"> {
  return {
    approvalId: `approval-${id}`,
    messageId: `message-ask-${id}`,
    buildId: "build",
    projectName: "Top Dog",
    plan: "rm -r dist\nnpm run build\u202e",
    affectedFiles: ["dist/a", "dist/b"],
    estimatedDuration: 5,
    contentSha256: "c".repeat(64),
    requestedAt: NOON,
    expiresAt: NOON + 10 * MINUTE,
    status: "pending",
    ...over,
  };
}

/**
 * The contract of the port. Each test runs on a fresh store; where state survives the process, the result is checked again after
 * a restart.
 */
export function pairingStoreContract(name: string, make: () => Promise<MadeStore>): void {
  describe(`${name}: the promises of the pairing store`, () => {
    let made: MadeStore;
    let store: PairingStore;
    beforeEach(async () => {
      made = await make();
      store = made.store;
    });
    afterEach(async () => {
      await store.close();
    });

    const invite = async (id: string, over: Partial<PairingSession> = {}, budget: SmsBudget = GENEROUS, text: Partial<TextMessage> = {}) =>
      store.addInvite({
        ...inviteOf(sessionOf(id, over), text),
        budget,
        at: over.createdAt ?? NOON,
        audit: [entry("send_sms_invite")],
      });
    const accept = async (id: string, device: Device, at = NOON + MINUTE) =>
      store.acceptInvite({ codeHash: `code-${id}`, device, at: () => at, audit: [entry()] });
    const pair = async (id: string, deviceId: string, jti: string, over: Partial<Device> = {}) => {
      await invite(id, over.userId === undefined ? {} : { userId: over.userId });
      const accepted = await accept(id, deviceOf(deviceId, jti, { sessionId: `session-${id}`, ...over }));
      if (accepted.kind !== "accepted") throw new Error("not paired");
      return accepted;
    };
    const audited = async (): Promise<readonly Record<string, unknown>[]> => (await made.audit?.()) ?? [];
    /** Runs `check` now and, where possible, after a restart. */
    const nowAndLater = async (check: () => Promise<void>): Promise<void> => {
      await check();
      if (!made.reopen) return;
      store = await made.reopen();
      await check();
    };

    describe("invites", () => {
      it("finds an invite by its code and by its id, whole", async () => {
        const session = sessionOf("1", {
          userName: "Zoë \u2028 \u{1F436} \ud800",
        });
        const text = textOf(session, { delivery: deliveryOf("unknown"), sends: [NOON, NOON + 1] });
        expect(await store.addInvite({ session, text, budget: GENEROUS, at: NOON, audit: [entry("send_sms_invite")] })).toEqual({
          kind: "added",
        });
        await nowAndLater(async () => {
          expect(await store.findByCode("code-1")).toEqual(session);
          expect(await store.findSession("session-1")).toEqual(session);
          expect(await store.findText("text-1")).toEqual(text);
        });
      });

      it.each(["", "nope", "__proto__", "constructor", "code-1"])("knows no invite with the code or id %j", async (word) => {
        expect(await store.findByCode(word)).toBeUndefined();
        expect(await store.findSession(word)).toBeUndefined();
      });

      it.each(["__proto__", "constructor", "prototype", "a.b", "../../etc/passwd"])(
        "keeps an invite and a phone whose ids are %j",
        async (id) => {
          const session = sessionOf("x", { sessionId: id, codeHash: id, userId: id });
          await store.addInvite({ ...inviteOf(session), at: NOON, audit: [] });
          const device = deviceOf(id, id, { userId: id, sessionId: id });
          await store.acceptInvite({ codeHash: id, device, at: () => NOON, audit: [] });
          await nowAndLater(async () => {
            expect((await store.findByCode(id))?.status).toBe("accepted");
            expect(await store.findDevices(id)).toEqual([device]);
            expect((await store.findByTokenId(id)).device).toEqual(device);
            expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
          });
        },
      );

      it("lists the newest first, and of the same moment the one that came last", async () => {
        await invite("old", { createdAt: NOON - DAY });
        await invite("first");
        await invite("second");
        await invite("older", { createdAt: NOON - 2 * DAY });
        await nowAndLater(async () => {
          expect((await store.listSessions()).map((session) => session.codeHash)).toEqual([
            "code-second",
            "code-first",
            "code-old",
            "code-older",
          ]);
        });
      });

      it("refuses a second invite with a code that is taken, and keeps the first", async () => {
        await invite("1");
        await expect(invite("1", { userId: "eve" })).rejects.toThrow();
        expect((await store.findByCode("code-1"))?.userId).toBe("ada");
      });

      it("costs nothing without a budget, as a QR code does", async () => {
        await store.addInvite({ session: sessionOf("qr", { method: "qr", phoneNumber: "" }), at: NOON, audit: [] });
        const none: SmsBudget = { perNumberPerTenMinutes: 1, perNumberPerDay: 1, perDay: 1 };
        expect(await invite("1", {}, none)).toEqual({ kind: "added" });
      });
    });

    describe("lists in pages", () => {
      type Read<Item> = (question: { most: number; at: number; after?: ListPosition }) => Promise<ListPage<Item>>;
      const allPages = async <Item>(
        read: Read<Item>,
        most: number,
        between: (page: number) => Promise<unknown> = async () => undefined,
      ) => {
        const items: Item[] = [];
        let after: ListPosition | undefined;
        for (let page = 1; page < 100; page += 1) {
          const { items: some, next } = await read({ most, at: NOON, ...(after ? { after } : {}) });
          expect(some.length).toBeLessThanOrEqual(most);
          items.push(...some);
          if (!next) return items;
          after = next;
          await between(page);
        }
        throw new Error("the pages have no end");
      };
      const ids = (sessions: readonly PairingSession[]): string[] => sessions.map(({ sessionId }) => sessionId.replace("session-", ""));

      it("have every session once, the newest first, also across a restart in between", async () => {
        // Some with equal times, and some added later with an earlier time.
        for (const [index, ago] of [3, 0, 0, 0, 2, 0, 9, 1, 0, 4].entries()) await invite(String(index), { createdAt: NOON - ago });
        const whole = ids(await store.listSessions());
        expect(whole).toEqual(["8", "5", "3", "2", "1", "7", "4", "0", "9", "6"]);
        const { reopen } = made;
        for (const most of [1, 2, 3, 9, 10, 11])
          expect(ids(await allPages((question) => store.pageOfSessions(question), most))).toEqual(whole);
        let open = true;
        const paged = await allPages(
          (question) => store.pageOfSessions(question),
          3,
          async () => {
            if (reopen && open) store = await reopen();
            open = false;
          },
        );
        expect(ids(paged)).toEqual(whole);
      });

      it("stay as they are while others come, change and go", async () => {
        for (let index = 0; index < 10; index += 1) await pair(String(index), `phone-${index}`, `jti-${index}`, { pairedAt: NOON + index });
        const seen = await allPages(
          (question) => store.pageOfDevices(question),
          2,
          async (page) => {
            if (page === 1) await pair("new", "phone-new", "jti-new", { pairedAt: NOON + DAY });
            // The last record of the page has changed and is now at the top.
            if (page === 2) await pair("again", "phone-6", "jti-again", { pairedAt: NOON + DAY });
            if (page === 3) await store.revokeDevice({ ...phone("phone-4"), at: NOON, audit: [] });
          },
        );
        expect(seen.map(({ deviceId }) => deviceId.replace("phone-", ""))).toEqual(["9", "8", "7", "6", "5", "4", "3", "2", "1", "0"]);
        await nowAndLater(async () =>
          expect((await store.listDevices()).map(({ deviceId }) => deviceId.replace("phone-", ""))).toEqual([
            "6",
            "new",
            "9",
            "8",
            "7",
            "5",
            "4",
            "3",
            "2",
            "1",
            "0",
          ]),
        );
      });

      it("have only what is looked for, and an end also where nothing is found", async () => {
        await pair("1", "pixel", "jti-1", { deviceName: "Zoë's Telefón", userId: "straße" });
        await pair("2", "iphone", "jti-2", { deviceName: "John's iPhone" });
        await store.revokeDevice({ ...phone("iphone"), at: NOON, audit: [] });
        await invite("3", { phoneNumber: "+4915123456789", method: "sms", userName: "Łukasz" });
        const found = async (text: string) => [
          ...(await allPages((question) => store.pageOfDevices({ ...question, filter: { text } }), 1)).map(({ deviceId }) => deviceId),
          ...ids(await allPages((question) => store.pageOfSessions({ ...question, filter: { text } }), 1)),
        ];
        await nowAndLater(async () => {
          for (const text of ["zoe telefon", "ZOË", "STRASSE", "straße", "PIXEL zoe"])
            expect([text, (await found(text))[0]]).toEqual([text, "pixel"]);
          for (const text of ["lukasz", "ŁUKASZ", "session-3", "0151 234-567", "0049 (151) 234", "+49 151 23456789", "٠١٥١٢٣٤", "१५१२३"])
            expect([text, await found(text)]).toEqual([text, ["3"]]);
          // The number that a phone was paired with finds the phone as well.
          expect(await found("(415) 555-0101")).toEqual(["iphone", "pixel", "2", "1"]);
          for (const text of ["nobody", "zoe john", "999 999", "[", "%"]) expect([text, await found(text)]).toEqual([text, []]);
          const { items } = await store.pageOfDevices({ at: NOON, most: 10, filter: { statuses: ["revoked"] } });
          expect(items.map(({ deviceId }) => deviceId)).toEqual(["iphone"]);
          expect(await store.countDevices()).toEqual({ active: 1, suspended: 0, revoked: 1 });
          const statuses = async (at: number) =>
            ids((await store.pageOfSessions({ at, most: 10, filter: { statuses: ["pending"] } })).items);
          expect([await statuses(NOON), await statuses(NOON + DAY)]).toEqual([["3"], []]);
          expect(ids((await store.pageOfSessions({ at: NOON, most: 10, filter: { userId: "straße" } })).items)).toEqual(["1"]);
        });
      });

      it("let others be answered in between, however many there are", async () => {
        await Promise.all(
          Array.from({ length: 3000 }, async (_, index) =>
            invite(String(index), {}, { perNumberPerTenMinutes: 1e9, perNumberPerDay: 1e9, perDay: 1e9 }),
          ),
        );
        let turns = 0;
        let read = true;
        const count = (): void => {
          turns += 1;
          if (read) setImmediate(count);
        };
        setImmediate(count);
        const { items, next } = await store.pageOfSessions({ at: NOON, most: 3000, filter: { text: "nobody has this name" } });
        read = false;
        expect([items, next]).toEqual([[], undefined]);
        expect(turns).toBeGreaterThan(0);
      });
    });

    describe("accepting", () => {
      it("pairs the phone and spends the invite in one change", async () => {
        await invite("1");
        const device = deviceOf("phone", "jti-1", { pushToken: "push", sessionId: "session-1" });
        const receipt = { keyHash: "key", requestHash: "request", acceptedAt: NOON + MINUTE };
        const accepted = await store.acceptInvite({ codeHash: "code-1", device, receipt, at: () => NOON + MINUTE, audit: [entry()] });
        const session = { ...sessionOf("1"), status: "accepted", acceptedAt: NOON + MINUTE, deviceId: "phone", jti: "jti-1", receipt };
        expect(accepted).toEqual({ kind: "accepted", session });
        await nowAndLater(async () => {
          expect(await store.findByCode("code-1")).toEqual(session);
          expect(await store.findByTokenId("jti-1")).toEqual({ device, revoked: false });
          expect(await store.listDevices()).toEqual([device]);
        });
      });

      it("accepts until the last millisecond, and not at the end itself", async () => {
        await invite("1");
        await invite("2");
        expect((await accept("1", deviceOf("a", "jti-a"), NOON + 15 * MINUTE)).kind).toBe("refused");
        expect((await accept("2", deviceOf("a", "jti-a"), NOON + 15 * MINUTE - 1)).kind).toBe("accepted");
      });

      it("answers an invite it cannot accept as it was found", async () => {
        expect(await accept("none", deviceOf("a", "jti-a"))).toEqual({ kind: "refused", session: undefined });
        await invite("1");
        await store.cancelInvite({ codeHash: "code-1", at: () => NOON, audit: [] });
        expect(await accept("1", deviceOf("a", "jti-a"))).toEqual({ kind: "refused", session: sessionOf("1", { status: "cancelled" }) });
        expect(await store.listDevices()).toEqual([]);
      });

      it("pairs one phone when fifty tap at once", async () => {
        await invite("1");
        const all = await Promise.all(
          Array.from({ length: 50 }, async (_, index) => accept("1", deviceOf(`phone-${index}`, `jti-${index}`))),
        );
        const winners = all.filter((one) => one.kind === "accepted");
        expect(winners).toHaveLength(1);
        for (const one of all) expect(one.session).toEqual(winners[0]?.session);
        await nowAndLater(async () => {
          expect((await store.listDevices()).map((device) => device.jti)).toEqual([winners[0]?.session.jti]);
        });
        expect((await audited()).filter((line) => line["event"] === "accept_invite").length).toBe(made.audit ? 1 : 0);
      });

      it("replaces a phone that pairs anew: its old token is revoked, its old session marked", async () => {
        await pair("1", "phone", "jti-1");
        await store.updateDevice({ userId: "ada", deviceId: "phone", set: { status: "suspended" }, at: NOON, audit: [] });
        const again = await pair("2", "phone", "jti-2");
        expect(again.replacedTokenId).toBe("jti-1");
        await nowAndLater(async () => {
          expect((await store.listDevices()).map(({ jti, status }) => [jti, status])).toEqual([["jti-2", "active"]]);
          expect(await store.findByTokenId("jti-1")).toEqual({ device: undefined, revoked: true });
          expect((await store.findByTokenId("jti-2")).revoked).toBe(false);
          expect((await store.findByCode("code-1"))?.revokedAt).toBe(NOON + MINUTE);
          expect((await store.findByCode("code-2"))?.revokedAt).toBeUndefined();
        });
      });

      it.each(["active", "suspended"] as const)(
        "an unconfirmed phone replaces no confirmed one that is %s, and spends nothing",
        async (status) => {
          await pair("1", "phone", "jti-1");
          await store.updateDevice({ userId: "ada", deviceId: "phone", set: { status }, at: NOON, audit: [] });
          await invite("2");
          const unconfirmed = deviceOf("phone", "jti-2", { sessionId: "session-2", confirmed: false });
          const tried = await Promise.all(Array.from({ length: 20 }, async () => accept("2", unconfirmed)));
          expect(new Set(tried.map(({ kind }) => kind))).toEqual(new Set(["taken"]));
          await nowAndLater(async () => {
            expect((await store.listDevices()).map((device) => [device.jti, device.status])).toEqual([["jti-1", status]]);
            expect((await store.findByTokenId("jti-1")).revoked).toBe(false);
            expect(await store.findByCode("code-2")).toEqual(sessionOf("2"));
          });
          // Under another id, or once the other one is revoked, the same invite is accepted.
          await store.revokeDevice({ userId: "ada", deviceId: "phone", at: NOON, audit: [] });
          expect((await accept("2", unconfirmed)).kind).toBe("accepted");
        },
      );

      it("names the phones that wait for a confirmation, the suspended ones included", async () => {
        const waiting = async () => (await store.listUnconfirmedDevices()).map(({ deviceId }) => deviceId).sort();
        await pair("1", "sure", "jti-1");
        for (const id of ["a", "b", "c", "d"]) await pair(id, id, `jti-${id}`, { confirmed: false });
        await store.updateDevice({ userId: "ada", deviceId: "b", set: { confirmed: true }, at: NOON, audit: [] });
        await store.updateDevice({ userId: "ada", deviceId: "c", set: { status: "suspended" }, at: NOON, audit: [] });
        await store.revokeDevice({ userId: "ada", deviceId: "d", at: NOON, audit: [] });
        await nowAndLater(async () => expect(await waiting()).toEqual(["a", "c"]));
        await pair("2", "a", "jti-2");
        expect(await waiting()).toEqual(["c"]);
      });

      it("keeps two users' phones of one id apart", async () => {
        await pair("1", "phone", "jti-1");
        const other = await pair("2", "phone", "jti-2", { userId: "bob" });
        expect(other.replacedTokenId).toBeUndefined();
        await nowAndLater(async () => {
          expect((await store.findDevices("phone")).map((device) => device.userId).sort()).toEqual(["ada", "bob"]);
          expect((await store.findByTokenId("jti-1")).revoked).toBe(false);
        });
        await store.revokeDevice({ userId: "bob", deviceId: "phone", at: NOON, audit: [] });
        expect((await store.findByTokenId("jti-1")).device?.status).toBe("active");
      });

      it("puts a phone that was revoked back with a new token; the old one stays revoked", async () => {
        await pair("1", "phone", "jti-1");
        await store.revokeDevice({ userId: "ada", deviceId: "phone", at: NOON, audit: [] });
        expect((await pair("2", "phone", "jti-2")).replacedTokenId).toBeUndefined();
        await nowAndLater(async () => {
          expect((await store.findByTokenId("jti-1")).revoked).toBe(true);
          expect((await store.findByTokenId("jti-2")).device?.status).toBe("active");
          expect((await store.findByCode("code-1"))?.revokedAt).toBe(NOON);
        });
      });
    });

    describe("a one-time password", () => {
      const guess = async (otpHash: string, at = NOON) =>
        store.tryOtp({ codeHash: "code-qr", otpHash, most: 5, at: () => at, audit: [entry("otp_failed")] });
      const open = async () => invite("qr", { method: "qr", phoneNumber: "", otp: { hash: "right", wrong: 0 } });

      it("is right or counted, and the fifth wrong one cancels the invite for good", async () => {
        await open();
        expect(await guess("right")).toEqual({ kind: "right" });
        for (let wrong = 1; wrong <= 5; wrong += 1) {
          const tried = await guess(`wrong-${wrong}`);
          expect(tried).toMatchObject({ kind: "wrong", session: { otp: { wrong }, status: wrong < 5 ? "pending" : "cancelled" } });
        }
        await nowAndLater(async () => {
          expect(await guess("right")).toMatchObject({ kind: "refused", session: { status: "cancelled" } });
          expect(
            await store.acceptInvite({ codeHash: "code-qr", device: deviceOf("1", "jti-1"), at: () => NOON, audit: [] }),
          ).toMatchObject({
            kind: "refused",
          });
        });
        if (made.audit) expect((await made.audit()).filter((line) => line["event"] === "otp_failed")).toHaveLength(5);
      });

      it("is checked five times however many guess at once", async () => {
        await open();
        const tried = await Promise.all(Array.from({ length: 100 }, async (_, index) => guess(`wrong-${index}`)));
        expect(tried.filter(({ kind }) => kind === "wrong")).toHaveLength(5);
        expect(tried.filter(({ kind }) => kind === "refused")).toHaveLength(95);
      });

      it("helps nobody once the time is up", async () => {
        await open();
        expect(await guess("right", NOON + DAY)).toMatchObject({ kind: "refused", session: { status: "pending" } });
      });
    });

    describe("claims", () => {
      const UNTIL = NOON + 2 * MINUTE;
      const claim = async (code: string, name: string, digits = "47", more: { at?: number; key?: string } = {}) =>
        store.openClaim({
          codeHash: `code-${code}`,
          claim: {
            claimId: `${code}.${name}`,
            secretHash: `secret-${name}`,
            claimedAt: NOON,
            expiresAt: UNTIL,
            phone: { deviceId: name, deviceName: name, deviceType: "ios", osVersion: "18", appVersion: "web" },
            caller: { ip: "203.0.113.7", ua: "a browser" },
            ...(more.key === undefined ? {} : { receipt: { keyHash: more.key, requestHash: "request", acceptedAt: NOON } }),
          },
          digits,
          most: 3,
          at: () => more.at ?? NOON,
          audit: [entry("claim_opened")],
        });
      const confirm = async (code: string, name: string, at = NOON) =>
        store.confirmClaim({
          codeHash: `code-${code}`,
          claimId: `${code}.${name}`,
          device: deviceOf(code, `jti-${name}`, { deviceId: name }),
          at: () => at,
          audit: [entry("confirm_device")],
        });
      const close = async (code: string, at = NOON) =>
        store.closeClaims({ codeHash: `code-${code}`, most: 5, at: () => at, audit: [entry("claim_closed")] });
      const digitsOf = (opened: Awaited<ReturnType<typeof claim>>): string => ("claim" in opened ? opened.claim.digits : opened.kind);
      const waiting = async (at = NOON) => (await store.listClaimed(at)).map(({ sessionId }) => sessionId);

      it("have digits that no other open claim has, three of one invite at most", async () => {
        await invite("1");
        await invite("2");
        const digits = [];
        for (const name of ["a", "b", "c"]) digits.push(digitsOf(await claim("1", name)));
        digits.push(digitsOf(await claim("2", "d")));
        expect(digits[0]).toBe("47");
        expect(new Set(digits).size).toBe(4);
        expect(await claim("1", "e")).toEqual({ kind: "too-many", retryAt: UNTIL });
        await nowAndLater(async () => expect((await waiting()).sort()).toEqual(["session-1", "session-2"]));
        expect(await waiting(UNTIL)).toEqual([]);
        // Those that are over make room, and their digits may be used again.
        expect(digitsOf(await claim("1", "f", "47", { at: UNTIL }))).toBe("47");
      });

      it("of many at once have different digits, and never more than there are", async () => {
        for (let n = 0; n < 40; n++) await invite(`many-${n}`);
        const all = await Promise.all(
          Array.from({ length: 120 }, async (_, n) => claim(`many-${n % 40}`, `phone-${n}`, String(n % 100).padStart(2, "0"))),
        );
        const opened = all.filter(({ kind }) => kind === "opened").map(digitsOf);
        expect([opened.length, new Set(opened).size]).toEqual([100, 100]);
        expect(all.filter(({ kind }) => kind === "too-many")).toHaveLength(20);
      });

      it("find the same request again", async () => {
        await invite("1");
        await claim("1", "a", "47", { key: "key" });
        await nowAndLater(async () =>
          expect(await claim("1", "b", "11", { key: "key" })).toMatchObject({ kind: "known", claim: { claimId: "1.a", digits: "47" } }),
        );
        expect(await claim("1", "c", "11", { key: "another" })).toMatchObject({ kind: "opened" });
      });

      it("are confirmed once, however many confirm at once, and the others are closed", async () => {
        await invite("1");
        for (const name of ["a", "b", "c"]) await claim("1", name, "47", { key: `key-${name}` });
        const tried = await Promise.all(["a", "b", "c", "a", "b"].map(async (name) => confirm("1", name)));
        expect(tried.map(({ kind }) => kind).filter((kind) => kind === "accepted")).toHaveLength(1);
        await nowAndLater(async () => {
          expect(await waiting()).toEqual([]);
          const session = await store.findByCode("code-1");
          expect(session).toMatchObject({ status: "accepted", jti: "jti-a", receipt: { keyHash: "key-a" } });
          expect(session?.claims?.map(({ claimId }) => claimId)).toEqual(["1.a"]);
          expect((await store.findByTokenId("jti-a")).device?.deviceId).toBe("a");
          expect((await store.findByTokenId("jti-b")).device).toBeUndefined();
        });
      });

      it("may be confirmed after the invite's time, never after their own", async () => {
        await invite("1", { expiresAt: NOON + MINUTE });
        await claim("1", "a");
        await store.expireDue(NOON + MINUTE);
        expect(await claim("1", "late", "11", { at: NOON + MINUTE })).toMatchObject({ kind: "refused" });
        expect((await confirm("1", "a", UNTIL)).kind).toBe("refused");
        expect((await confirm("1", "a", UNTIL - 1)).kind).toBe("accepted");
      });

      it("are closed by wrong digits, and the fifth wrong entry cancels the invite", async () => {
        await invite("1");
        expect(await close("1")).toBeUndefined();
        for (let wrong = 1; wrong <= 5; wrong++) {
          await claim("1", `phone-${wrong}`);
          expect(await close("1")).toMatchObject({ wrongDigits: wrong, status: wrong < 5 ? "pending" : "cancelled" });
          expect((await confirm("1", `phone-${wrong}`)).kind).toBe("refused");
        }
        await nowAndLater(async () => {
          expect(await store.findByCode("code-1")).toMatchObject({ status: "cancelled", cancelReason: "wrong_digits", wrongDigits: 5 });
          expect(await claim("1", "late")).toMatchObject({ kind: "refused", session: { status: "cancelled" } });
        });
        if (made.audit) expect((await audited()).filter((line) => line["event"] === "claim_closed")).toHaveLength(5);
      });

      it("are forgotten when their time is over, with what was known of their phones", async () => {
        await invite("1");
        await claim("1", "a");
        await claim("1", "b");
        await store.expireDue(UNTIL - 1);
        expect((await store.findByCode("code-1"))?.claims).toHaveLength(2);
        await store.expireDue(UNTIL);
        await nowAndLater(async () => expect(await store.findByCode("code-1")).toEqual(sessionOf("1")));
        if (made.audit)
          expect((await audited()).filter((line) => line["event"] === "claim_closed").map((line) => line["reason"])).toEqual([
            "expired",
            "expired",
          ]);
      });

      it("end when their invite is cancelled", async () => {
        await invite("1");
        await claim("1", "a");
        await store.cancelInvite({ codeHash: "code-1", at: () => NOON, audit: [] });
        expect(await waiting()).toEqual([]);
        expect((await confirm("1", "a")).kind).toBe("refused");
      });
    });

    describe("ending", () => {
      it("cancels a pending invite once, also after its time and after the sweep", async () => {
        await invite("1");
        await invite("2");
        const first = await store.cancelInvite({ codeHash: "code-1", at: () => NOON + DAY, audit: [entry("cancel_invite")] });
        expect(first).toEqual({ session: sessionOf("1", { status: "cancelled" }), changed: true });
        expect(await store.cancelInvite({ codeHash: "code-1", at: () => NOON, audit: [entry("cancel_invite")] })).toEqual({
          ...first,
          changed: false,
        });
        await store.expireDue(NOON + DAY);
        expect((await store.cancelInvite({ codeHash: "code-2", at: () => NOON + DAY, audit: [] })).session?.status).toBe("cancelled");
        if (made.audit) expect((await audited()).filter((line) => line["event"] === "cancel_invite")).toHaveLength(1);
      });

      it("cancels only an invite that is still in time where that is asked for", async () => {
        await invite("1");
        const late = { at: () => NOON + 15 * MINUTE, audit: [entry("decline_invite")] };
        expect(await store.cancelInvite({ codeHash: "code-1", onlyInTime: true, ...late })).toEqual({
          session: sessionOf("1"),
          changed: false,
        });
        await store.expireDue(NOON + 15 * MINUTE);
        expect(await store.cancelInvite({ codeHash: "code-1", onlyInTime: true, ...late })).toMatchObject({ changed: false });
        await invite("3");
        const early = { ...late, at: () => NOON + 15 * MINUTE - 1 };
        expect(await store.cancelInvite({ codeHash: "code-3", onlyInTime: true, ...early })).toMatchObject({ changed: true });
        if (made.audit) expect((await audited()).filter((line) => line["event"] === "decline_invite")).toHaveLength(1);
      });

      it("leaves an accepted invite accepted, and knows none where there is none", async () => {
        await pair("1", "phone", "jti-1");
        const { session, changed } = await store.cancelInvite({ codeHash: "code-1", at: () => NOON, audit: [entry("cancel_invite")] });
        expect([session?.status, changed]).toEqual(["accepted", false]);
        expect(await store.cancelInvite({ codeHash: "none", at: () => NOON, audit: [] })).toEqual({ session: undefined, changed: false });
      });

      it("expires what is due, each once and with its line, and nothing else", async () => {
        await invite("due");
        await invite("later", { expiresAt: NOON + DAY });
        await pair("used", "phone", "jti-1");
        expect(await store.expireDue(NOON + 15 * MINUTE - 1)).toBe(0);
        expect(await Promise.all([store.expireDue(NOON + 15 * MINUTE), store.expireDue(NOON + 15 * MINUTE)]).then(([a, b]) => a + b)).toBe(
          1,
        );
        await nowAndLater(async () => {
          expect((await store.findByCode("code-due"))?.status).toBe("expired");
          expect((await store.findByCode("code-later"))?.status).toBe("pending");
          expect((await store.findByCode("code-used"))?.status).toBe("accepted");
        });
        if (!made.audit) return;
        const lines = (await audited()).filter((line) => line["event"] === "invite_expired");
        expect(lines).toEqual([
          expect.objectContaining({ session_id: "session-due", user_id: "ada", ts: new Date(NOON + 15 * MINUTE).toISOString() }),
        ]);
      });

      it("judges an acceptance by the clock at the moment of the change", async () => {
        const end = NOON + 15 * MINUTE;
        for (let round = 0; round < 20; round += 1) {
          const id = `round-${round}`;
          let now = end - 1;
          await invite(id);
          const before = store.appendAudit(NOON, entry("admin_denied"));
          const accepting = store.acceptInvite({
            codeHash: `code-${id}`,
            device: deviceOf(id, `jti-${id}`),
            at: () => now,
            audit: [entry()],
          });
          await Promise.resolve();
          now = end;
          const expired = store.expireDue(now, `code-${id}`);
          const [accepted, due] = await Promise.all([accepting, expired, before]);
          expect(due).toBe(accepted.kind === "accepted" ? 0 : 1);
          expect((await store.findByCode(`code-${id}`))?.status).toBe(accepted.kind === "accepted" ? "accepted" : "expired");
        }
      });

      it("expires only the one that is named", async () => {
        await invite("1");
        await invite("2");
        expect(await store.expireDue(NOON + 15 * MINUTE - 1, "code-1")).toBe(0);
        expect(await store.expireDue(NOON + DAY, "code-1")).toBe(1);
        expect(await store.expireDue(NOON + DAY, "code-none")).toBe(0);
        expect((await store.findByCode("code-2"))?.status).toBe("pending");
      });

      it("expires very many at once", async () => {
        await Promise.all(Array.from({ length: 1000 }, async (_, index) => invite(String(index))));
        expect(await store.expireDue(NOON + DAY)).toBe(1000);
        expect(await store.expireDue(NOON + DAY)).toBe(0);
      });

      it("lets exactly one of accept, cancel and expire happen, whatever their order", async () => {
        const moves = {
          accept: async (id: string) => (await accept(id, deviceOf(`phone-${id}`, `jti-${id}`))).kind === "accepted",
          cancel: async (id: string) => (await store.cancelInvite({ codeHash: `code-${id}`, at: () => NOON, audit: [] })).changed,
          // A lifetime of a minute and a clock that jumped: expired for the sweep, in time for the phone.
          expire: async () => (await store.expireDue(NOON + 20 * MINUTE)) > 0,
        };
        const orders = [
          ["accept", "cancel"],
          ["cancel", "accept"],
          ["accept", "expire"],
          ["expire", "accept"],
          ["cancel", "expire"],
        ] as const;
        for (const [number, [one, other]] of orders.entries()) {
          for (let round = 0; round < 10; round += 1) {
            const id = `${number}-${round}`;
            await invite(id);
            const happened = await Promise.all([moves[one](id), moves[other](id)]);
            const status = (await store.findByCode(`code-${id}`))?.status;
            // Cancelling what the sweep marked is allowed; every other pair excludes each other.
            if (!(happened[0] && happened[1] && status === "cancelled")) expect(happened.filter(Boolean)).toHaveLength(1);
            expect((await store.findByTokenId(`jti-${id}`)).device !== undefined).toBe(status === "accepted");
          }
        }
      });
    });

    describe("sending again", () => {
      const renew = async (id: string, at: number, budget = GENEROUS, baseUrl = "https://new.example.com", waits: number[] = []) =>
        store.renewInvite({
          waits,
          codeHash: `code-${id}`,
          expiresAt: at + 15 * MINUTE,
          budget,
          baseUrl,
          at,
          audit: [entry("resend_sms_invite")],
        });

      it("gives a pending or an expired invite a new end", async () => {
        await invite("1", {}, GENEROUS, { delivery: deliveryOf("failed") });
        await store.expireDue(NOON + DAY);
        const renewed = await renew("1", NOON + DAY);
        const session = sessionOf("1", {
          expiresAt: NOON + DAY + 15 * MINUTE,
          baseUrl: "https://new.example.com",
        });
        const text = textOf(session, { sends: [NOON, NOON + DAY] });
        expect(renewed).toEqual({ kind: "renewed", session, text, before: sessionOf("1", { status: "expired" }) });
        await nowAndLater(async () => {
          expect(await store.findByCode("code-1")).toEqual(session);
          expect(await store.findText("text-1")).toEqual(text);
        });
        expect(await store.expireDue(NOON + DAY)).toBe(0);
        expect((await renew("1", NOON + 2 * DAY)).kind).toBe("renewed");
      });

      it("gives a message time to arrive, each longer than the one before, unless it is known not to arrive", async () => {
        const waits = [30 * SECOND, MINUTE];
        const again = async (at: number, budget = GENEROUS) => renew("1", at, budget, "", waits);
        await invite("1");
        expect(await again(NOON + 29 * SECOND)).toEqual({ kind: "too-soon", retryAt: NOON + 30 * SECOND });
        expect(await store.findByCode("code-1")).toEqual(sessionOf("1"));
        const first = NOON + 30 * SECOND;
        expect((await again(first)).kind).toBe("renewed");
        expect(await again(first + SECOND)).toEqual({ kind: "too-soon", retryAt: first + MINUTE });
        const one = { ...GENEROUS, perNumberPerDay: 1 };
        expect(await again(first + SECOND, one)).toEqual({ kind: "over-budget", retryAt: first + DAY });
        const second = first + MINUTE;
        expect((await again(second)).kind).toBe("renewed");
        expect(await again(second + SECOND)).toEqual({ kind: "too-soon", retryAt: second + MINUTE });
        await store.noteDelivery({ textId: "text-1", send: 3, delivery: deliveryOf("failed"), at: second, audit: [] });
        expect((await again(second + SECOND)).kind).toBe("renewed");
      });

      it("keeps nobody waiting for a message that is dated after now, because the clock was set back since", async () => {
        const again = async (at: number) => renew("1", at, GENEROUS, "", [30 * SECOND, MINUTE]);
        await invite("1");
        expect((await again(NOON - DAY)).kind).toBe("renewed");
        expect(await again(NOON - DAY)).toEqual({ kind: "too-soon", retryAt: NOON - DAY + MINUTE });
        expect((await again(NOON - DAY + MINUTE)).kind).toBe("renewed");
      });

      it("says when there is room for another text", async () => {
        await invite("1");
        const two: SmsBudget = { ...GENEROUS, perNumberPerTenMinutes: 2 };
        const next = async (at: number) => store.nextText({ text: textOf(sessionOf("1")), budget: two, at });
        expect(await next(NOON)).toBeUndefined();
        await renew("1", NOON + MINUTE);
        await nowAndLater(async () => {
          expect(await next(NOON + 2 * MINUTE)).toBe(NOON + 10 * MINUTE);
          expect(await next(NOON + 10 * MINUTE)).toBeUndefined();
        });
      });

      it("refuses invites that are used, cancelled or unknown", async () => {
        await pair("used", "phone", "jti-1");
        await invite("gone");
        await store.cancelInvite({ codeHash: "code-gone", at: () => NOON, audit: [] });
        expect(await renew("used", NOON)).toMatchObject({ kind: "refused", session: { status: "accepted" } });
        expect(await renew("gone", NOON)).toMatchObject({ kind: "refused", session: { status: "cancelled" } });
        expect(await renew("none", NOON)).toEqual({ kind: "refused", session: undefined });
      });

      it("takes a failed resend back, but not its cost", async () => {
        await invite("1");
        const renewed = await renew("1", NOON + MINUTE);
        if (renewed.kind !== "renewed") throw new Error("not renewed");
        await store.noteDelivery({
          textId: "text-1",
          send: 2,
          delivery: deliveryOf("failed"),
          outcome: { kind: "restore", before: renewed.before },
          at: NOON + MINUTE,
          audit: [entry("sms_failed")],
        });
        await nowAndLater(async () => {
          expect(await store.findByCode("code-1")).toEqual(sessionOf("1"));
          expect(await store.findText("text-1")).toMatchObject({ delivery: deliveryOf("failed"), sends: [NOON, NOON + MINUTE] });
        });
        const two: SmsBudget = { ...GENEROUS, perNumberPerTenMinutes: 2 };
        expect((await renew("1", NOON + 2 * MINUTE, two)).kind).toBe("over-budget");
      });

      it("does not take back what happened since: an accept, a cancel, another resend", async () => {
        for (const since of ["accept", "cancel", "resend"] as const) {
          await invite(since);
          const renewed = await renew(since, NOON + MINUTE);
          if (renewed.kind !== "renewed") throw new Error("not renewed");
          if (since === "accept") await accept(since, deviceOf(since, `jti-${since}`));
          if (since === "cancel") await store.cancelInvite({ codeHash: `code-${since}`, at: () => NOON, audit: [] });
          if (since === "resend") await renew(since, NOON + 5 * MINUTE);
          const before = await store.findByCode(`code-${since}`);
          const textBefore = await store.findText(`text-${since}`);
          for (const outcome of [
            { kind: "restore", before: renewed.before } as const,
            ...(since === "resend" ? [] : [{ kind: "cancel" } as const]),
          ]) {
            await store.noteDelivery({
              textId: `text-${since}`,
              send: 2,
              delivery: deliveryOf("failed"),
              outcome,
              at: NOON,
              audit: [],
            });
            // A third message was sent: the second one's delivery no longer counts.
            expect(await store.findByCode(`code-${since}`)).toEqual(before);
            expect(await store.findText(`text-${since}`)).toEqual(
              since === "resend" ? textBefore : { ...textBefore, delivery: deliveryOf("failed") },
            );
          }
        }
      });

      it("ends an invite whose first message failed, and only notes one whose way is unknown", async () => {
        await invite("1");
        await invite("2");
        await store.noteDelivery({
          textId: "text-1",
          send: 1,
          delivery: deliveryOf("failed"),
          outcome: { kind: "cancel" },
          at: NOON,
          audit: [],
        });
        await store.noteDelivery({ textId: "text-2", send: 1, delivery: deliveryOf("unknown"), at: NOON, audit: [] });
        await store.noteDelivery({ textId: "none", send: 1, delivery: deliveryOf("unknown"), at: NOON, audit: [] });
        expect(await store.findByCode("code-1")).toEqual(sessionOf("1", { status: "cancelled", cancelReason: "send_failed" }));
        expect(await store.findByCode("code-2")).toEqual(sessionOf("2"));
        expect((await store.findText("text-1"))?.delivery).toEqual(deliveryOf("failed"));
        expect((await store.findText("text-2"))?.delivery).toEqual(deliveryOf("unknown"));
        expect(await store.findText("none")).toBeUndefined();
      });
    });

    describe("what is reported of a message", () => {
      const report = async (state: Delivery["state"], send = 1, audit: readonly AuditEntry[] = []): Promise<boolean> =>
        store.noteDelivery({ textId: "text-1", send, delivery: deliveryOf(state, { at: NOON + SECOND }), at: NOON + SECOND, audit });

      it("only goes forward, whatever the order and however often", async () => {
        await invite("1");
        expect(await report("sent")).toBe(true);
        for (const late of ["unknown", "handed_over", "sent"] as const) expect(await report(late)).toBe(false);
        expect(await report("undelivered", 1, [entry("sms_failed", { reason: "filtered" })])).toBe(true);
        for (const late of ["delivered", "undelivered", "failed", "sent"] as const)
          expect(await report(late, 1, [entry("sms_failed", { reason: "again" })])).toBe(false);
        await nowAndLater(async () => {
          expect((await store.findText("text-1"))?.delivery).toEqual(deliveryOf("undelivered", { at: NOON + SECOND }));
        });
      });

      it("is of the last message alone", async () => {
        await invite("1", {}, GENEROUS, { sends: [NOON, NOON + 1] });
        expect(await report("delivered", 1)).toBe(false);
        expect(await report("delivered", 3)).toBe(false);
        expect(await report("sent", 2)).toBe(true);
      });

      it("keeps why, and the provider's own code", async () => {
        await invite("1");
        const delivery = deliveryOf("undelivered", { more: true, fault: "filtered", provider: "twilio", providerCode: "30007" });
        await store.noteDelivery({ textId: "text-1", send: 1, delivery, at: NOON, audit: [] });
        await nowAndLater(async () => expect((await store.findText("text-1"))?.delivery).toEqual(delivery));
      });

      it("is followed for a test message, which is no invite", async () => {
        const { sessionId: _, ...test } = textOf(sessionOf("1"), { purpose: "test" });
        expect(await store.addText({ text: test, budget: GENEROUS, at: NOON, audit: [] })).toEqual({ kind: "added" });
        expect(await report("delivered")).toBe(true);
        await nowAndLater(async () => {
          expect(await store.lastTestText(NOON)).toEqual({ ...test, delivery: deliveryOf("delivered", { at: NOON + SECOND }) });
          expect(await store.lastTestText(NOON + 1)).toBeUndefined();
          expect(await store.listSessions()).toEqual([]);
          expect(await store.countMessages(NOON)).toBe(1);
        });
      });

      it("notes once that a person saw the page, and only while it could be answered", async () => {
        await invite("1");
        await invite("2");
        await store.cancelInvite({ codeHash: "code-2", at: () => NOON, audit: [] });
        expect(await store.noteOpened({ codeHash: "code-1", at: NOON + SECOND })).toBe(true);
        expect(await store.noteOpened({ codeHash: "code-1", at: NOON + MINUTE })).toBe(false);
        expect(await store.noteOpened({ codeHash: "code-2", at: NOON })).toBe(false);
        expect(await store.noteOpened({ codeHash: "none", at: NOON })).toBe(false);
        await nowAndLater(async () => {
          expect(await store.findByCode("code-1")).toEqual(sessionOf("1", { openedAt: NOON + SECOND }));
          expect((await store.findByCode("code-2"))?.openedAt).toBeUndefined();
        });
      });
    });

    describe("the text message budget", () => {
      const budget: SmsBudget = { perNumberPerTenMinutes: 3, perNumberPerDay: 5, perDay: 8 };
      const send = async (id: string, at: number, phoneNumber = "+14155550101") => invite(id, { createdAt: at, phoneNumber }, budget);

      it("allows three in ten minutes to one number; the fourth when the first is ten minutes old, and not a moment sooner", async () => {
        for (const [index, at] of [NOON, NOON + 1000, NOON + 2000].entries())
          expect(await send(`a${index}`, at)).toEqual({ kind: "added" });
        const retryAt = NOON + 10 * MINUTE;
        expect(await send("early", NOON + 3000)).toEqual({ kind: "over-budget", retryAt });
        expect(await send("early", retryAt - 1)).toEqual({ kind: "over-budget", retryAt });
        expect(await store.findByCode("code-early")).toBeUndefined();
        await nowAndLater(async () => expect(await send("early", retryAt - 1)).toEqual({ kind: "over-budget", retryAt }));
        expect(await send("b", retryAt)).toEqual({ kind: "added" });
        expect(await send("c", retryAt)).toEqual({ kind: "over-budget", retryAt: retryAt + 1000 });
      });

      it("counts a day per number and per host, to the millisecond", async () => {
        for (let index = 0; index < 5; index += 1) await send(`a${index}`, NOON + index * 20 * MINUTE);
        expect(await send("more", NOON + 2 * 60 * MINUTE)).toEqual({ kind: "over-budget", retryAt: NOON + DAY });
        for (let index = 0; index < 3; index += 1)
          expect((await send(`b${index}`, NOON + 3 * 60 * MINUTE, "+442079460000")).kind).toBe("added");
        expect(await send("host", NOON + 4 * 60 * MINUTE, "+33142685300")).toEqual({ kind: "over-budget", retryAt: NOON + DAY });
        await nowAndLater(async () => {
          expect(await send("host", NOON + DAY - 1, "+33142685300")).toEqual({ kind: "over-budget", retryAt: NOON + DAY });
        });
        expect(await send("host", NOON + DAY, "+33142685300")).toEqual({ kind: "added" });
      });

      it("counts texts about approvals separately from invites", async () => {
        const one: SmsBudget = { ...budget, perNumberPerTenMinutes: 1 };
        const approvalText = (id: string, at: number): TextMessage => ({
          ...textOf(sessionOf(id), { purpose: "approval", approvalId: "approval-1", deviceId: "phone", sends: [at] }),
        });
        const addText = async (id: string, at: number) => store.addText({ text: approvalText(id, at), budget: one, at, audit: [] });
        expect((await invite("a", {}, one)).kind).toBe("added");
        expect((await addText("b", NOON)).kind).toBe("added");
        await nowAndLater(async () => {
          expect(await addText("c", NOON + MINUTE)).toEqual({ kind: "over-budget", retryAt: NOON + 10 * MINUTE });
          expect(await invite("d", { createdAt: NOON + MINUTE }, one)).toEqual({ kind: "over-budget", retryAt: NOON + 10 * MINUTE });
          for (const question of [{ approvalId: "approval-1" }, { userId: "ada" }])
            expect(await store.listApprovalTexts(question)).toEqual([approvalText("b", NOON)]);
          for (const question of [{ approvalId: "approval-2" }, { userId: "eve" }])
            expect(await store.listApprovalTexts(question)).toEqual([]);
          expect(await store.listSessions()).toHaveLength(1);
        });
      });

      it("counts resends, and names the later of two ends", async () => {
        await send("1", NOON);
        const renew = async (at: number) =>
          store.renewInvite({
            codeHash: "code-1",
            expiresAt: at + MINUTE,
            budget: { ...budget, perNumberPerDay: 2 },
            waits: [],
            baseUrl: "",
            at,
            audit: [],
          });
        expect((await renew(NOON + SECOND)).kind).toBe("renewed");
        expect(await renew(NOON + 2 * SECOND)).toEqual({ kind: "over-budget", retryAt: NOON + DAY });
        expect((await store.findText("text-1"))?.sends).toEqual([NOON, NOON + SECOND]);
      });

      it("lets exactly as many through as there is room for when twenty ask at once", async () => {
        const all = await Promise.all(Array.from({ length: 20 }, async (_, index) => send(`s${index}`, NOON)));
        expect(all.filter((one) => one.kind === "added")).toHaveLength(3);
        expect(await store.listSessions()).toHaveLength(3);
      });

      it("waits at most for what is allowed now when the allowance was lowered, and never when it is zero", async () => {
        for (let index = 0; index < 3; index += 1) await send(`a${index}`, NOON + index * 1000);
        const lower = { ...budget, perNumberPerTenMinutes: 1 };
        expect(await invite("b", { createdAt: NOON + 5000 }, lower)).toEqual({ kind: "over-budget", retryAt: NOON + 2000 + 10 * MINUTE });
        const none = { ...budget, perDay: 0 };
        expect(await invite("c", { createdAt: NOON + 5000, phoneNumber: "+33142685300" }, none)).toMatchObject({ kind: "over-budget" });
      });

      it("blocks for one window at most after the clock was set back", async () => {
        for (let index = 0; index < 3; index += 1) await send(`a${index}`, NOON);
        expect((await send("b", NOON - DAY - MINUTE)).kind).toBe("added");
        const blocked = await send("c", NOON - 5 * MINUTE);
        expect(blocked).toEqual({ kind: "over-budget", retryAt: NOON + 5 * MINUTE });
      });
    });

    describe("devices", () => {
      it("changes name and status of a phone that is not revoked", async () => {
        await pair("1", "phone", "jti-1");
        const set = async (change: { deviceName?: string; status?: "active" | "suspended" }) =>
          store.updateDevice({ userId: "ada", deviceId: "phone", set: change, at: NOON, audit: [entry("rename_device")] });
        expect(await set({ deviceName: "Work phone" })).toEqual(deviceOf("phone", "jti-1", { deviceName: "Work phone" }));
        expect((await set({ status: "suspended" }))?.status).toBe("suspended");
        await nowAndLater(async () => {
          expect((await store.findByTokenId("jti-1")).device).toMatchObject({ deviceName: "Work phone", status: "suspended" });
        });
        expect((await set({ status: "active" }))?.status).toBe("active");
        await store.revokeDevice({ userId: "ada", deviceId: "phone", at: NOON, audit: [] });
        expect(await set({ status: "active" })).toBeUndefined();
        expect(await store.updateDevice({ userId: "bob", deviceId: "phone", set: {}, at: NOON, audit: [] })).toBeUndefined();
      });

      it("keeps the level of an invite and of its phone, and that they have none", async () => {
        await invite("1", { level: "answer" });
        await accept("1", deviceOf("phone", "jti-1", { sessionId: "session-1", level: "answer" }));
        await pair("2", "earlier", "jti-2");
        await nowAndLater(async () => {
          expect((await store.findSession("session-1"))?.level).toBe("answer");
          expect((await store.findByTokenId("jti-1")).device?.level).toBe("answer");
          const { device } = await store.findByTokenId("jti-2");
          expect(device && levelOf(device)).toBe("command");
        });
        const set = async (level: Level, neverRaise?: true) =>
          store.updateDevice({
            ...{ userId: "ada", deviceId: "phone", set: { level }, at: NOON, audit: [entry("change_device")] },
            ...(neverRaise ? { neverRaise } : {}),
          });
        expect((await set("command", true))?.level).toBe("answer");
        expect((await set("view", true))?.level).toBe("view");
        await nowAndLater(async () => expect((await store.findByTokenId("jti-1")).device?.level).toBe("view"));
        expect((await set("command"))?.level).toBe("command");
      });

      it("asks and lets answer only phones of a level that may", async () => {
        await pair("1", "viewer", "jti-1", { level: "view" });
        await pair("2", "answerer", "jti-2", { level: "answer" });
        const to = ["viewer", "answerer"].map((deviceId) => ({ userId: "ada", deviceId }));
        const message = {
          messageId: "m",
          content: { type: "approval_request", approvalId: "approval-a" },
          sentAt: NOON,
          expiresAt: NOON + DAY,
        } as const;
        const added = await store.addApproval({
          approval: approvalOf("a"),
          message,
          to,
          caps: CAPS,
          at: NOON,
          audit: [],
        });
        expect(added).toEqual({ kind: "added", to: [{ userId: "ada", deviceId: "answerer", seq: 1 }] });
        const settle = async (deviceId: string, jti: string) =>
          store.settleApproval({
            approvalId: "approval-a",
            status: "approved",
            phone: { userId: "ada", deviceId, jti },
            message: { ...message, messageId: "s", content: { type: "approval_settled", approvalId: "approval-a" } },
            at: () => NOON,
            audit: [],
          });
        expect(await settle("viewer", "jti-1")).toEqual({ kind: "low-level" });
        expect(await settle("answerer", "jti-2")).toMatchObject({ kind: "settled", recipients: [{ deviceId: "answerer" }] });
      });

      it("revokes a phone, its token and its session in one change, once", async () => {
        await pair("1", "phone", "jti-1");
        const revoke = async () =>
          store.revokeDevice({ userId: "ada", deviceId: "phone", at: NOON + 2 * MINUTE, audit: [entry("revoke_device")] });
        const answers = await Promise.all(Array.from({ length: 10 }, revoke));
        const device = deviceOf("phone", "jti-1", { status: "revoked", revokedAt: NOON + 2 * MINUTE });
        expect(answers.filter((answer) => answer !== undefined)).toEqual([device]);
        await nowAndLater(async () => {
          expect(await store.findByTokenId("jti-1")).toEqual({ device, revoked: true });
          expect(await store.listDevices()).toEqual([device]);
          expect((await store.findByCode("code-1"))?.revokedAt).toBe(NOON + 2 * MINUTE);
          expect(await revoke()).toBeUndefined();
        });
        if (made.audit) expect((await audited()).filter((line) => line["event"] === "revoke_device")).toHaveLength(1);
      });

      it("forgets what is revoked and over, and nothing else; tokens stay revoked and the trail as it is", async () => {
        const later = NOON + 2 * DAY;
        const forget = async (retentionNow = later) =>
          store.forget({
            devices: [phone("gone"), phone("here"), phone("nobody")],
            sessions: ["gone", "here", "waiting", "cancelled", "recent", "nobody"].map((id) => ({ codeHash: `code-${id}` })),
            retentionNow,
            at: later,
            audit: [entry("forget_user", { user_id: "ada" })],
          });
        await pair("gone", "gone", "jti-gone");
        await pair("here", "here", "jti-here");
        await store.revokeDevice({ ...phone("gone"), at: NOON, audit: [] });
        await invite("waiting");
        for (const [id, over] of Object.entries({ cancelled: {}, recent: { createdAt: later - MINUTE, expiresAt: later } })) {
          await invite(id, over);
          await store.cancelInvite({ codeHash: `code-${id}`, at: () => NOON, audit: [] });
        }
        // Text messages of the last day count against the budget.
        expect(await forget(NOON + MINUTE)).toEqual({ devices: 1, sessions: 0 });
        expect(await forget()).toEqual({ devices: 0, sessions: 2 });
        expect(await forget()).toEqual({ devices: 0, sessions: 0 });
        await nowAndLater(async () => {
          expect((await store.listDevices()).map(({ deviceId }) => deviceId)).toEqual(["here"]);
          expect(await store.findDevices("gone")).toEqual([]);
          expect(await store.countDevices()).toEqual({ active: 1, suspended: 0, revoked: 0 });
          expect(await store.findByTokenId("jti-gone")).toEqual({ device: undefined, revoked: true });
          const saved = (await store.listSessions()).map(({ sessionId }) => sessionId.replace("session-", ""));
          expect(saved.sort()).toEqual(["here", "recent", "waiting"]);
          expect(await store.findSession("session-gone")).toBeUndefined();
          expect(await store.findByCode("code-gone")).toBeUndefined();
        });
        await pair("again", "gone", "jti-again");
        expect((await store.findByTokenId("jti-again")).device?.status).toBe("active");
        expect((await store.findByTokenId("jti-gone")).revoked).toBe(true);
        if (made.audit) {
          const lines = (await audited()).filter((line) => line["event"] === "forget_user");
          expect(lines.map((line) => line["reason"])).toEqual(["phones: 1, invites: 0", "phones: 0, invites: 2"]);
        }
      });

      it("keeps how a phone is woken while its pairing lasts, for one phone of a browser", async () => {
        const push = (endpoint: string) => ({ endpoint, p256dh: "B", auth: "A", endsAt: NOON });
        const keep = async (deviceId: string, jti: string, more: object) =>
          store.keepSubscription({ userId: "ada", deviceId, jti, at: NOON, audit: [], ...more });
        const saved = async (deviceId: string) => (await store.findDevices(deviceId))[0]?.push;
        await pair("1", "a", "jti-a");
        await pair("2", "b", "jti-b");
        expect(await keep("a", "jti-a", { subscription: push("one") })).toBe(true);
        expect(await saved("a")).toEqual(push("one"));
        expect(await keep("a", "jti-old", { subscription: push("two") })).toBe(false);
        expect(await keep("none", "jti", { subscription: push("two") })).toBe(false);
        expect(await keep("a", "jti-a", { insteadOf: "former" })).toBe(false);
        expect(await saved("a")).toEqual(push("one"));

        expect(await keep("b", "jti-b", { subscription: push("one") })).toBe(true);
        expect([await saved("a"), await saved("b")]).toEqual([undefined, push("one")]);
        expect(await keep("b", "jti-b", { insteadOf: "one" })).toBe(true);
        expect(await saved("b")).toBeUndefined();

        await keep("a", "jti-a", { subscription: push("one") });
        await keep("b", "jti-b", { subscription: push("two") });
        await store.revokeDevice({ userId: "ada", deviceId: "a", at: NOON, audit: [] });
        expect(await keep("a", "jti-a", { subscription: push("one") })).toBe(false);
        await nowAndLater(async () => expect([await saved("a"), await saved("b")]).toEqual([undefined, push("two")]));
      });

      it("lets one attempt use a hand-off, once and in time, and that attempt alone ask again", async () => {
        const keep = async (codeHash: string, jti = "jti-1", deviceId = "phone") =>
          store.keepHandoff({
            userId: "ada",
            deviceId,
            jti,
            codeHash,
            expiresAt: NOON + 10 * MINUTE,
            at: NOON,
            audit: [entry("handoff_started")],
          });
        const take = async (codeHash: string, keyHash?: string, at = NOON + MINUTE) =>
          store.takeHandoff({ codeHash, ...(keyHash === undefined ? {} : { keyHash }), at, audit: [entry("handoff_accepted")] });
        await pair("1", "phone", "jti-1");
        expect([await keep("code"), await keep("code", "jti-old"), await keep("code", "jti-1", "none")]).toEqual([true, false, false]);
        expect(await take("unknown")).toBeUndefined();
        expect(await take("code", "late", NOON + 10 * MINUTE)).toBeUndefined();

        const attempts = await Promise.all(Array.from({ length: 20 }, async (_, index) => take("code", `key-${index}`)));
        const winners = attempts.flatMap((device, index) => (device ? [index] : []));
        expect(winners).toHaveLength(1);
        expect(attempts[winners[0]!]).toMatchObject({ deviceId: "phone", jti: "jti-1", status: "active" });
        await nowAndLater(async () => {
          expect(await take("code", `key-${winners[0]}`)).toMatchObject({ jti: "jti-1" });
          expect(await take("code", "another")).toBeUndefined();
          expect(await take("code")).toBeUndefined();
        });
        if (made.audit) expect((await audited()).filter(({ event }) => event === "handoff_accepted")).toHaveLength(1);
      });

      it("has one hand-off per phone, which a suspension stops and a revocation ends", async () => {
        const keep = async (codeHash: string) =>
          store.keepHandoff({ userId: "ada", deviceId: "phone", jti: "jti-1", codeHash, expiresAt: NOON + DAY, at: NOON, audit: [] });
        const take = async (codeHash: string) => store.takeHandoff({ codeHash, at: NOON, audit: [] });
        const set = async (status: "active" | "suspended") =>
          store.updateDevice({ userId: "ada", deviceId: "phone", set: { status }, at: NOON, audit: [] });
        await pair("1", "phone", "jti-1");
        await keep("first");
        await keep("second");
        expect(await take("first")).toBeUndefined();
        await set("suspended");
        expect(await take("second")).toMatchObject({ status: "suspended" });
        expect(await keep("third")).toBe(false);
        await set("active");
        expect(await take("second")).toMatchObject({ status: "active" });
        await keep("fourth");
        await store.revokeDevice({ userId: "ada", deviceId: "phone", at: NOON, audit: [] });
        await nowAndLater(async () => expect(await take("fourth")).toBeUndefined());
      });

      it("lists the newest first, revoked ones included", async () => {
        await pair("1", "a", "jti-1", { pairedAt: NOON - DAY });
        await pair("2", "b", "jti-2", { pairedAt: NOON });
        await pair("3", "c", "jti-3", { pairedAt: NOON });
        await store.revokeDevice({ userId: "ada", deviceId: "b", at: NOON, audit: [] });
        await pair("4", "a", "jti-4", { pairedAt: NOON });
        await nowAndLater(async () => expect((await store.listDevices()).map((device) => device.deviceId)).toEqual(["a", "c", "b"]));
      });

      it("remembers when a phone was last in contact, on its newest row only", async () => {
        const stale = deviceOf("phone", "jti-1");
        await pair("1", "phone", "jti-1");
        await store.updateDevice({ userId: "ada", deviceId: "phone", set: { deviceName: "New name" }, at: NOON, audit: [] });
        store.noteSeen(stale, NOON + 5 * MINUTE);
        store.noteSeen(stale, NOON + 5 * MINUTE - SECOND);
        const check = async (): Promise<void> => {
          expect((await store.findByTokenId("jti-1")).device).toMatchObject({ deviceName: "New name", lastSeen: NOON + 5 * MINUTE });
        };
        await (made.crashes ? check() : nowAndLater(check));
        await store.revokeDevice({ userId: "ada", deviceId: "phone", at: NOON, audit: [] });
        store.noteSeen(stale, NOON + 6 * MINUTE);
        expect((await store.findByTokenId("jti-1")).device).toMatchObject({ status: "revoked", lastSeen: NOON + 5 * MINUTE });
        await pair("2", "phone", "jti-2");
        store.noteSeen(stale, NOON + 7 * MINUTE);
        store.noteSeen(deviceOf("stranger", "jti-9"), NOON);
        expect((await store.listDevices()).map(({ jti, lastSeen }) => [jti, lastSeen])).toEqual([["jti-2", NOON]]);
        // In contact in the future, before the clock was set back.
        store.noteSeen(deviceOf("phone", "jti-2"), NOON + DAY);
        store.noteSeen(deviceOf("phone", "jti-2"), NOON + MINUTE);
        expect((await store.findByTokenId("jti-2")).device?.lastSeen).toBe(NOON + MINUTE);
      });

      it("does not lose a mark set while the phone is being changed", async () => {
        await pair("1", "phone", "jti-1");
        const changing = store.updateDevice({ userId: "ada", deviceId: "phone", set: { status: "suspended" }, at: NOON, audit: [] });
        store.noteSeen(deviceOf("phone", "jti-1"), NOON + MINUTE);
        await changing;
        expect((await store.findByTokenId("jti-1")).device).toMatchObject({ status: "suspended", lastSeen: NOON + MINUTE });
      });
    });

    describe("messages", () => {
      const send = async (id: string, to: readonly Pick<Device, "userId" | "deviceId">[], over: Partial<NewMessage> = {}) =>
        store.sendMessage({ message: messageOf(id, over), to, at: NOON, audit: [] });
      const inbox = async (deviceId: string, since = 0, over: { userId?: string; at?: number; most?: number } = {}) =>
        store.readInbox({ userId: "ada", deviceId, since, most: 1000, at: NOON, ...over });
      const received = async (...input: Parameters<typeof inbox>) =>
        (await inbox(...input))?.messages.map(({ seq, messageId }) => [seq, messageId]);

      it("are kept for each phone in order, with numbers of its own, from one sender or many at once", async () => {
        await pair("1", "a", "jti-1");
        await pair("2", "b", "jti-2");
        const ids = Array.from({ length: 40 }, (_, index) => String(index));
        await Promise.all(ids.map(async (id) => send(id, [phone("a"), phone("b")])));
        expect(await send("last", [phone("b")])).toEqual([{ ...phone("b"), seq: 41 }]);
        await nowAndLater(async () => {
          const messages = await received("a");
          expect(messages?.map(([seq]) => seq)).toEqual(ids.map((_, index) => index + 1));
          expect(new Set(messages?.map(([, id]) => id)).size).toBe(40);
          expect((await received("b"))?.slice(0, 40)).toEqual(messages);
          expect(await received("b", 40)).toEqual([[41, "message-last"]]);
          expect((await inbox("a"))?.lastSeq).toBe(40);
          const { to: _, ...sent } = (await store.findMessage("message-7"))!.message;
          expect(sent).toEqual(messageOf("7"));
        });
        const [next] = await send("next", [phone("a")]);
        expect(next?.seq).toBeGreaterThan(40);
        if (!made.reopen) expect(next?.seq).toBe(41);
        expect(await received("a", 40)).toEqual([[next?.seq, "message-next"]]);
      });

      it("that are the result of a command are stored once, however often and by whomever they are sent", async () => {
        await pair("1", "a", "jti-1");
        const result = { commandId: "c", status: "done", message: "Staging is live." } as const;
        const content = { type: "command_result", result } as const;
        const sent = await Promise.all(Array.from({ length: 5 }, async () => send("c", [phone("a")], { content })));
        expect(sent).toEqual(Array.from({ length: 5 }, () => [{ ...phone("a"), seq: 1 }]));
        await nowAndLater(async () => expect(await received("a")).toEqual([[1, "message-c"]]));
        expect(await send("c", [phone("a")], { content })).toEqual([{ ...phone("a"), seq: 1 }]);
      });

      it("get numbers that no phone has seen, also once an older copy of everything was restored", async () => {
        if (!made.backUp) return;
        await pair("1", "a", "jti-1");
        await pair("2", "b", "jti-2");
        await send("before", [phone("a")]);
        // A start before the backup makes no difference.
        for (const round of ["first", "second"]) {
          const restore = await made.backUp();
          const given = [
            ...(await send(`${round}-lost-1`, [phone("a"), phone("b")])),
            ...(await send(`${round}-lost-2`, [phone("a"), phone("b")])),
          ];
          const cursorOf = (deviceId: string): number => Math.max(...given.filter((to) => to.deviceId === deviceId).map(({ seq }) => seq));
          const cursors = { a: cursorOf("a"), b: cursorOf("b") };
          store = await restore();
          for (let index = 0; index < 5; index += 1) await send(`${round}-${index}`, [phone("a"), phone("b")]);
          for (const [deviceId, cursor] of Object.entries(cursors)) {
            const later = await received(deviceId, cursor);
            expect(later?.map(([, id]) => id)).toEqual([0, 1, 2, 3, 4].map((index) => `message-${round}-${index}`));
          }
          // What was delivered before the backup is still known as delivered, and nothing else is.
          await store.noteReceipt({ ...phone("a"), receipt: { kind: "delivered", seq: cursors.a }, at: NOON, audit: [] });
          expect((await store.findMessage("message-before"))?.deliveries[0]?.state).toBe("delivered");
          expect((await store.findMessage(`message-${round}-0`))?.deliveries.map(({ state }) => state)).toEqual(["waiting", "waiting"]);
        }
      });

      it("are kept whole, whatever they say", async () => {
        await pair("1", "a", "jti-1");
        const content = { type: "command_result", result: { commandId: "c", status: "failed", message: "no \u2028 \ud800" } } as const;
        await send("1", [phone("a")], { content });
        await nowAndLater(async () => expect((await inbox("a"))?.messages.map((message) => message.content)).toEqual([content]));
      });

      it("go to active phones only, as they are at that moment", async () => {
        await pair("1", "a", "jti-1");
        await pair("2", "b", "jti-2");
        await pair("3", "c", "jti-3");
        const suspended = store.updateDevice({ userId: "ada", deviceId: "b", set: { status: "suspended" }, at: NOON, audit: [] });
        const revoked = store.revokeDevice({ userId: "ada", deviceId: "c", at: NOON, audit: [] });
        const sent = send("1", [phone("a"), phone("b"), phone("c"), phone("nobody"), phone("a", "bob")]);
        await Promise.all([suspended, revoked]);
        expect(await sent).toEqual([{ ...phone("a"), seq: 1 }]);
        expect(await send("2", [phone("b")])).toEqual([]);
        expect(await store.findMessage("message-2")).toBeUndefined();
        expect(await inbox("nobody")).toBeUndefined();
      });

      it("are read a page at a time, without those past their time", async () => {
        await pair("1", "a", "jti-1");
        for (const id of ["1", "2", "3", "4"]) await send(id, [phone("a")], id === "2" ? { expiresAt: NOON + MINUTE } : {});
        await nowAndLater(async () => {
          expect(await received("a", 0, { most: 2 })).toEqual([
            [1, "message-1"],
            [2, "message-2"],
          ]);
          expect(await received("a", 1, { most: 2, at: NOON + MINUTE })).toEqual([
            [3, "message-3"],
            [4, "message-4"],
          ]);
        });
      });

      it("are gone with their phone's access, also for a phone that is paired under its id later", async () => {
        await pair("1", "a", "jti-1");
        await send("1", [phone("a")]);
        await store.revokeDevice({ userId: "ada", deviceId: "a", at: NOON, audit: [] });
        expect(await received("a")).toEqual([]);
        await pair("2", "a", "jti-2");
        expect(await send("2", [phone("a")])).toEqual([{ ...phone("a"), seq: 2 }]);
        await nowAndLater(async () => {
          expect(await received("a")).toEqual([[2, "message-2"]]);
          expect((await store.findMessage("message-1"))?.deliveries).toEqual([{ ...phone("a"), seq: 1, state: "gone" }]);
        });
      });

      it("are reported as delivered and read, once each, and only as far as they were sent", async () => {
        await pair("1", "a", "jti-1");
        await pair("2", "b", "jti-2");
        for (const id of ["1", "2", "3"]) await send(id, [phone("a"), phone("b")]);
        const note = async (receipt: Parameters<PairingStore["noteReceipt"]>[0]["receipt"], at: number, deviceId = "a") =>
          store.noteReceipt({ ...phone(deviceId), receipt, at, audit: [] });
        expect(await note({ kind: "delivered", seq: 1 }, NOON + 1)).toBe(true);
        expect(await note({ kind: "delivered", seq: 1 }, NOON + 2)).toBe(false);
        expect(await note({ kind: "delivered", seq: 99 }, NOON + 3)).toBe(true);
        expect(await note({ kind: "delivered", seq: 2 }, NOON + 4)).toBe(false);
        expect(await note({ kind: "read", messageId: "message-2" }, NOON + 5)).toBe(true);
        expect(await note({ kind: "read", messageId: "message-2" }, NOON + 6)).toBe(false);
        expect(await note({ kind: "read", messageId: "message-nobody's" }, NOON)).toBe(false);
        expect(await note({ kind: "read", messageId: "message-1" }, NOON, "stranger")).toBe(false);
        await nowAndLater(async () => {
          const states = await Promise.all(["1", "2", "3"].map(async (id) => (await store.findMessage(`message-${id}`))?.deliveries));
          expect(states).toEqual([
            [
              { ...phone("a"), seq: 1, state: "delivered", at: NOON + 1 },
              { ...phone("b"), seq: 1, state: "waiting" },
            ],
            [
              { ...phone("a"), seq: 2, state: "read", at: NOON + 5 },
              { ...phone("b"), seq: 2, state: "waiting" },
            ],
            [
              { ...phone("a"), seq: 3, state: "delivered", at: NOON + 3 },
              { ...phone("b"), seq: 3, state: "waiting" },
            ],
          ]);
        });
        const sent = await send("4", [phone("a")]);
        expect((await store.findMessage("message-4"))?.deliveries).toEqual([{ ...sent[0], state: "waiting" }]);
      });

      it("give way by what a phone misses least, and never a question that waits for its answer", async () => {
        await pair("1", "a", "jti-1");
        const ask = async (id: string) =>
          store.addApproval({ approval: approvalOf(id), message: askOf(id), to: [phone("a")], caps: CAPS, at: NOON, audit: [] });
        const build = (id: string, priority: "low" | "normal" | "high"): NewMessage => {
          const { content, ...message } = messageOf(id);
          if (content.type !== "notification") throw new Error("no build news");
          return { ...message, content: { ...content, build: { ...content.build, priority } } };
        };
        const say = async (id: string, priority: "low" | "normal" | "high") =>
          store.sendMessage({ message: build(id, priority), to: [phone("a")], at: NOON, audit: [] });
        await ask("waits");
        await ask("settled");
        await store.settleApproval({
          approvalId: "approval-settled",
          status: "rejected",
          message: settledOf("settled"),
          at: () => NOON,
          audit: [],
        });
        await say("high", "high");
        await say("normal", "normal");
        for (let start = 0; start < 10_050; start += 670)
          await Promise.all(Array.from({ length: 670 }, async (_, index) => say(`low-${start + index}`, "low")));
        const has = async (id: string): Promise<string | undefined> => (await store.findMessage(`message-${id}`))?.deliveries[0]?.state;
        await nowAndLater(async () => {
          const found = await store.readInbox({ ...phone("a"), since: 0, most: 20_000, at: NOON });
          expect(found?.messages).toHaveLength(10_000);
          expect(found?.messages.slice(0, 5).map(({ messageId }) => messageId)).toEqual(
            ["ask-waits", "ask-settled", "settled-settled", "high", "normal"].map((id) => `message-${id}`),
          );
          expect([await has("low-0"), await has("low-54"), await has("low-55")]).toEqual(["gone", "gone", "waiting"]);
        });
        // What was never there is not reported as delivered when the phone has everything after it.
        await store.noteReceipt({ ...phone("a"), receipt: { kind: "delivered", seq: 10_055 }, at: NOON, audit: [] });
        expect([await has("low-0"), await has("low-55")]).toEqual(["gone", "delivered"]);
      });

      it("take no more than their share of memory where one phone gets too much", async () => {
        await pair("1", "a", "jti-1");
        await pair("2", "b", "jti-2");
        await send("first", [phone("a"), phone("b")]);
        const { content, ...message } = messageOf("large");
        if (content.type !== "notification") throw new Error("no build news");
        const large = { ...content, build: { ...content.build, message: "x".repeat(500_000) } };
        for (let index = 0; index < 20; index += 1)
          await store.sendMessage({
            message: { ...message, messageId: `large-${index}`, content: large },
            to: [phone("a")],
            at: NOON,
            audit: [],
          });
        await nowAndLater(async () => {
          expect((await store.readInbox({ ...phone("a"), since: 0, most: 100, at: NOON }))?.messages).toHaveLength(16);
          expect((await store.findMessage("message-first"))?.deliveries.map(({ state }) => state)).toEqual(["gone", "waiting"]);
        });
      });

      it("are dropped oldest first where one phone gets too many, and reported as gone", async () => {
        await pair("1", "a", "jti-1");
        await pair("2", "b", "jti-2");
        await send("first", [phone("a"), phone("b")]);
        const many = Array.from({ length: 10_000 }, (_, index) => String(index));
        for (let start = 0; start < many.length; start += 500)
          await Promise.all(many.slice(start, start + 500).map(async (id) => send(id, [phone("a")])));
        await nowAndLater(async () => {
          expect((await store.readInbox({ ...phone("a"), since: 0, most: 1, at: NOON }))?.messages[0]?.seq).toBe(2);
          expect(await received("b")).toEqual([[1, "message-first"]]);
          expect((await store.findMessage("message-first"))?.deliveries.map(({ state }) => state)).toEqual(["gone", "waiting"]);
        });
      });
    });

    describe("approvals", () => {
      const add = async (id: string, over: Partial<Approval> = {}, to = [phone("a"), phone("b")], caps = CAPS) =>
        store.addApproval({ approval: approvalOf(id, over), message: askOf(id), to, caps, at: NOON, audit: [entry("approval_requested")] });
      const request = async (...asked: Parameters<typeof add>) => {
        const added = await add(...asked);
        return added.kind === "added" ? added.to : added.kind;
      };
      const settle = async (id: string, over: Partial<SettleApproval> = {}) =>
        store.settleApproval({
          approvalId: `approval-${id}`,
          status: "approved",
          at: () => NOON + MINUTE,
          message: settledOf(id),
          audit: [entry("approval_decided")],
          ...over,
        });
      beforeEach(async () => {
        await pair("1", "a", "jti-1");
        await pair("2", "b", "jti-2");
        await pair("3", "c", "jti-3", { userId: "bob" });
      });

      it("are asked of active phones, and kept whole", async () => {
        expect(await request("1")).toEqual([
          { ...phone("a"), seq: 1 },
          { ...phone("b"), seq: 1 },
        ]);
        expect(await request("2", {}, [phone("nobody")])).toEqual([]);
        await nowAndLater(async () => {
          expect(await store.listApprovals()).toEqual([{ ...approvalOf("1"), userIds: ["ada"] }]);
          expect(await store.findApproval("approval-2")).toBeUndefined();
          expect((await store.findMessage("message-ask-1"))?.message.content).toEqual({
            type: "approval_request",
            approvalId: "approval-1",
          });
        });
      });

      it("are no more than so many, and so much, for one user, however many ask at the same time", async () => {
        const caps = { pendingPerUser: 3, bytesPerUser: 1_000_000 };
        const ids = Array.from({ length: 10 }, (_, index) => String(index));
        const asked = await Promise.all(ids.map(async (id) => add(id, { expiresAt: NOON + MINUTE + Number(id) }, [phone("a")], caps)));
        expect(asked.map(({ kind }) => kind)).toEqual([...Array(3).fill("added"), ...Array(7).fill("too-many")]);
        expect(asked[9]).toEqual({ kind: "too-many", retryAt: NOON + MINUTE });
        await nowAndLater(async () => {
          expect((await store.listApprovals()).map(({ approvalId }) => approvalId)).toEqual(["approval-2", "approval-1", "approval-0"]);
          expect(await add("more", {}, [phone("b")], caps)).toMatchObject({ kind: "too-many" });
        });
        expect(await add("other", {}, [phone("c", "bob")], caps)).toMatchObject({ kind: "added" });
        expect(await add("both", {}, [phone("a"), phone("c", "bob")], caps)).toMatchObject({ kind: "too-many" });
        await settle("0", { at: () => NOON });
        expect(await add("again", {}, [phone("a")], caps)).toMatchObject({ kind: "added" });
        const plan = "x".repeat(10_000);
        expect(await add("bytes", { plan }, [phone("c", "bob")], { pendingPerUser: 10, bytesPerUser: 20_000 })).toMatchObject({
          kind: "too-many",
        });
        // A single approval is accepted, however large.
        await settle("other");
        expect(await add("large", { plan }, [phone("c", "bob")], { pendingPerUser: 10, bytesPerUser: 20_000 })).toMatchObject({
          kind: "added",
        });
      });

      it("are settled once, of any number of parallel decisions, and every phone that was asked gets the result", async () => {
        await request("1");
        const hands = Array.from({ length: 20 }, async (_, hand) =>
          settle("1", {
            status: hand % 2 === 0 ? "approved" : "rejected",
            ...(hand % 3 === 0 ? {} : { phone: { ...phone(hand % 3 === 1 ? "a" : "b"), jti: hand % 3 === 1 ? "jti-1" : "jti-2" } }),
            decidedBy: { kind: "phone", ...phone(`hand ${hand}`), deviceName: "A hand" },
            comment: `hand ${hand}`,
            message: messageOf(`settled-${hand}`, { content: { type: "approval_settled", approvalId: "approval-1" } }),
          }),
        );
        const answers = await Promise.all(hands);
        const winners = answers.filter(({ kind }) => kind === "settled");
        expect(winners).toHaveLength(1);
        const [winner] = winners;
        if (winner?.kind !== "settled") throw new Error("nobody won");
        expect(winner.recipients.map(({ deviceId }) => deviceId)).toEqual(["a", "b"]);
        for (const answer of answers) if (answer.kind === "refused") expect(answer.approval).toEqual(winner.approval);
        await nowAndLater(async () => {
          expect(await store.findApproval("approval-1")).toEqual(winner.approval);
          expect(winner.approval).toMatchObject({ settledAt: NOON + MINUTE, decidedBy: { kind: "phone" }, comment: expect.any(String) });
          const report = await store.readInbox({ ...phone("b"), since: 1, most: 10, at: NOON });
          expect(report?.messages.map(({ content }) => content.type)).toEqual(["approval_settled"]);
        });
        if (made.audit) expect((await audited()).filter(({ event }) => event === "approval_decided")).toHaveLength(1);
      });

      describe("with a number to match", () => {
        const match = { number: "47", choices: ["08", "47", "93"], wrong: 0 };
        const audit = { wrong: [entry("number_failed")], rejected: [entry("approval_decided", { reason: "rejected" })] };
        const onPhone = async (id: string, number: string | undefined, over: Partial<SettleApproval> = {}) =>
          settle(id, {
            phone: { ...phone("a"), jti: "jti-1" },
            decidedBy: { kind: "phone", ...phone("a"), deviceName: "A" },
            matching: { number, most: 2, audit },
            ...over,
          });
        const ofPhones = async () =>
          (await audited()).filter(({ event }) => event === "number_failed" || event === "approval_decided").map(({ event }) => event);

        it("are approved on a phone with the number only; a missing one changes nothing, and others need none", async () => {
          for (const id of ["right", "missing", "rejected", "at the computer", "taken back"]) await request(id, { risk: "high", match });
          expect(await onPhone("right", "47")).toMatchObject({ kind: "settled", approval: { status: "approved", match } });
          expect(await onPhone("missing", undefined)).toEqual({ kind: "no-number" });
          expect(await onPhone("missing", undefined, { matching: undefined })).toEqual({ kind: "no-number" });
          expect(await store.findApproval("approval-missing")).toMatchObject({ status: "pending", match });
          expect(await onPhone("rejected", undefined, { status: "rejected" })).toMatchObject({ kind: "settled" });
          expect(await settle("at the computer", { decidedBy: { kind: "computer" } })).toMatchObject({ kind: "settled" });
          expect(await settle("taken back", { status: "cancelled" })).toMatchObject({ kind: "settled" });
          expect(await onPhone("right", "08")).toMatchObject({ kind: "refused", approval: { status: "approved" } });
        });

        it("keep the count of wrong ones, and are rejected by the last one that is accepted, of any number at once", async () => {
          await request("1", { risk: "high", match });
          expect(await onPhone("1", "08")).toEqual({
            kind: "wrong-number",
            approval: { ...approvalOf("1", { risk: "high" }), userIds: ["ada"], match: { ...match, wrong: 1 } },
            recipients: [],
          });
          await nowAndLater(async () => {
            expect(await store.findApproval("approval-1")).toMatchObject({ status: "pending", match: { wrong: 1 } });
          });
          const wrong = await Promise.all(Array.from({ length: 20 }, async () => onPhone("1", "93")));
          expect(wrong.map(({ kind }) => kind).sort()).toEqual([...Array(19).fill("refused"), "wrong-number"]);
          const rejected = {
            status: "rejected",
            decidedBy: { kind: "phone", deviceId: "a" },
            settledAt: NOON + MINUTE,
            match: { wrong: 2 },
          };
          expect(wrong.find(({ kind }) => kind === "wrong-number")).toMatchObject({
            approval: rejected,
            recipients: [{ deviceId: "a" }, { deviceId: "b" }],
          });
          await nowAndLater(async () => {
            expect(await store.findApproval("approval-1")).toMatchObject(rejected);
            expect(await onPhone("1", "47")).toMatchObject({ kind: "refused", approval: { status: "rejected" } });
          });
          if (made.audit) expect(await ofPhones()).toEqual(["number_failed", "number_failed", "approval_decided"]);
        });
      });

      it("are decided by active phones of the user's only", async () => {
        await request("1");
        expect(await settle("1", { phone: { ...phone("c", "bob"), jti: "jti-3" } })).toEqual({ kind: "refused", approval: undefined });
        expect(await settle("1", { phone: { ...phone("a"), jti: "jti-of-before" } })).toEqual({ kind: "no-access" });
        const revoked = store.revokeDevice({ userId: "ada", deviceId: "a", at: NOON, audit: [] });
        expect(await settle("1", { phone: { ...phone("a"), jti: "jti-1" } })).toEqual({ kind: "no-access" });
        await revoked;
        await store.updateDevice({ userId: "ada", deviceId: "b", set: { status: "suspended" }, at: NOON, audit: [] });
        expect(await settle("1", { phone: { ...phone("b"), jti: "jti-2" } })).toEqual({ kind: "no-access" });
        expect((await store.findApproval("approval-1"))?.status).toBe("pending");
        expect(await settle("1", {})).toMatchObject({ kind: "settled", recipients: [] });
        expect(await settle("nothing", {})).toEqual({ kind: "refused", approval: undefined });
      });

      it("are judged by the clock at the moment of the change, and a change that comes too late finds out what came before it", async () => {
        const end = NOON + 10 * MINUTE;
        for (let round = 0; round < 20; round += 1) {
          const id = `round-${round}`;
          let now = end - 1;
          await request(id);
          // Keeps the disk busy.
          const before = store.appendAudit(NOON, entry("admin_denied"));
          const decided = settle(id, { at: () => now });
          await Promise.resolve();
          now = end;
          const expired = settle(id, { status: "expired", at: () => now });
          const [one, other] = await Promise.all([decided, expired]);
          await before;
          expect([one.kind, other.kind].sort()).toEqual(["refused", "settled"]);
          const found = await store.findApproval(`approval-${id}`);
          expect(found?.status).toBe(one.kind === "settled" ? "approved" : "expired");
          if (found?.status === "approved") expect(found.settledAt).toBe(end - 1);
        }
      });

      it("are kept for an hour after their decision, however many others are decided or end meanwhile", async () => {
        // What is settled comes in before the restart that follows at noon.
        const settleAt = async (id: string, at: number, status: SettleApproval["status"]) => {
          await request(id, { requestedAt: at }, [phone("a")], { pendingPerUser: 10_000, bytesPerUser: Number.POSITIVE_INFINITY });
          expect(await settle(id, { status, at: () => at })).toMatchObject({ kind: "settled" });
        };
        await settleAt("approved", NOON - 59 * MINUTE, "approved");
        await settleAt("rejected", NOON - 59 * MINUTE, "rejected");
        const others = Array.from({ length: 2000 }, async (_, index) =>
          settleAt(`other-${index}`, NOON - 58 * MINUTE, index % 2 === 0 ? "approved" : "cancelled"),
        );
        await Promise.all(others);
        await nowAndLater(async () => {
          expect(await store.findApproval("approval-approved")).toMatchObject({ status: "approved", settledAt: NOON - 59 * MINUTE });
          expect(await store.findApproval("approval-rejected")).toMatchObject({ status: "rejected" });
          const saved = await store.listApprovals();
          expect(saved.filter(({ status }) => status === "approved")).toHaveLength(1001);
        });
      });

      it("are decided in time only, and expire only then", async () => {
        await request("1");
        const end = NOON + 10 * MINUTE;
        expect(await store.listDueApprovals(end - 1)).toEqual([]);
        expect(await settle("1", { status: "expired", at: () => end - 1 })).toMatchObject({ kind: "refused" });
        expect(await settle("1", { at: () => end })).toMatchObject({ kind: "refused", approval: { status: "pending" } });
        expect(await settle("1", { status: "cancelled", at: () => end })).toMatchObject({ kind: "refused" });
        expect(await store.listDueApprovals(end)).toEqual(["approval-1"]);
        expect(await settle("1", { status: "expired", at: () => end })).toMatchObject({ kind: "settled", approval: { status: "expired" } });
        await nowAndLater(async () => {
          expect(await store.listDueApprovals(end)).toEqual([]);
          expect(await settle("1", { at: () => NOON })).toMatchObject({ kind: "refused", approval: { status: "expired" } });
        });
      });
    });

    describe("the audit trail", () => {
      it("has one line per entry, numbered without gaps, in the order of the changes", async (context) => {
        if (!made.audit) return context.skip();
        await invite("1");
        await Promise.all(Array.from({ length: 40 }, async (_, index) => accept("1", deviceOf(`phone-${index}`, `jti-${index}`))));
        await Promise.all(
          Array.from({ length: 40 }, async (_, index) => store.appendAudit(NOON + index, entry("admin_denied", { reason: String(index) }))),
        );
        await invite("2");
        await nowAndLater(async () => {
          const lines = await audited();
          expect(lines.map((line) => line["seq"])).toEqual(lines.map((_, index) => index + 1));
          expect(lines).toHaveLength(43);
          expect(lines.map((line) => line["event"]).slice(0, 2)).toEqual(["send_sms_invite", "accept_invite"]);
        });
        await store.appendAudit(NOON, entry("key_rotated"));
        expect((await audited()).at(-1)).toMatchObject({ seq: 44, event: "key_rotated" });
      });

      it("keeps to one line and to the known fields, whatever it is given", async (context) => {
        if (!made.audit) return context.skip();
        const nasty = '\n{"event":"accept_invite"}\u2028\u2029\r\u0000\u001b[31m\u009b31m\u202e\ud800"\\';
        const given = { event: "admin_denied", ua: nasty, reason: nasty, token: "secret", __proto__: { via: "inherited" } } as AuditEntry;
        await store.appendAudit(NOON + 7, given);
        const [line] = await audited();
        expect(line).toMatchObject({ ts: new Date(NOON + 7).toISOString(), seq: 1, event: "admin_denied", ua: nasty, reason: nasty });
        expect(Object.keys(line!)).not.toContain("token");
      });

      it("is read in pages, the newest first, each line once", async () => {
        for (let number = 1; number <= 7; number += 1)
          await store.appendAudit(NOON + number, entry(number % 2 === 0 ? "admin_denied" : "key_rotated", { reason: `Nr ${number}` }));
        await nowAndLater(async () => {
          const seqs: number[] = [];
          let next: number | undefined;
          do {
            const page = await store.readAudit({ most: 3, ...(next === undefined ? {} : { before: next }) });
            expect(page).toMatchObject({ unreadable: 0, missing: 0 });
            seqs.push(...page.lines.map(({ seq }) => seq));
            next = page.next;
          } while (next !== undefined);
          expect(seqs).toEqual([7, 6, 5, 4, 3, 2, 1]);
        });
      });

      it("is read by event and by any word in it", async () => {
        await store.appendAudit(NOON, entry("admin_denied", { ip: "198.51.100.1", user_id: "Ada" }));
        await store.appendAudit(NOON, entry("key_rotated", { kid: "k1" }));
        await store.appendAudit(NOON, entry("revoke_device", { device_id: "ada-phone" }));
        await nowAndLater(async () => {
          const found = async (question: Omit<AuditQuestion, "most">): Promise<readonly number[]> =>
            (await store.readAudit({ most: 10, ...question })).lines.map(({ seq }) => seq);
          expect(await found({ events: ["key_rotated", "revoke_device"] })).toEqual([3, 2]);
          expect(await found({ text: "ada" })).toEqual([3, 1]);
          expect(await found({ text: "ADA", events: ["admin_denied"] })).toEqual([1]);
          expect(await found({ text: "198.51.100.1" })).toEqual([1]);
          expect(await found({ text: "nobody" })).toEqual([]);
          expect((await store.readAudit({ most: 1 })).lines).toEqual([
            { seq: 3, ts: new Date(NOON).toISOString(), event: "revoke_device", device_id: "ada-phone", ip: "203.0.113.7" },
          ]);
        });
      });

      it("has no line for what did not happen", async (context) => {
        if (!made.audit) return context.skip();
        await accept("none", deviceOf("a", "jti"));
        await store.cancelInvite({ codeHash: "none", at: () => NOON, audit: [entry("cancel_invite")] });
        await store.revokeDevice({ userId: "ada", deviceId: "none", at: NOON, audit: [entry("revoke_device")] });
        await invite("1", {}, { ...GENEROUS, perDay: 0 });
        expect(await audited()).toEqual([]);
      });
    });

    it("can be written until it is closed, and refuses changes afterwards", async () => {
      await store.checkWritable();
      await invite("1");
      await store.close();
      await store.close();
      await expect(store.checkWritable()).rejects.toMatchObject({ code: "storage_unavailable" });
      await expect(invite("2")).rejects.toMatchObject({ code: "storage_unavailable" });
      if (made.reopen) store = await made.reopen();
      expect((await store.findByCode("code-1"))?.status).toBe("pending");
    });
  });
}

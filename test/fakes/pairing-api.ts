import type { AnswerOf, InputOf } from "../../src/contract/operations.ts";
import { type NewsItem, PAGE_OPERATIONS, type PageOperation, type PairingApi, type Reply } from "../../src/contract/pairing-api.ts";

type Overview = AnswerOf<"overview">;
export type FakeInvite = Overview["invites"][number];
export type FakeDevice = AnswerOf<"listDevices">[number];
export type PhoneReading = AnswerOf<"readPhoneNumber">;
type Refused = Extract<Reply<unknown>, { readonly ok: false }>["problem"];

export interface FakeChoice {
  readonly overview?: Partial<Overview>;
  readonly devices?: readonly Partial<FakeDevice>[];
  readonly invites?: readonly Partial<FakeInvite>[];
  /** By how much the server's clock is ahead of the one this runs on. */
  readonly aheadBy?: number;
  /** QR codes ask for this password. */
  readonly otp?: string;
  /** Newest first. */
  readonly audit?: AnswerOf<"listAudit">["lines"];
  /** Numbers without a line, told with the first page. */
  readonly auditMissing?: number;
  readonly readNumber?: (typed: string, country: string | undefined) => Promise<PhoneReading>;
}

/** One white pixel. */
const PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII=";

/**
 * A Top Dog that works, in memory: numbers are read, links sent, phones paired, renamed and revoked, and each change is news.
 * A test may make an operation refuse or wait, pair a phone by hand, and read what was asked.
 */
export function createFakeDesk(choice: FakeChoice = {}) {
  const now = (): number => Date.now() + (choice.aheadBy ?? 0);
  const calls: { readonly name: PageOperation; readonly input: unknown }[] = [];
  const refusals = new Map<PageOperation, Refused>();
  const held = new Map<PageOperation, Promise<void>>();
  const releases = new Map<PageOperation, () => void>();
  const listeners = new Set<(item: NewsItem) => void>();
  const openers: ((place: "pair" | "devices") => void)[] = [];
  let count = 0;

  const overview: Overview = {
    sms_provider: "mock",
    base_url: "https://pair.example.com",
    invite_minutes: 15,
    admin_required: false,
    user: { user_id: "john", user_name: "John Doe" },
    country: "US",
    secrets: { kind: "keychain", state: "ready", ways: [], new_key: false },
    now: "",
    invites: [],
    ...choice.overview,
  };
  const invites: FakeInvite[] = (choice.invites ?? []).map(invite);
  const devices: FakeDevice[] = (choice.devices ?? []).map(device);

  function iso(at: number): string {
    return `${new Date(at).toISOString().slice(0, 19)}Z`;
  }
  function invite(part: Partial<FakeInvite>): FakeInvite {
    count += 1;
    const invite_code = `code-${count}`;
    return {
      session_id: `session-${count}`,
      method: "sms",
      status: "pending",
      user_id: "john",
      user_name: "John Doe",
      phone_number: "+1******2671",
      created_at: iso(now() + count),
      expires_at: iso(now() + overview.invite_minutes * 60_000),
      sends: 1,
      delivery: "sent",
      stale: false,
      invite_code,
      link: `https://pair.example.com/pair?code=${invite_code}`,
      ...part,
    };
  }
  function device(part: Partial<FakeDevice>): FakeDevice {
    count += 1;
    return {
      device_id: `device-${count}`,
      device_name: "John's iPhone",
      device_type: "ios",
      status: "active",
      os_version: "iOS 18.6",
      app_version: "web",
      user_id: "john",
      paired_via: "sms",
      paired_at: iso(now() - count * 86_400_000),
      last_seen: iso(now() - count * 300_000),
      expires_at: iso(now() + (30 - count) * 86_400_000),
      ...part,
    };
  }

  const tell = (item: NewsItem): void => {
    for (const heard of listeners) heard(item);
  };
  const fine = <T>(value: T): Reply<T> => ({ ok: true, value: structuredClone(value) });
  const refuse = (status: number, code: string, detail: string): Reply<never> => ({
    ok: false,
    problem: { type: `urn:topdog:problem:${code}`, title: code, status, detail, code },
  });
  const change = (id: string, set: Partial<FakeDevice>): FakeDevice | undefined => {
    const place = devices.findIndex(({ device_id, status }) => device_id === id && status !== "revoked");
    const found = devices[place];
    if (!found) return undefined;
    devices[place] = { ...found, ...set };
    tell("devices");
    return devices[place];
  };
  const changeInvite = (id: string, set: Partial<FakeInvite>): void => {
    const place = invites.findIndex(({ session_id }) => session_id === id);
    const found = invites[place];
    if (found) invites[place] = { ...found, ...set };
    tell("invites");
  };
  const noDevice = refuse(404, "device_not_found", "No paired phone has this id. It may have been revoked already.");
  const standing = (one: FakeInvite): FakeInvite => {
    const status = one.status === "pending" && Date.parse(one.expires_at) <= now() ? "expired" : one.status;
    if (status === "pending" || status === "expired") return { ...one, status };
    const ended = { ...one, status };
    delete ended.invite_code;
    delete ended.link;
    return ended;
  };

  const answers: { readonly [N in PageOperation]: (input: InputOf<N>) => Reply<AnswerOf<N>> | Promise<Reply<AnswerOf<N>>> } = {
    overview: () => fine({ ...overview, now: iso(now()), invites: invites.map(standing) }),
    async readPhoneNumber({ typed, country }) {
      return fine(
        choice.readNumber ? await choice.readNumber(typed, country ?? overview.country) : { e164: "+14155552671", sendable: true },
      );
    },
    sendInvite({ phone_number }) {
      const made = invite({ phone_number: `${phone_number.slice(0, 2)}******${phone_number.slice(-4)}` });
      invites.unshift(made);
      tell("invites");
      return fine({
        invite_code: made.invite_code ?? "",
        phone_number,
        expires_at: made.expires_at,
        status: "pending",
        message: "SMS sent! Link expires in 15 minutes.",
      });
    },
    resendInvite({ invite_code }) {
      const found = invites.find((one) => one.invite_code === invite_code);
      if (!found) return refuse(404, "invite_not_found", "This link is not known.");
      changeInvite(found.session_id, { expires_at: iso(now() + overview.invite_minutes * 60_000), sends: found.sends + 1 });
      return fine({ message: "SMS resent successfully" });
    },
    generateQr() {
      const made = invite({ method: "qr", phone_number: "" });
      invites.unshift(made);
      tell("invites");
      return fine({
        pairing_token: made.invite_code ?? "",
        expires_at: made.expires_at,
        qr_code_base64: PICTURE,
        pairing_link: `https://pair.example.com/pair?token=${made.invite_code ?? ""}`,
        otp_required: choice.otp !== undefined,
        ...(choice.otp === undefined ? {} : { otp_code: choice.otp }),
        mqtt_broker: "pair.example.com",
      });
    },
    cancelSession({ session_id }) {
      changeInvite(session_id, { status: "cancelled" });
      return fine({ session_id, status: "cancelled" });
    },
    listDevices: () => fine(devices),
    renameDevice({ device_id, device_name }) {
      const changed = change(device_id, { device_name });
      return changed ? fine(changed) : noDevice;
    },
    revokeDevice({ device_id }) {
      return change(device_id, { status: "revoked" }) ? fine({ message: "Device revoked successfully", device_id }) : noDevice;
    },
    suspendDevice({ device_id }) {
      const changed = change(device_id, { status: "suspended" });
      return changed ? fine(changed) : noDevice;
    },
    reactivateDevice({ device_id }) {
      const changed = change(device_id, { status: "active" });
      return changed ? fine(changed) : noDevice;
    },
    revokeAllDevices({ except_device_id }) {
      const meant = devices.filter(({ device_id, status }) => status !== "revoked" && device_id !== except_device_id);
      for (const { device_id } of meant) change(device_id, { status: "revoked" });
      return fine({ revoked: meant.length });
    },
    checkSecrets: () => fine(overview.secrets),
    moveSecrets({ to }) {
      overview.secrets = { kind: to, state: "ready", ways: to === "file" ? ["keychain"] : [], new_key: false };
      tell("invites");
      return fine(overview.secrets);
    },
    listAudit({ before, limit, events, text }) {
      const matching = (choice.audit ?? []).filter(
        (line) =>
          line.seq < Number(before ?? Number.POSITIVE_INFINITY) &&
          (events === undefined || events.split(",").includes(line.event)) &&
          JSON.stringify(line).includes(text ?? ""),
      );
      const lines = matching.slice(0, Number(limit ?? 50));
      const next = matching.length > lines.length ? lines.at(-1)?.seq : undefined;
      const missing = before === undefined ? (choice.auditMissing ?? 0) : 0;
      return fine({ lines, ...(next === undefined ? {} : { next }), unreadable: 0, missing });
    },
  };

  const ask = async <N extends PageOperation>(name: N, input: InputOf<N>): Promise<Reply<AnswerOf<N>>> => {
    calls.push({ name, input: structuredClone(input) });
    await held.get(name);
    const problem = refusals.get(name);
    return problem ? { ok: false, problem } : answers[name](input);
  };

  const api = {
    ...Object.fromEntries(PAGE_OPERATIONS.map((name) => [name, async (input: never) => ask(name, input)])),
    onNews(heard: (item: NewsItem) => void) {
      listeners.add(heard);
      return () => listeners.delete(heard);
    },
  } as unknown as PairingApi;

  return {
    /** As the preload exposes it. */
    bridge: { ...api, onOpen: (heard: (place: "pair" | "devices") => void) => void openers.push(heard), ready: () => undefined },
    calls,
    tell,
    /** The next answers of an operation; without a problem it works again. */
    refuse(
      name: PageOperation,
      problem?: { readonly status: number; readonly code: string; readonly detail: string; readonly retry_after?: number },
    ) {
      if (problem) refusals.set(name, { type: `urn:topdog:problem:${problem.code}`, title: problem.code, ...problem });
      else refusals.delete(name);
    },
    /** The operation does not answer until it is released. */
    hold(name: PageOperation) {
      held.set(name, new Promise((resolve) => releases.set(name, resolve)));
    },
    release(name: PageOperation) {
      held.delete(name);
      releases.get(name)?.();
    },
    open(place: "pair" | "devices") {
      for (const heard of openers) heard(place);
    },
    /** A phone follows the newest waiting link and accepts. */
    accept(name: string, part: Partial<FakeDevice> = {}) {
      const made = device({ device_name: name, paired_at: iso(now()), last_seen: iso(now()), ...part });
      devices.push(made);
      const waiting = invites.find(({ status }) => status === "pending");
      if (waiting) changeInvite(waiting.session_id, { status: "accepted", device_id: made.device_id, accepted_at: iso(now()) });
      tell("devices");
    },
    setOverview: (part: Partial<Overview>) => void Object.assign(overview, part),
    setInvite: changeInvite,
    setDevice: change,
  };
}

export type FakeDesk = ReturnType<typeof createFakeDesk>;

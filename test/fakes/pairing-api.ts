import { contentSha256 } from "../../src/contract/content-sha256.ts";
import type { AnswerOf, InputOf } from "../../src/contract/operations.ts";
import {
  type ChangeEvent,
  PAGE_OPERATIONS,
  type PageOperation,
  type PairingApi,
  type Reply,
  type Route,
  type WindowBridge,
} from "../../src/contract/pairing-api.ts";
import type { DesktopPreferences, ServerState, UpdateState } from "../../src/contract/window-request-schemas.ts";
import { errors as sentences } from "../../src/words/en/errors.ts";
import { reach as reachSentences } from "../../src/words/en/reach.ts";
import { activeOf, type FakeSms, lockedIn, problemOf, type SmsChoice, saveSms, startingSms } from "./sms-settings.ts";

type Overview = AnswerOf<"overview">;
export type FakeApproval = AnswerOf<"listApprovals">["approvals"][number];
export type FakeNotification = AnswerOf<"listNotifications">["notifications"][number];
export type FakeInvite = Overview["invites"][number];
export type FakeClaim = AnswerOf<"listClaims">["claims"][number];
export type FakeDevice = AnswerOf<"listDevices">[number];
export type PhoneReading = AnswerOf<"readPhoneNumber">;
export type FakeReachability = AnswerOf<"reachability">;
export type FakeSettings = AnswerOf<"hostSettings">;
type Delivery = NonNullable<FakeInvite["delivery"]>;
type ReachResult = AnswerOf<"checkReach">["result"];
type Refused = Extract<Reply<unknown>, { readonly ok: false }>["problem"];

export interface FakeChoice {
  /** What the environment says of the host's settings, and what was saved. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly saved?: Readonly<Record<string, string>>;
  readonly overview?: Partial<Overview>;
  readonly devices?: readonly Partial<FakeDevice>[];
  /** How the server's start ended; the default is that it runs. */
  readonly serverState?: ServerState;
  /** How it stands after a restart. */
  readonly restarted?: ServerState;
  /** What the desktop app knows of a newer version, and what it finds when it looks. */
  readonly update?: { readonly known: UpdateState; readonly found?: UpdateState };
  readonly invites?: readonly Partial<FakeInvite>[];
  /** Phones that wait for their digits: 41 the first, 42 the second. */
  readonly claims?: readonly Partial<FakeClaim>[];
  /** By how much the server's clock is ahead of the one this runs on. */
  readonly aheadBy?: number;
  readonly approvals?: readonly Partial<FakeApproval>[];
  readonly notifications?: readonly FakeNotification[];
  /** QR codes ask for this password. */
  readonly otp?: string;
  /** Newest first. */
  readonly audit?: AnswerOf<"listAudit">["lines"];
  /** Numbers without a line, reported with the first page. */
  readonly auditMissing?: number;
  /** Who sends, and what is set; without it, what `overview.sms_provider` takes to work. */
  readonly sms?: SmsChoice;
  readonly reach?: ReachResult;
  /** How phones get here; without it no tunnel runs, and cloudflared is installed. */
  readonly reachability?: Partial<FakeReachability>;
  /** The host's settings: asked for, or changed. Without it there are none. */
  readonly askSettings?: (change: InputOf<"saveHostSettings"> | undefined) => Promise<Reply<FakeSettings>>;
  /** The settings pages that are open in browsers. */
  readonly windows?: AnswerOf<"listWindows">["windows"];
  readonly adminToken?: { readonly set?: boolean; readonly locked?: boolean };
  readonly readNumber?: (typed: string, country: string | undefined) => Promise<PhoneReading>;
}

/** One white pixel. */
const PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII=";

/**
 * A Top Dog that works, in memory: numbers are read, links sent, phones paired, renamed and revoked, and each change is news.
 * A test may make an operation refuse or wait, pair a phone by hand, and read what was asked.
 */
export function createFakePage(choice: FakeChoice = {}) {
  const now = (): number => Date.now() + (choice.aheadBy ?? 0);
  const calls: { readonly name: PageOperation; readonly input: unknown }[] = [];
  const rejections = new Map<PageOperation, Refused>();
  const held = new Map<PageOperation, Promise<void>>();
  const releases = new Map<PageOperation, () => void>();
  const listeners = new Set<(item: ChangeEvent) => void>();
  const openers: ((place: Route) => void)[] = [];
  const atReady: Route[] = [];
  let state: ServerState = choice.serverState ?? { kind: "running" };
  let update: UpdateState = choice.update?.known ?? { kind: "unavailable" };
  const preferences: DesktopPreferences = {
    close_to_tray: true,
    start_at_login: false,
    ...(choice.update ? { look_for_updates: false } : {}),
  };
  const sms = startingSms(choice.sms, choice.overview?.sms_provider);
  let reach: ReachResult = choice.reach ?? "reached";
  const reachability: FakeReachability = {
    base_url: { value: "", locked: false },
    runner: "cloudflared",
    cloudflared: { path: { value: "", locked: false }, found: "/usr/local/bin/cloudflared" },
    ngrok: { authtoken: { set: false, locked: false } },
    tunnel_at_start: false,
    tunnel: { state: "off" },
    phone_door: "http://127.0.0.1:8001",
    local_network: [],
    ...choice.reachability,
  };
  const adminToken = { set: false, locked: false, kept_in: "keychain" as const, ...choice.adminToken };
  let count = 0;
  let installs = 0;

  const overview: Overview = {
    sms_provider: activeOf(sms),
    sms_month: { month: "2026-11", messages: 0 },
    base_url: "https://pair.example.com",
    invite_minutes: 15,
    admin_required: false,
    user: { user_id: "john", user_name: "John Doe" },
    country: "US",
    answers_at_computer: "window",
    secrets: { kind: "keychain", state: "ready", ways: [], new_key: false, can_pair: true },
    welcome: false,
    alerts: [],
    now: "",
    invites: [],
    ...choice.overview,
  };
  const invites: FakeInvite[] = (choice.invites ?? []).map(invite);
  const approvals: FakeApproval[] = (choice.approvals ?? []).map(approval);
  /** The digits are only on the phone. */
  const claims: { readonly claim: FakeClaim; readonly digits: string }[] = [];
  const wrongDigits = new Map<string, number>();
  for (const part of choice.claims ?? []) openClaim(part);
  const devices: FakeDevice[] = (choice.devices ?? []).map(device);
  const windows = [...(choice.windows ?? [])];
  const notifications = [...(choice.notifications ?? [])];

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
      level: "command",
      sends: 1,
      ...handedOver(),
      stale: false,
      invite_code,
      link: `${overview.base_url}/pair?code=${invite_code}`,
      ...part,
    };
  }
  /** What the provider's first answer says; mock mode has no provider. */
  function handedOver(): { delivery?: Delivery } {
    const provider = overview.sms_provider;
    return provider === "mock" ? {} : { delivery: { state: "handed_over", at: iso(now()), more: provider === "twilio" } };
  }
  function approval(part: Partial<FakeApproval>): FakeApproval {
    count += 1;
    const content = {
      project_name: part.project_name ?? "web-shop",
      plan: part.plan ?? "1. Migrate the database\n2. Restart the servers",
      affected_files: part.affected_files ?? ["deploy/production.yaml", "db/0042_orders.sql"],
    };
    return {
      approval_id: `approval-${count}`,
      status: "pending",
      content_sha256: contentSha256(content),
      build_id: `build-${count}`,
      ...content,
      estimated_duration: "2 minutes",
      requires_approval_by: iso(now() + 600_000),
      risk: "normal",
      requested_at: iso(now() - count * 1000),
      user_ids: ["john"],
      deliveries: [],
      ...part,
    };
  }
  function openClaim(part: Partial<FakeClaim>): void {
    count += 1;
    const claim: FakeClaim = {
      claim_id: `claim-${count}`,
      session_id: invites.find((one) => one.status === "pending")?.session_id ?? "session-1",
      method: "sms",
      user_id: "john",
      device_name: "John's iPhone",
      device_type: "ios",
      os_version: "iOS 18.6",
      browser: "Safari 18",
      network: "203.0.113.x",
      level: "command",
      claimed_at: iso(now()),
      expires_at: iso(now() + 120_000),
      ...part,
    };
    claims.push({ claim, digits: String(41 + claims.length) });
  }
  const closeClaims = (session: string): void => {
    for (let place = claims.length; place > 0; place -= 1) if (claims[place - 1]?.claim.session_id === session) claims.splice(place - 1, 1);
  };
  const openClaims = () => claims.filter(({ claim }) => Date.parse(claim.expires_at) > now());
  function device(part: Partial<FakeDevice>): FakeDevice {
    count += 1;
    return {
      device_id: `device-${count}`,
      device_name: "John's iPhone",
      device_type: "ios",
      status: "active",
      level: "command",
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

  const emit = (item: ChangeEvent): void => {
    for (const listener of listeners) listener(item);
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
    emit("devices");
    return devices[place];
  };
  const changeInvite = (id: string, set: Partial<FakeInvite>): void => {
    const place = invites.findIndex(({ session_id }) => session_id === id);
    const found = invites[place];
    if (found) invites[place] = { ...found, ...set };
    emit("invites");
  };
  const nameOf = (id: string | undefined, user: string | undefined): { device_name?: string } => {
    const found = devices.find(({ device_id, user_id }) => device_id === id && user_id === user);
    return found ? { device_name: found.device_name } : {};
  };
  const withNames = <T extends FakeApproval | FakeNotification>(message: T): T => ({
    ...message,
    deliveries: message.deliveries.map((delivery) => ({ ...delivery, ...nameOf(delivery.device_id, delivery.user_id) })),
  });
  const noDevice = refuse(404, "device_not_found", "No paired phone has this id. It may have been revoked already.");
  const status = (one: FakeInvite): FakeInvite => {
    const status = one.status === "pending" && Date.parse(one.expires_at) <= now() ? "expired" : one.status;
    if (status === "pending" || status === "expired") return { ...one, status };
    const ended = { ...one, status };
    delete ended.invite_code;
    delete ended.link;
    return ended;
  };

  const invitesNow = (): FakeInvite[] => invites.map((one) => ({ ...status(one), ...nameOf(one.device_id, one.user_id) }));
  /** The fifth wrong entry cancels the invite. */
  const wrong = (sessions: ReadonlySet<string>): Reply<never> => {
    let last = false;
    for (const session of sessions) {
      closeClaims(session);
      wrongDigits.set(session, (wrongDigits.get(session) ?? 0) + 1);
      last = wrongDigits.get(session) === 5;
      changeInvite(session, last ? { status: "cancelled", cancel_reason: "wrong_digits" } : {});
    }
    const reply = refuse(400, "digits_mismatch", sentences.digits_mismatch[last ? "last_try" : "default"]);
    return last && !reply.ok ? { ok: false, problem: { ...reply.problem, params: { reason: "last_try" } } } : reply;
  };
  const countOne = (): void => {
    if (overview.sms_provider !== "mock") overview.sms_month.messages += 1;
  };
  const view = (): FakeSms => ({ ...sms, active: activeOf(sms), ...problemOf(sms) });

  const setTunnel = (tunnel: FakeReachability["tunnel"]): void => {
    reachability.tunnel = tunnel;
    if (tunnel.state === "online") overview.base_url = tunnel.address;
    emit("reachability");
    emit("invites");
  };

  const answers: { readonly [N in PageOperation]: (input: InputOf<N>) => Reply<AnswerOf<N>> | Promise<Reply<AnswerOf<N>>> } = {
    overview: () => fine({ ...overview, now: iso(now()), invites: invitesNow().slice(0, 50) }),
    findInvites({ method, ...asked }) {
      const { items, next } = pageOf(asked, invitesNow(), {
        statusOf: ({ status }) => status,
        atOf: ({ created_at }) => created_at,
        idOf: ({ session_id }) => session_id,
        textsOf: (one) => [one.session_id, one.user_id, one.user_name, one.device_id, one.phone_number],
        also: (one) => method === undefined || method === one.method,
      });
      return fine({ invites: items, ...next });
    },
    async readPhoneNumber({ typed, country, user_name }) {
      const reading: PhoneReading = choice.readNumber
        ? await choice.readNumber(typed, country ?? overview.country)
        : { e164: "+14155552671", sendable: true, country: "US" };
      if (!reading.sendable) return fine(reading);
      const allowed = choice.sms?.allowed_countries;
      if (allowed && reading.country !== undefined && !allowed.includes(reading.country)) {
        const problem = `Text messages to this country (${reading.country}) are not allowed here. Use another number, or add it to PAIRING_ALLOWED_COUNTRIES.`;
        return fine({ ...(reading.e164 === undefined ? {} : { e164: reading.e164 }), sendable: false, country: reading.country, problem });
      }
      return fine({ ...reading, message: messageTo(reading.country, user_name ?? "", overview) });
    },
    sendInvite({ phone_number }) {
      const made = invite({ phone_number: `${phone_number.slice(0, 2)}******${phone_number.slice(-4)}` });
      invites.unshift(made);
      countOne();
      emit("invites");
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
      changeInvite(found.session_id, {
        expires_at: iso(now() + overview.invite_minutes * 60_000),
        sends: found.sends + 1,
        ...handedOver(),
      });
      countOne();
      return fine({ message: "SMS resent successfully" });
    },
    generateQr() {
      const made = invite({ method: "qr", phone_number: "" });
      invites.unshift(made);
      emit("invites");
      return fine({
        pairing_token: made.invite_code ?? "",
        expires_at: made.expires_at,
        qr_code_base64: PICTURE,
        pairing_link: `${overview.base_url}/pair?token=${made.invite_code ?? ""}`,
        otp_required: choice.otp !== undefined,
        ...(choice.otp === undefined ? {} : { otp_code: choice.otp }),
        mqtt_broker: "pair.example.com",
      });
    },
    cancelSession({ session_id }) {
      closeClaims(session_id);
      changeInvite(session_id, { status: "cancelled" });
      return fine({ session_id, status: "cancelled" });
    },
    listDevices: () => fine(devices),
    findDevices({ device_id, ...asked }) {
      const count = (wanted: FakeDevice["status"]): number => devices.filter((one) => one.status === wanted).length;
      const { items, next } = pageOf(asked, devices, {
        statusOf: ({ status }) => status,
        atOf: ({ paired_at }) => paired_at,
        idOf: (one) => `${one.user_id} ${one.device_id}`,
        textsOf: (one) => [one.device_id, one.device_name, one.user_id, one.device_type, one.os_version, one.app_version],
        also: (one) => device_id === undefined || one.device_id === device_id,
      });
      return fine({
        devices: items,
        ...next,
        counts: { active: count("active"), suspended: count("suspended"), revoked: count("revoked") },
      });
    },
    listSessions: () => fine({ sessions: invites.map(status) }),
    changeDevice({ device_id, device_name, level }) {
      const set = { ...(device_name === undefined ? {} : { device_name }), ...(level === undefined ? {} : { level }) };
      const changed = change(device_id, set);
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
    confirmDevice({ device_id }) {
      const changed = change(device_id, { confirmed: undefined });
      return changed ? fine(changed) : noDevice;
    },
    listClaims: () => fine({ claims: openClaims().map(({ claim }) => claim), now: iso(now()) }),
    confirmClaim({ digits, session_id }) {
      const open = openClaims().filter(({ claim }) => session_id === undefined || claim.session_id === session_id);
      const meant = open.find((one) => one.digits === digits)?.claim;
      if (open.length === 0) return refuse(410, "claim_closed", sentences.claim_closed.none_open);
      if (!meant) return wrong(new Set(open.map(({ claim }) => claim.session_id)));
      closeClaims(meant.session_id);
      const { device_name, device_type, os_version, user_id, level, method } = meant;
      const made = device({ device_name, device_type, os_version, user_id, level, paired_via: method, paired_at: iso(now()) });
      devices.push(made);
      changeInvite(meant.session_id, { status: "accepted", device_id: made.device_id, accepted_at: iso(now()) });
      emit("devices");
      return fine({ device_id: made.device_id, device_name, user_id, level });
    },
    testDevice({ device_id }) {
      const phone = devices.find((one) => one.device_id === device_id);
      if (!phone) return noDevice;
      const notification_id = `test-${notifications.length + 1}`;
      const { user_id } = phone;
      const payload = {
        build_id: "test",
        project_name: "Top Dog",
        status: "success",
        message: "This is a test.",
        priority: "normal",
      } as const;
      notifications.unshift({
        notification_id,
        sent_at: iso(now()),
        deliveries: [{ device_id, user_id, state: "waiting" }],
        payload: { ...payload, action_required: false, notification_id },
      });
      return fine({
        notification_id,
        inbox: { state: "waiting" as const },
        push: { state: "accepted" as const, sentence: "The push service accepted the notification." },
        sms: { state: "off" as const, sentence: "Text messages about approvals are off." },
      });
    },
    revokeAllDevices({ except_device_id }) {
      const meant = devices.filter(({ device_id, status }) => status !== "revoked" && device_id !== except_device_id);
      for (const { device_id } of meant) change(device_id, { status: "revoked" });
      return fine({ revoked: meant.length });
    },
    listApprovals(asked) {
      const { items, next } = pageOf(asked, approvals, {
        statusOf: ({ status, requires_approval_by }) =>
          status === "pending" && Date.parse(requires_approval_by) <= now() ? "expired" : status,
        atOf: ({ requested_at }) => requested_at,
        idOf: ({ approval_id }) => approval_id,
        textsOf: (one) => [one.approval_id, one.build_id, one.project_name, one.plan, one.comment, ...one.user_ids],
      });
      return fine({ approvals: items.map(withNames), ...next });
    },
    decideAtComputer({ approval_id, decision, comment, content_sha256 }) {
      const place = approvals.findIndex((approval) => approval.approval_id === approval_id);
      const found = approvals[place];
      if (!found) return refuse(404, "approval_not_found", "No approval has this id.");
      if (content_sha256 !== found.content_sha256) return refuse(409, "approval_changed", "What was shown is not what would be approved.");
      const status = decision === "approve" ? "approved" : "rejected";
      if (found.status !== "pending" && found.status !== status)
        return refuse(409, "already_decided", `This was already ${found.status} on ${found.decided_by_name ?? "another screen"}.`);
      const settled = {
        status,
        decided_by: "desk",
        decided_via: "computer",
        decided_at: iso(now()),
        ...(comment === undefined ? {} : { comment }),
      } as const;
      approvals[place] = { ...found, ...settled };
      emit("approvals");
      return fine({ approval_id, content_sha256, ...settled });
    },
    listNotifications(asked) {
      const { items, next } = pageOf(asked, notifications, {
        statusOf: ({ payload }) => payload.status,
        atOf: ({ sent_at }) => sent_at,
        idOf: ({ notification_id }) => notification_id,
        textsOf: ({ payload, deliveries }) => [
          payload.notification_id,
          payload.build_id,
          payload.project_name,
          payload.message,
          ...deliveries.map(({ device_id }) => device_id),
        ],
      });
      return fine({ notifications: items.map(withNames), ...next });
    },
    listWindows: () => fine({ windows }),
    endWindow({ window_id }) {
      const place = windows.findIndex((each) => each.window_id === window_id);
      if (place >= 0) windows.splice(place, 1);
      emit("settings");
      return fine({ window_id, ended: place >= 0 });
    },
    rotateLocalKey() {
      emit("settings");
      return fine({ rotated: true });
    },
    checkSecrets: () => fine(overview.secrets),
    moveSecrets({ to }) {
      overview.secrets = { kind: to, state: "ready", ways: to === "file" ? ["keychain"] : [], new_key: false, can_pair: true };
      emit("invites");
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
      const phones = devices
        .filter(({ device_id, user_id }) => lines.some((line) => line.device_id === device_id && line.user_id === user_id))
        .map(({ device_id, user_id, device_name }) => ({ device_id, user_id, device_name }));
      return fine({ lines, ...(next === undefined ? {} : { next }), unreadable: 0, missing, phones });
    },
    smsSettings: () => fine(view()),
    saveSmsSettings(change) {
      if (lockedIn(sms, change))
        return refuse(409, "setting_locked", "This setting comes from the environment. Change it there and start Top Dog again.");
      const next = structuredClone(sms);
      saveSms(next, change);
      const { problem } = problemOf(next);
      if (change.provider !== undefined && problem !== undefined) return refuse(400, "sms_settings_incomplete", problem);
      Object.assign(sms, next);
      overview.sms_provider = activeOf(sms);
      emit("sms");
      return fine(view());
    },
    testSmsConnection() {
      const provider = activeOf(sms);
      const { problem } = problemOf(sms);
      if (problem !== undefined) return fine({ ok: false, provider, sentence: problem });
      if (provider === "mock")
        return fine({ ok: false, provider, sentence: "Mock mode prints messages instead of sending them. Choose a provider first." });
      const { label } = sms.providers.find(({ id }) => id === provider)!;
      return fine({ ok: true, provider, sentence: `${label} knows these credentials. The account is called Example and is active.` });
    },
    sendTestSms({ phone_number }) {
      count += 1;
      const session_id = `session-${count}`;
      overview.sms_test = { session_id, phone_number: `${phone_number.slice(0, 2)}******${phone_number.slice(-4)}`, ...handedOver() };
      countOne();
      emit("invites");
      return fine({ session_id, message: "Test message sent." });
    },
    reachability: () => fine(reachability),
    saveReachability({ base_url, cloudflared_path, tunnel_at_start, runner, ngrok_authtoken }) {
      if (runner !== undefined) reachability.runner = runner;
      if (ngrok_authtoken !== undefined) reachability.ngrok = { authtoken: { set: ngrok_authtoken !== "", locked: false } };
      if (base_url !== undefined) {
        reachability.base_url = { value: base_url.replace(/\/$/, ""), locked: false };
        overview.base_url = reachability.base_url.value;
      }
      if (cloudflared_path !== undefined)
        reachability.cloudflared = { path: { value: cloudflared_path, locked: false }, found: cloudflared_path };
      if (tunnel_at_start !== undefined) reachability.tunnel_at_start = tunnel_at_start;
      emit("reachability");
      emit("invites");
      return fine(reachability);
    },
    startTunnel() {
      if (reachability.cloudflared.found === undefined) setTunnel({ state: "failed", sentence: reachability.cloudflared.problem ?? "" });
      else setTunnel({ state: "starting", since: iso(now()) });
      return fine(reachability);
    },
    stopTunnel() {
      setTunnel({ state: "off" });
      return fine(reachability);
    },
    hostSettings: async () => (await choice.askSettings?.(undefined)) ?? fine({ settings: [] }),
    adminToken: () => fine(adminToken),
    saveAdminToken() {
      adminToken.set = true;
      emit("settings");
      return fine(adminToken);
    },
    removeAdminToken() {
      adminToken.set = false;
      emit("settings");
      return fine(adminToken);
    },
    async saveHostSettings(change) {
      const reply = (await choice.askSettings?.(change)) ?? fine({ settings: [] });
      if (!reply.ok || change.check_only === true) return reply;
      const savedValue = (name: string): string | undefined => reply.value.settings.find((setting) => setting.name === name)?.value;
      overview.user.user_name = savedValue("PAIRING_USER_NAME") ?? overview.user.user_name;
      overview.country = savedValue("PAIRING_COUNTRY") ?? overview.country;
      emit("settings");
      return reply;
    },
    saveWelcome({ shown }) {
      overview.welcome = shown;
      emit("invites");
      return fine({ shown });
    },
    checkReach: () =>
      fine({
        result: reach,
        reachable: reach === "reached" || (["this_computer_only", "this_network_only"].includes(reach) && overview.sms_provider === "mock"),
        base_url: overview.base_url,
        sentence: reachSentences[reach],
      }),
  };

  const ask = async <N extends PageOperation>(name: N, input: InputOf<N>): Promise<Reply<AnswerOf<N>>> => {
    calls.push({ name, input: structuredClone(input) });
    await held.get(name);
    const problem = rejections.get(name);
    return problem ? { ok: false, problem } : answers[name](input);
  };

  const api = {
    ...Object.fromEntries(PAGE_OPERATIONS.map((name) => [name, async (input: never) => ask(name, input)])),
    onNews(listener: (item: ChangeEvent) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as PairingApi;

  return {
    /** As the preload exposes it. */
    bridge: {
      ...api,
      serverState: async () => state,
      async startServer() {
        state = { kind: "running" };
        return state;
      },
      async restartServer() {
        state = choice.restarted ?? { kind: "running" };
        return state;
      },
      async goBack() {
        state = { kind: "running" };
        return state;
      },
      chooseFolder: async () => state,
      preferences: async () => preferences,
      async setPreferences(change: DesktopPreferences) {
        Object.assign(preferences, change);
        return preferences;
      },
      updateState: async () => update,
      async lookForUpdates() {
        update = choice.update?.found ?? update;
        return update;
      },
      async installUpdate() {
        installs += 1;
        return update;
      },
      onOpen: (listener: (place: Route) => void) => void openers.push(listener),
      ready() {
        for (const place of atReady) for (const listener of openers) listener(place);
      },
    } satisfies WindowBridge,
    calls,
    emit,
    installs: () => installs,
    setUpdate(next: UpdateState) {
      update = next;
    },
    /** The next answers of an operation; without a problem it works again. */
    refuse(
      name: PageOperation,
      problem?: { readonly status: number; readonly code: string; readonly detail: string } & Pick<
        Refused,
        "retry_after" | "details" | "errors"
      >,
    ) {
      if (problem) rejections.set(name, { type: `urn:topdog:problem:${problem.code}`, title: problem.code, ...problem });
      else rejections.delete(name);
    },
    /** The operation does not answer until it is released. */
    hold(name: PageOperation) {
      held.set(name, new Promise((resolve) => releases.set(name, resolve)));
    },
    /** What the provider says of a message: an invite's, or the last test's. */
    report(message: string, state: Delivery["state"], part: Partial<Delivery> = {}) {
      const delivery: Delivery = { state, at: iso(now()), more: state === "sent", ...part };
      if (message === "test") {
        if (overview.sms_test) overview.sms_test = { ...overview.sms_test, delivery };
        emit("invites");
      } else changeInvite(message, { delivery });
    },
    setTunnel,
    setReach(result: ReachResult) {
      reach = result;
    },
    /** Somebody else saved this. */
    setSms(change: InputOf<"saveSmsSettings">) {
      saveSms(sms, change);
      overview.sms_provider = activeOf(sms);
      emit("sms");
    },
    release(name: PageOperation) {
      held.delete(name);
      releases.get(name)?.();
    },
    /** The app was started with a link: the page gets it as soon as it listens. */
    openAtReady: (place: Route) => void atReady.push(place),
    open(place: Route) {
      for (const listener of openers) listener(place);
    },
    /** A phone follows the newest waiting link and accepts. */
    accept(name: string, part: Partial<FakeDevice> = {}) {
      const made = device({ device_name: name, paired_at: iso(now()), last_seen: iso(now()), ...part });
      devices.push(made);
      const waiting = invites.find(({ status }) => status === "pending");
      if (waiting) changeInvite(waiting.session_id, { status: "accepted", device_id: made.device_id, accepted_at: iso(now()) });
      emit("devices");
    },
    /** A phone accepts an invite and shows its digits: 41 the first, 42 the second. */
    claim(part: Partial<FakeClaim> = {}) {
      openClaim(part);
      emit("invites");
    },
    /** An IDE asks. */
    ask(part: Partial<FakeApproval> = {}) {
      approvals.unshift(approval(part));
      emit("approvals");
    },
    setApproval(id: string, set: Partial<FakeApproval>) {
      const place = approvals.findIndex(({ approval_id }) => approval_id === id);
      const found = approvals[place];
      if (found) approvals[place] = { ...found, ...set };
      emit("approvals");
    },
    /** What became of the newest notification. */
    arrive(state: FakeNotification["deliveries"][number]["state"]) {
      const [newest] = notifications;
      if (newest)
        notifications[0] = { ...newest, deliveries: newest.deliveries.map((delivery) => ({ ...delivery, state, at: iso(now()) })) };
      emit("messages");
    },
    setOverview: (part: Partial<Overview>) => void Object.assign(overview, part),
    setInvite: changeInvite,
    /** Of the newest invite. */
    setNewestInvite(set: Partial<FakeInvite>) {
      if (invites[0]) changeInvite(invites[0].session_id, set);
    },
    setDevice: change,
  };
}

export type FakePage = ReturnType<typeof createFakePage>;

interface Listed<Item> {
  readonly statusOf: (item: Item) => string;
  readonly atOf: (item: Item) => string;
  readonly idOf: (item: Item) => string;
  /** What a search covers. */
  readonly textsOf: (item: Item) => readonly (string | undefined)[];
  readonly also?: (item: Item) => boolean;
}

/** As the server's lists: the newest first, only what holds all words, and a place that is good whatever comes and goes elsewhere. */
function pageOf<Item>(
  { limit = 50, after, q = "", status }: Pick<InputOf<"findDevices">, "limit" | "after" | "q" | "status">,
  all: readonly Item[],
  { statusOf, atOf, idOf, textsOf, also }: Listed<Item>,
): { items: Item[]; next: { next?: string } } {
  const placeOf = (item: Item): string => JSON.stringify([atOf(item), idOf(item)]);
  const words = q.toLowerCase().split(/\s+/);
  const found = all
    .map((item, order) => ({ item, order, at: atOf(item), place: placeOf(item) }))
    .sort((one, other) => other.at.localeCompare(one.at) || one.order - other.order)
    .filter(({ item }) => {
      const text = textsOf(item).join("\n").toLowerCase();
      return (
        (status === undefined || status.split(",").includes(statusOf(item))) &&
        words.every((word) => text.includes(word)) &&
        (also?.(item) ?? true)
      );
    });
  const last = after === undefined ? undefined : (JSON.parse(after) as [string, string]);
  const known = found.findIndex(({ place }) => place === after);
  const start = last === undefined ? 0 : known >= 0 ? known + 1 : found.findIndex(({ at }) => at < last[0]);
  const items = start < 0 ? [] : found.slice(start, start + Number(limit));
  const end = items.at(-1);
  return {
    items: items.map(({ item }) => item),
    next: end && start + Number(limit) < found.length ? { next: end.place } : {},
  };
}

function messageTo(
  country: string | undefined,
  name: string,
  { base_url, invite_minutes, sms_provider }: Overview,
): PhoneReading["message"] {
  const plain = /^[\u0020-\u007e]*$/.test(name);
  const segments = plain ? 1 : 3;
  const [least, most] = country === "US" ? [0.0079, 0.0079] : [0.02, 0.15];
  const rounded = (price: number): number => Math.round(price * segments * 100_000) / 100_000;
  return {
    text: `Hi ${name}! Click to pair your phone with Top Dog:\n\n${base_url}/pair?code=…\n\nLink expires in ${invite_minutes} minutes.`,
    segments,
    character_set: plain ? "GSM-7" : "UCS-2",
    ...(sms_provider === "mock" ? {} : { cost: { currency: "USD", least: rounded(least), most: rounded(most) } }),
  };
}

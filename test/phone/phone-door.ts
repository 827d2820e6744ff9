import { mkdtempSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Plugin } from "esbuild";
import { openFixedPlace } from "../../src/adapters/secrets/fixed-place.ts";
import { createMemorySecrets } from "../../src/adapters/secrets/memory.ts";
import { createOneServer } from "../../src/adapters/shared/one-server.ts";
import { createMockSms } from "../../src/adapters/sms/mock.ts";
import { createMemoryStore } from "../../src/adapters/stores/memory/memory-store.ts";
import { createChangeEvents } from "../../src/adapters/system/change-events.ts";
import { systemDigest } from "../../src/adapters/system/digest.ts";
import { createInboxSignals } from "../../src/adapters/system/inbox-signals.ts";
import { systemRandom } from "../../src/adapters/system/random.ts";
import { createMemoryWindows } from "../../src/adapters/windows/memory.ts";
import {
  type AuditEntry,
  createPairing,
  type Level,
  MINUTE,
  type Pairing,
  PairingError,
  type PairingSettings,
  statusOf,
  type TokenClaims,
} from "../../src/core/index.ts";
import { createCountRequest } from "../../src/http/count-request.ts";
import { createDeviceCookies } from "../../src/http/device-cookie.ts";
import { createDispatch } from "../../src/http/dispatch.ts";
import { createPages } from "../../src/http/pages.ts";
import { readPhoneAssets } from "../../src/http/phone-door/assets.ts";
import { createPhoneGuard } from "../../src/http/phone-door/guard.ts";
import { pageLanguageOf } from "../../src/http/phone-door/page-language.ts";
import { phonePages } from "../../src/http/phone-door/pages.ts";
import type { PairPageDeps } from "../../src/http/phone-door/pair-pages.ts";
import { createRequestIds } from "../../src/http/request-id.ts";
import { createDeviceConnections } from "../../src/operations/device-connections.ts";
import type { OperationSettings } from "../../src/operations/handlers.ts";
import { createOperations } from "../../src/operations/run.ts";
import { createWindowSessions } from "../../src/operations/window-sessions.ts";
import { PAGE_LANGUAGES } from "../../src/words/page-languages.ts";

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

interface Asked {
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: string;
}

export interface PhoneDoor {
  readonly address: string;
  readonly pairing: Pairing;
  readonly audit: () => readonly AuditEntry[];
  readonly failures: readonly unknown[];
  /** Moves the server's clock. */
  readonly later: (milliseconds: number) => void;
  /** From now on every change is refused, as by a full disk. */
  /** The signing key cannot be read, or can again. */
  readonly lockKeys: (locked: boolean) => void;
  readonly breakStorage: (thrown?: Error) => void;
  readonly invite: (userName?: string, userId?: string, level?: Level) => Promise<string>;
  readonly openQr: () => ReturnType<Pairing["openQr"]>;
  readonly status: (code: string) => Promise<string>;
  readonly ask: (method: string, target: string, asked?: Asked) => Promise<Answer>;
  /** The page's own form, as a browser without JavaScript sends it. */
  readonly post: (fields: Readonly<Record<string, string>>, headers?: http.OutgoingHttpHeaders) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

interface BuildScript {
  readonly buildPhonePages: (outFolder: string, plugins?: readonly Plugin[]) => Promise<void>;
}

/** By the names of the plugins: the test files of a worker share this module. */
const built = new Map<string, Promise<string>>();

/** The page's files, built once for all tests of a worker. */
async function builtAssets(plugins: readonly Plugin[]): Promise<string> {
  const key = plugins.map(({ name }) => name).join(" ");
  const files = built.get(key) ?? buildAssets(plugins);
  built.set(key, files);
  return files;
}

async function buildAssets(plugins: readonly Plugin[]): Promise<string> {
  const folder = path.join(mkdtempSync(path.join(tmpdir(), "topdog-phone-")), "phone");
  const script = (await import(new URL("../../scripts/build-phone.mjs", import.meta.url).href)) as BuildScript;
  await script.buildPhonePages(folder, plugins);
  return folder;
}

export interface DoorChoice {
  readonly computerName?: string;
  readonly limitScale?: number;
  readonly baseUrl?: string;
  readonly otpRequired?: boolean;
  readonly confirm?: PairingSettings["confirm"];
  /** For the build of the pages' files. */
  readonly plugins?: readonly Plugin[];
  /** In place of the real ones. */
  readonly needs?: Partial<PairPageDeps>;
}

/** The phone door as phones see it: guard, operations, limits and pages, over a world in memory. */
export async function openPhoneDoor(choice: DoorChoice = {}): Promise<PhoneDoor> {
  let ahead = 0;
  const clock = { now: () => Date.now() + ahead, steady: () => performance.now() + ahead, pause: async () => undefined };
  const failures: unknown[] = [];
  let broken: Error | undefined;
  let locked = false;
  const needKeys = (): void => {
    if (locked) throw new PairingError("keys_unavailable");
  };
  const store = breakableStore(() => {
    if (broken) throw broken;
  });
  let address = "";
  const baseUrl = (): string => choice.baseUrl ?? address;
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const pairing = createPairing(
    {
      clock,
      clockWatch: { retentionNow: clock.now },
      random: systemRandom,
      digest: systemDigest,
      store,
      sms: createMockSms(() => undefined),
      smsSetup: { read: unasked, save: unasked, tryConnection: unasked },
      reachabilitySetup: { read: unasked, save: unasked },
      tunnel: { state: unasked, start: unasked, stop: unasked },
      hostSettings: { list: unasked, save: unasked, check: unasked },
      adminToken: { status: unasked, read: unasked, keep: unasked, drop: unasked },
      pageMemory: { welcome: unasked, keepWelcome: unasked },
      reach: { prove: (nonce) => nonce, ask: async () => "reached" },
      phoneNumbers: { read: async (typed) => ({ e164: typed, possible: true, costly: false, landline: false, mayBeIn: ["US"] }) },
      tokens: {
        async issue(claims: TokenClaims) {
          needKeys();
          return `token.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
        },
        ensureSigning: async () => needKeys(),
        signingProblem: () => (locked ? { kind: "unreadable", sentence: "The keyring is locked. Unlock it, then try again." } : undefined),
        verify: async () => Promise.reject(new PairingError("token_invalid")),
        rotate: async () => Promise.reject(new PairingError("keys_elsewhere")),
        publicKeys: async () => ({ keys: [] }),
      },
      presence: { idleFor: unasked },
      push: { publicKey: unasked, examine: unasked, send: unasked },
      secretPlace: openFixedPlace(createMemorySecrets(), "", quiet, () => undefined).place,
      changeEvents: createChangeEvents(),
      inboxSignals: createInboxSignals(),
      ...createOneServer(clock),
      log: quiet,
    },
    {
      baseUrl,
      userId: "ada",
      inviteMinutes: 15,
      tokenDays: 30,
      confirm: choice.confirm ?? "never",
      qr: { minutes: 5, otpRequired: choice.otpRequired ?? false, otpEmbedded: false },
      push: { urgentInQuietHours: true, notAtKeyboard: false },
      smsBudget: { perNumberPerTenMinutes: 1000, perNumberPerDay: 1000, perDay: 1000 },
    },
  );
  const guard = createPhoneGuard(baseUrl);
  const count = createCountRequest(() => choice.limitScale ?? 1000, clock.now);
  const ownCookies = createDeviceCookies("test");
  const cookies = (token: string, expiresAt: number): readonly string[] => ownCookies.set(token, expiresAt, baseUrl().startsWith("https:"));
  const pages = phonePages(readPhoneAssets(await builtAssets(choice.plugins ?? [])), {
    words: PAGE_LANGUAGES,
    languageOf: (request) => pageLanguageOf(request, "en"),
    pairing,
    computerName: choice.computerName ?? "MacBook Pro",
    callerOf: () => ({ ip: "203.0.113.7" }),
    count: (request, bucket, response) => count(request, response, bucket, { ip: "203.0.113.7", shared: false }),
    deviceCookies: cookies,
    isSameOrigin: guard.isSameOrigin,
    noteFailure: (thrown) => void failures.push(thrown),
    ...choice.needs,
  });
  const settings: OperationSettings = {
    deviceCookies: cookies,
    ports: unasked,
    rotateLocalKey: unasked,
    inUse: () => ({
      adminRequired: false,
      mqttBroker: undefined,
      userId: "user123",
      userName: "John Doe",
      country: "US",
      answersAtComputer: "window",
    }),
  };
  const operations = createOperations({
    pairing,
    settings,
    connections: createDeviceConnections(pairing),
    windows: createWindowSessions(pairing.now, createMemoryWindows()),
    brokerStatus: () => undefined,
    checkReady: async () => undefined,
    log: quiet,
  });
  const listener = createDispatch(
    { pairing, operations, log: quiet },
    {
      name: "phone",
      guard: guard.check,
      isSameOrigin: guard.isSameOrigin,
      cookies: ownCookies,
      addressOf: () => ({ ip: "203.0.113.7", shared: false }),
      requestId: createRequestIds([]),
      identify: async () => "anonymous",
      count,
      pages: createPages(pages, "phone", quiet),
    },
  );
  const server = http.createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const ask = (method: string, target: string, { headers = {}, body }: Asked = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const request = http.request(address + target, { method, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const bytes = Buffer.concat(chunks);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, text: bytes.toString("utf8") });
        });
      });
      request.on("error", reject);
      request.end(body);
    });

  return {
    get address() {
      return address;
    },
    pairing,
    /** What the phone did. */
    audit() {
      return store.auditLines().filter((line) => !["send_sms_invite", "generate_qr"].includes((line as AuditEntry).event)) as AuditEntry[];
    },
    failures,
    later: (milliseconds) => {
      ahead += milliseconds;
    },
    lockKeys: (now) => {
      locked = now;
    },
    breakStorage: (thrown = new PairingError("storage_unavailable")) => {
      broken = thrown;
    },
    invite: async (userName = "John Doe", userId = "user123", level = "command") =>
      (await pairing.sendInvite({ phoneNumber: "+14155551234", userId, userName, level }, {})).code,
    openQr: async () => pairing.openQr({ userId: "user123", userName: "John Doe" }, {}),
    status: async (code) => statusOf(await pairing.findInvite(code), clock.now()),
    ask,
    post: (fields, headers = {}) =>
      ask("POST", "/pair", {
        headers: { Origin: address, "Content-Type": "application/x-www-form-urlencoded", ...headers },
        body: new URLSearchParams(fields).toString(),
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const EXPIRY = 15 * MINUTE;

const unasked = (): never => {
  throw new Error("the phone door does not ask this");
};

/** The product's own store, on a disk that may fail. */
function breakableStore(check: () => void): ReturnType<typeof createMemoryStore> {
  const store = createMemoryStore();
  return {
    ...store,
    async acceptInvite(change) {
      check();
      return store.acceptInvite(change);
    },
    async cancelInvite(change) {
      check();
      return store.cancelInvite(change);
    },
  };
}

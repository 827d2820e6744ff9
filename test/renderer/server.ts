import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { openPageMemory } from "../../src/adapters/page-memory.ts";
import { createAdminToken } from "../../src/adapters/secrets/admin-token.ts";
import { createMemorySecrets } from "../../src/adapters/secrets/memory.ts";
import { createOneServer } from "../../src/adapters/shared/one-server.ts";
import { openSms } from "../../src/adapters/sms/open-sms.ts";
import { savedSmsFile } from "../../src/adapters/sms/saved-settings.ts";
import { createMemoryStore } from "../../src/adapters/stores/memory/memory-store.ts";
import { createChangeEvents } from "../../src/adapters/system/change-events.ts";
import { systemDigest } from "../../src/adapters/system/digest.ts";
import { createInboxSignals } from "../../src/adapters/system/inbox-signals.ts";
import { phoneNumbers } from "../../src/adapters/system/phone-numbers.ts";
import { systemRandom } from "../../src/adapters/system/random.ts";
import { openReachability, savedReachabilityFile } from "../../src/adapters/tunnel/reachability-setup.ts";
import { createMemoryWindows } from "../../src/adapters/windows/memory.ts";
import type { AnswerOf, InputOf, OperationName } from "../../src/contract/operations.ts";
import type { Reply } from "../../src/contract/pairing-api.ts";
import {
  createPairing,
  type Pairing,
  type Ports,
  type ReachFinding,
  type SecretPlaceStatus,
  type TunnelState,
} from "../../src/core/index.ts";
import { PUBLIC_ADDRESS } from "../../src/host/open-connectivity.ts";
import { pairingSettings } from "../../src/host/pairing-settings.ts";
import { createDeviceConnections } from "../../src/operations/device-connections.ts";
import type { RequestContext } from "../../src/operations/handlers.ts";
import { Later } from "../../src/operations/later.ts";
import { replyProblem } from "../../src/operations/problem.ts";
import { createOperations, type Operations } from "../../src/operations/run.ts";
import { createWindowSessions } from "../../src/operations/window-sessions.ts";
import type { SavedSettings } from "../../src/settings/read-settings.ts";
import { createSettingsStore } from "../../src/settings/settings-store.ts";
import { createPlainTokens } from "../plain-tokens.ts";
import { settingsInMemory } from "../settings-in-memory.ts";

export interface ServerChoice {
  /** Beside its own, which has nothing of the computer that the tests run on. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the settings page saved before. */
  readonly saved?: SavedSettings;
  /** What another server of the same database saved since the start. */
  readonly savedElsewhere?: Readonly<Record<string, string>>;
  /** In its folder, which is the user's home as well, before it starts. */
  readonly files?: Readonly<Record<string, string>>;
  readonly secretsIn?: "keychain" | "environment";
  /** The public address that was saved; empty: none. */
  readonly address?: string;
  readonly localNetwork?: readonly string[];
  readonly phoneDoor?: string;
  /** Whether the programs for tunnels are on this computer; the default is that they are. */
  readonly withoutTunnels?: boolean;
  /** Whether the page begins with the first steps. */
  readonly welcome?: boolean;
  /** What asking the public address finds; the default is that phones get there. */
  readonly reach?: ReachFinding;
  /** Its clock stands here until it is moved. */
  readonly at?: string;
}

const ADDRESS = "https://pair.example.com";
const READY: SecretPlaceStatus = { kind: "keychain", state: "ready", ways: [], newKey: false };
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Who asks. */
type Asker = Pick<RequestContext, "callerClass"> & Partial<Pick<RequestContext, "caller" | "device" | "signed" | "windowKey">>;

/**
 * The product without doors: its use cases and operations over the memory store and the real settings. In place of the world: a clock,
 * digits, a keychain, a tunnel and a way to the public address that tests set.
 */
export async function openServer(choice: ServerChoice = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog-page-server-"));
  for (const [name, text] of Object.entries(choice.files ?? {})) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text, { mode: 0o600 });
  }
  const env = { HOME: folder, LANG: "en_US.UTF-8", ...choice.env };
  const clock = createTestClock(choice.at);
  const world: { secrets: SecretPlaceStatus; tunnel: TunnelState; reach: ReachFinding } = {
    secrets: READY,
    tunnel: { kind: "off" },
    reach: choice.reach ?? "reached",
  };
  const file = settingsInMemory(choice.saved ?? { PAIRING_USER_ID: "john", PAIRING_USER_NAME: "John Doe" });
  const settings = createSettingsStore({ env, defaults: { storageFolder: folder }, file });
  if (choice.savedElsewhere) {
    await file.update((latest) => ({ ...latest, ...choice.savedElsewhere }));
    settings.refresh();
  }
  const { inUse } = settings;
  const changeEvents = createChangeEvents();
  const secrets = { ...createMemorySecrets(), kind: choice.secretsIn ?? ("keychain" as const) };
  const sms = await openSms({
    environment: inUse().sms,
    askBeforeAws: true,
    file: savedSmsFile(folder),
    secrets,
    print: () => undefined,
    log: quiet,
  });
  const phoneDoor = choice.phoneDoor ?? "http://127.0.0.1:8001";
  const reachability = await openReachability({
    file: savedReachabilityFile(folder),
    environment: inUse(),
    secrets,
    loadNgrok: async () => (choice.withoutTunnels === true ? { failure: "ngrok_not_installed" } : { ngrok: {} as never }),
    phoneDoor: () => phoneDoor,
    localNetwork: () => choice.localNetwork ?? [],
  });
  const baseUrl = (): string =>
    world.tunnel.kind === "online"
      ? world.tunnel.address
      : (reachability.ownAddress() ?? (sms.sender.name === "mock" ? phoneDoor : PUBLIC_ADDRESS));
  const setTunnel = (tunnel: TunnelState): void => {
    world.tunnel = tunnel;
    for (const item of ["reachability", "invites"] as const) changeEvents.emit(item);
  };
  const store = createMemoryStore();
  const ports: Ports = {
    clock,
    clockWatch: { retentionNow: clock.now },
    random: { token: systemRandom.token, digits: createTestDigits() },
    digest: systemDigest,
    store,
    sms: sms.sender,
    smsSetup: sms.setup,
    hostSettings: settings,
    adminToken: createAdminToken({
      secrets,
      fromEnvironment: inUse().adminToken,
      isSaved: () => inUse().adminTokenSaved,
      noteSaved: settings.noteAdminToken,
    }),
    pageMemory: openPageMemory(folder, quiet),
    reach: { prove: (nonce) => nonce, ask: async () => world.reach },
    reachabilitySetup: {
      save: reachability.save,
      async read() {
        const { cloudflared, ...found } = await reachability.read();
        const { path: chosen } = cloudflared;
        // Nothing is searched for on the computer that the tests run on.
        const own = choice.withoutTunnels === true ? ({ failure: "not_installed" } as const) : { found: "/usr/local/bin/cloudflared" };
        return { ...found, cloudflared: chosen.value === "" ? { path: chosen, ...own } : cloudflared };
      },
    },
    tunnel: {
      state: () => world.tunnel,
      start: () => setTunnel({ kind: "starting", since: clock.now() }),
      stop: async () => setTunnel({ kind: "off" }),
    },
    phoneNumbers,
    tokens: createPlainTokens(() => signingProblem(world.secrets)),
    push: { publicKey: async () => "", examine: () => undefined, send: async () => ({ kind: "accepted" }) },
    presence: { idleFor: () => undefined },
    secretPlace: {
      status: () => world.secrets,
      retry: async () => world.secrets,
      async moveTo(kind) {
        world.secrets = { ...READY, kind, ways: kind === "file" ? ["keychain"] : [] };
        return world.secrets;
      },
    },
    changeEvents,
    inboxSignals: createInboxSignals(),
    ...createOneServer(clock),
    log: quiet,
  };
  const windows = createWindowSessions(clock.now, createMemoryWindows());
  const connections: ReturnType<typeof createDeviceConnections>[] = [];

  /** A run of the server, which remembers no links and no alerts of the one before. */
  const begin = (): { readonly pairing: Pairing; readonly operations: Operations } => {
    const pairing = createPairing(ports, pairingSettings(baseUrl, inUse));
    const held = createDeviceConnections(pairing);
    connections.push(held);
    const operations = createOperations({
      pairing,
      settings: {
        inUse,
        rotateLocalKey: async () => undefined,
        ports: () => ({ local_port: 8000, phone_port: 8001 }),
        deviceCookies: () => [],
      },
      connections: held,
      windows,
      brokerStatus: () => undefined,
      checkReady: async () => undefined,
      log: quiet,
    });
    return { pairing, operations };
  };
  let run = begin();
  let windowKey: string | undefined;
  await ports.pageMemory.keepWelcome(choice.welcome === true);
  const address = choice.address ?? ADDRESS;
  const saved = { cloudflaredPath: undefined, tunnelAtStart: undefined, runner: undefined, ngrokAuthtoken: undefined };
  if (address !== "" && inUse().baseUrl === undefined) await reachability.save({ ...saved, baseUrl: address });

  return {
    clock,
    store,
    folder,
    windows,
    emit: changeEvents.emit,
    listen: changeEvents.listen,
    setTunnel,
    /** Who asks for the public address gets this answer from now on. */
    setReach(reach: ReachFinding) {
      world.reach = reach;
    },
    /** The place of secrets is like this from now on. */
    setSecrets(status: SecretPlaceStatus = READY) {
      world.secrets = status;
      changeEvents.emit("invites");
    },
    restart() {
      run = begin();
    },
    /** Runs an operation for a window of the desktop app. */
    async ask(name: OperationName, input: unknown): Promise<Reply<unknown>> {
      if (windowKey === undefined) return run.operations.ask(name, input);
      return this.as({ callerClass: "window", windowKey }, name, input as never).then(
        (value) => ({ ok: true, value }),
        (thrown: unknown) => ({ ok: false, problem: replyProblem(thrown).problem }),
      );
    },
    /** The page is one in a browser that has this key. */
    actAs(key: string) {
      windowKey = key;
    },
    pairing: () => run.pairing,
    /** Runs an operation for somebody else. Rejects as the operation does. */
    async as<N extends OperationName>(asker: Asker, name: N, input: InputOf<N>): Promise<AnswerOf<N>> {
      const answer = await run.operations.run(
        name,
        { params: input, query: input, body: input },
        { door: "local", caller: {}, addressKey: "", headers: {}, signal: new AbortController().signal, ...asker },
      );
      return (answer instanceof Later ? answer.body : answer) as AnswerOf<N>;
    },
    close() {
      for (const held of connections) held.close();
    },
  };
}

export type Server = Awaited<ReturnType<typeof openServer>>;

/** Time as it passes, or as it is moved. */
function createTestClock(at?: string) {
  let fixed = at === undefined ? undefined : Date.parse(at);
  let ahead = 0;
  const now = (): number => (fixed ?? Date.now()) + ahead;
  return {
    now,
    steady: now,
    pause: async () => undefined,
    /** Moves it by this much, for good. */
    move(milliseconds: number) {
      ahead += milliseconds;
    },
    /** It stands here: without what it was moved by. */
    set(time: number) {
      if (fixed !== undefined) fixed = time;
    },
  };
}

/** The first phone that waits shows 41, the next one 42, and passwords are 012345. */
function createTestDigits(): (count: number) => string {
  let shown = 0;
  return (count) => (count === 2 ? String(41 + (shown++ % 59)) : "0123456789".slice(0, count));
}

function signingProblem({ newKey, sentence = "" }: SecretPlaceStatus): ReturnType<Ports["tokens"]["signingProblem"]> {
  return newKey ? { kind: "unreadable", sentence } : undefined;
}

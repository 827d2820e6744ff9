import { describe, expect, it } from "vitest";
import { loadNgrok } from "../../src/adapters/tunnel/load-ngrok.ts";
import { type NgrokDeps, prepareNgrok } from "../../src/adapters/tunnel/run-ngrok.ts";
import type { TunnelTimeouts } from "../../src/adapters/tunnel/tunnel-supervisor.ts";
import { tunnel } from "../../src/words/en/tunnel.ts";
import { describeTunnel } from "../contracts/tunnel.ts";
import { type FakeNgrok, fakeNgrok, NGROK_ADDRESS, ngrokSays, type Play } from "../doubles/fake-ngrok.ts";
import { PATIENT, type Watched, watchTunnel } from "./watch-tunnel.ts";

const TOKEN = "2abcDEFghiJKLmnoPQRstuVWXyz_7kLmNoPqRsTuVwXyZ1234";
const TARGET = "http://127.0.0.1:8001";
const OTHER = "https://pair.example.com";

const watch = (part: Partial<NgrokDeps>, timeouts: Partial<TunnelTimeouts> = {}): Watched =>
  watchTunnel(() => prepareNgrok({ load: fakeNgrok().load, authtoken: async () => TOKEN, target: TARGET, ...part }), {
    timeouts: { ...PATIENT, ...timeouts },
  });
const play = (plays: Play[], timeouts: Partial<TunnelTimeouts> = {}): Watched & { fake: FakeNgrok } => {
  const fake = fakeNgrok(...plays);
  return { fake, ...watch({ load: fake.load }, timeouts) };
};
const failing = async (first: Play, timeouts: Partial<TunnelTimeouts> = {}) => {
  const watched = play([first], timeouts);
  watched.tunnel.start();
  return { ...watched, failed: await watched.becomes("failed") };
};

describeTunnel("ngrok", (how) => {
  const fake = fakeNgrok(how === "well" ? { name: "online" } : { name: "refused", words: "failed to establish tcp connection" });
  return {
    prepare: () => prepareNgrok({ load: fake.load, authtoken: async () => TOKEN, target: TARGET }),
    begun: () => fake.runs.length,
    alive: () => fake.runs.filter(({ target, closed }) => target !== undefined && closed.length < 2).length,
  };
});

describe("a tunnel by ngrok that works", () => {
  it("begins with the authtoken, points at the phone door and is online at ngrok's address", async () => {
    const { fake, tunnel, becomes } = play([{ name: "online" }]);
    tunnel.start();
    expect(await becomes("online")).toMatchObject({ address: NGROK_ADDRESS });
    expect(fake.runs.map(({ authtoken, target }) => [authtoken, target])).toEqual([[TOKEN, TARGET]]);
  });

  it("may have a domain of the account's own", async () => {
    const { tunnel, becomes } = play([{ name: "online", url: `${OTHER}/` }]);
    tunnel.start();
    expect(await becomes("online")).toMatchObject({ address: OTHER });
  });

  it("closes its listener and its session when it is stopped", async () => {
    const { fake, tunnel, becomes } = play([{ name: "online" }]);
    tunnel.start();
    await becomes("online");
    await tunnel.stop();
    expect([tunnel.state(), fake.runs[0]?.closed]).toEqual([{ kind: "off" }, ["listener", "session"]]);
    await tunnel.stop();
  });

  it("is closed as well when it was stopped before it stood, and does not come back", async () => {
    const { fake, tunnel, states } = play([{ name: "silent" }], { end: 1 });
    tunnel.start();
    const run = await fake.run(1);
    await tunnel.stop();
    run.speak();
    await expect.poll(() => run.closed).toEqual(["session"]);
    expect(states.map(({ kind }) => kind)).toEqual(["starting", "off"]);
  });

  it("is off even when ngrok never answers that it closed", async () => {
    const { tunnel, becomes } = play([{ name: "stubborn" }], { end: 1 });
    tunnel.start();
    await becomes("online");
    await tunnel.stop();
    expect(tunnel.state()).toEqual({ kind: "off" });
  });
});

describe("a tunnel by ngrok that fails", () => {
  it.each([
    [105, "ngrok_authtoken_refused"],
    [106, "ngrok_authtoken_refused"],
    [107, "ngrok_authtoken_refused"],
    [4018, "ngrok_authtoken_refused"],
    [103, "ngrok_account_closed"],
    [121, "ngrok_too_old"],
  ] as const)("with ERR_NGROK_%d waits for a person", async (code, failure) => {
    const { failed } = await failing({ name: "refused", words: ngrokSays("No.", code) });
    expect(failed).toMatchObject({ kind: "failed", failure, output: expect.stringContaining(`ERR_NGROK_${code}`) });
    expect(failed.again).toBeUndefined();
  });

  it.each([
    ["the account's sessions are used up", { name: "refused", words: ngrokSays("Limited to 1.", 108) }, "ngrok_account_limit"],
    ["its address is online elsewhere", { name: "listener-refused", words: ngrokSays("Already online.", 334) }, "ngrok_account_limit"],
    ["of another reason of ngrok's", { name: "refused", words: ngrokSays("Not from here.", 9040) }, "ngrok_refused"],
    ["nothing is reached", { name: "refused", words: "failed to connect session: failed to establish tcp connection" }, "ngrok_offline"],
    ["of something else", { name: "refused", words: "failed to connect session: what is this" }, "ngrok_ended"],
  ] as const)("because %s is tried again by itself", async (_what, first, failure) => {
    const { failed, fake } = await failing(first);
    expect(failed.failure).toBe(failure);
    expect(failed.again).toBeGreaterThan(Date.now());
    expect(fake.runs[0]?.closed).toEqual(first.name === "listener-refused" ? ["session"] : []);
  });

  it("never repeats the authtoken, though ngrok does", async () => {
    const words = ngrokSays("The authtoken you specified is properly formed, but it is invalid.\nYour authtoken: TOKEN\r\nTOKEN", 107);
    const { failed, logged, states } = await failing({ name: "refused", words });
    expect(failed.output).toContain("Your authtoken: …");
    expect(JSON.stringify([states, logged])).not.toContain(TOKEN);
  });

  it("because ngrok is silent is ended after a while", async () => {
    const { failed } = await failing({ name: "silent" }, { address: 1, end: 1 });
    expect(failed.failure).toBe("ngrok_no_address");
  });

  it.each([
    "http://calm-river.ngrok-free.app",
    "tcp://0.tcp.ngrok.io:21746",
    "https://user@calm-river.ngrok-free.app",
    "https://calm-river.ngrok-free.app/path",
    "https://calm-river.ngrok-free.app?x",
    "javascript:alert(1)",
    "",
    null,
  ])("because its address is %s is stopped for good", async (url) => {
    const { failed, fake } = await failing({ name: "online", url });
    expect(failed).toEqual({ kind: "failed", failure: "ngrok_strange_address" });
    expect(fake.runs[0]?.closed).toEqual(["listener", "session"]);
  });

  it.each([
    ["its session is lost", (run: { lose(error: string): void }) => run.lose("heartbeat timed out"), "ngrok_offline"],
    ["it ends without a word", (run: { finish(): void }) => run.finish(), "ngrok_ended"],
  ] as const)("because %s is closed and tried again by itself", async (_what, happens, failure) => {
    const { fake, tunnel, states } = play([{ name: "online" }, { name: "online", url: OTHER }], { firstWait: 1, longestWait: 4 });
    tunnel.start();
    const addresses = (): string[] => states.flatMap((state) => (state.kind === "online" ? [state.address] : []));
    await expect.poll(addresses).toEqual([NGROK_ADDRESS]);
    const first = await fake.run(1);
    happens(first as never);
    await expect.poll(addresses, { timeout: 30_000 }).toEqual([NGROK_ADDRESS, OTHER]);
    expect(first.closed).toEqual(["listener", "session"]);
    expect(states.map((state) => (state.kind === "failed" ? state.failure : state.kind))).toEqual([
      "starting",
      "online",
      failure,
      "starting",
      "online",
    ]);
  });

  it("because there is no authtoken says so, and asks ngrok nothing", async () => {
    const fake = fakeNgrok();
    const { tunnel, becomes } = watch({ load: fake.load, authtoken: async () => undefined });
    tunnel.start();
    expect(await becomes("failed")).toEqual({ kind: "failed", failure: "ngrok_no_authtoken" });
    expect(fake.runs).toEqual([]);
  });

  it("because the authtoken cannot be read says why, and tries again", async () => {
    const { tunnel, becomes } = watch({
      authtoken: async () => {
        throw new Error("The keychain is locked.");
      },
    });
    tunnel.start();
    const failed = await becomes("failed");
    expect(failed).toMatchObject({ failure: "ngrok_authtoken_unreadable", output: "The keychain is locked." });
    expect(failed.again).toBeGreaterThan(Date.now());
  });

  it.each(["ngrok_not_installed", "ngrok_sealed", "ngrok_not_loadable"] as const)(
    "because its package is %s waits for a person",
    async (failure) => {
      const { tunnel, becomes } = watch({ load: async () => ({ failure }) });
      tunnel.start();
      expect(await becomes("failed")).toEqual({ kind: "failed", failure });
    },
  );
});

describe("ngrok's package", () => {
  it("is no part of Top Dog, and its absence has a sentence that says how it is installed", async () => {
    const loaded = await loadNgrok();
    expect(loaded).toEqual({ failure: "ngrok_not_installed" });
    expect(tunnel.ngrok_not_installed).toContain("npm install @ngrok/ngrok");
  });
});

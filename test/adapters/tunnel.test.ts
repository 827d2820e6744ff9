import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { examine, examineChosen, locateCloudflared } from "../../src/adapters/tunnel/find-cloudflared.ts";
import { createLineReader, readLine } from "../../src/adapters/tunnel/read-output.ts";
import { type CloudflaredDeps, prepareCloudflared, RECONNECT } from "../../src/adapters/tunnel/run-cloudflared.ts";
import { PROBE, type TunnelTimeouts } from "../../src/adapters/tunnel/tunnel-supervisor.ts";
import type { TunnelFailure } from "../../src/core/index.ts";
import { tunnel as sentences } from "../../src/words/en/tunnel.ts";
import { describeTunnel } from "../contracts/tunnel.ts";
import { type FakeCloudflared, installCloudflared, isAlive, type Mood } from "../doubles/install-cloudflared.ts";
import { PATIENT, type Watched, watchTunnel } from "./watch-tunnel.ts";

const ADDRESS = "https://calm-river-maps-song.trycloudflare.com";
const OTHER = "https://wide-lake-spoon-hat.trycloudflare.com";
const TARGET = "http://127.0.0.1:8001";

const watch = ({ find, ...part }: Pick<CloudflaredDeps, "find"> & Parameters<typeof watchTunnel>[1]): Watched =>
  watchTunnel(() => prepareCloudflared({ find, target: TARGET }), part);
const playing = (fake: FakeCloudflared, timeouts: Partial<TunnelTimeouts> = {}): Watched =>
  watch({ find: async () => ({ kind: "found", file: fake.file }), timeouts: { ...PATIENT, ...timeouts } });
const play = (mood: Mood, timeouts: Partial<TunnelTimeouts> = {}) => {
  const fake = installCloudflared(mood);
  return { fake, ...playing(fake, timeouts) };
};

describeTunnel("cloudflared", (how) => {
  const fake = installCloudflared({ name: how === "well" ? "online" : "dies" });
  return {
    prepare: () => prepareCloudflared({ find: async () => ({ kind: "found", file: fake.file }), target: TARGET }),
    begun: () => fake.runs().length,
    alive: () => fake.runs().filter(({ pid }) => isAlive(pid)).length,
  };
});

describe("a tunnel that works", () => {
  it("is online at the address that it printed", async () => {
    const { tunnel, becomes } = play({ name: "online" });
    tunnel.start();
    expect(await becomes("online")).toMatchObject({ address: ADDRESS });
  });

  it("points at the phone door, whatever configuration this account has, and gets nothing of the environment", async () => {
    process.env["TOPDOG_TEST_SECRET"] = "secret";
    process.env["TUNNEL_TOKEN"] = "of another tunnel";
    const { fake, tunnel } = play({ name: "online" });
    tunnel.start();
    const { args, env, cwd } = await fake.run(1);
    delete process.env["TOPDOG_TEST_SECRET"];
    delete process.env["TUNNEL_TOKEN"];
    expect(args).toEqual(["tunnel", "--config", "/dev/null", "--no-autoupdate", "--grace-period", "1s", "--url", TARGET]);
    const allowed = [
      "HOME",
      "TMPDIR",
      "TMP",
      "TEMP",
      "HTTP_PROXY",
      "http_proxy",
      "HTTPS_PROXY",
      "https_proxy",
      "NO_PROXY",
      "no_proxy",
      "SSL_CERT_FILE",
      "SSL_CERT_DIR",
    ];
    expect(env.filter((name) => !allowed.includes(name))).toEqual([]);
    expect(cwd).not.toBe(process.cwd());
    expect(path.basename(cwd)).toMatch(/^topdog-tunnel-/);
    await tunnel.stop();
    expect(existsSync(cwd)).toBe(false);
  });

  it("is stopped while it starts, and what was begun does not come back", async () => {
    const { fake, tunnel } = play({ name: "silent" });
    tunnel.start();
    const { pid } = await fake.run(1);
    await tunnel.stop();
    expect([tunnel.state(), isAlive(pid)]).toEqual([{ kind: "off" }, false]);
    tunnel.start();
    await tunnel.stop();
    expect(tunnel.state()).toEqual({ kind: "off" });
  });

  it("is ended when it ignores that it was asked to end", async () => {
    const { fake, tunnel, becomes } = play({ name: "stubborn" }, { end: 100 });
    tunnel.start();
    await becomes("online");
    const { pid } = await fake.run(1);
    await tunnel.stop();
    expect(isAlive(pid)).toBe(false);
  });

  it("may say very much, of which nothing is kept", async () => {
    const { tunnel, logged, becomes } = play({ name: "floods" });
    tunnel.start();
    await becomes("online");
    expect(logged.join("").length).toBeLessThan(2000);
  });
});

describe("a tunnel that fails", () => {
  const failing = async (mood: Mood, timeouts: Partial<TunnelTimeouts> = {}) => {
    const watched = play(mood, timeouts);
    watched.tunnel.start();
    return { ...watched, failed: await watched.becomes("failed") };
  };

  it.each([
    ["is offline", { name: "offline" }, "offline", /no such host$/],
    ["gets no more addresses", { name: "busy" }, "busy", /too many|429/i],
    ["dies at its start", { name: "dies", text: "flag provided but not defined: -url" }, "ended", /^flag provided but not defined: -url$/],
  ] as const)("that %s is reported, with its output", async (_what, mood, failure, words) => {
    const { failed } = await failing(mood);
    expect(failed).toMatchObject({ failure, output: expect.stringMatching(words) });
    expect(failed.again).toBeGreaterThan(Date.now());
  });

  it("that dies without a word has none", async () => {
    const { failed } = await failing({ name: "dies" });
    expect([failed.failure, failed.output]).toEqual(["ended", undefined]);
  });

  it.each([
    ["never prints an address", { name: "silent" }, "no_address"],
    ["prints garbage", { name: "garbage" }, "no_address"],
    ["has an address that nothing comes through", { name: "unconnected" }, "not_connected"],
  ] as const)("because it %s is ended after a while", async (_what, mood, failure) => {
    const { fake, failed } = await failing(mood, { address: 1500 });
    expect(failed.failure).toBe(failure);
    for (const { pid } of fake.runs()) expect(isAlive(pid)).toBe(false);
  });

  it.each([
    "https://evil.example.com",
    "http://calm-river.trycloudflare.com",
    "https://calm-river.trycloudflare.com.evil.example",
    "https://calm-river.trycloudflare.com/path",
    "https://user@calm-river.trycloudflare.com",
    "https://calm-river.trycloudflare.com:444",
    "https://api.trycloudflare.com",
    "https://a.b.trycloudflare.com",
    "https://-calm.trycloudflare.com",
  ])("because its address is %s is stopped for good", async (address) => {
    const { fake, failed, states, tunnel } = await failing({ name: "online", address });
    expect(failed).toEqual({ kind: "failed", failure: "strange_address" });
    expect(states.map(({ kind }) => kind)).toEqual(["starting", "failed"]);
    for (const { pid } of fake.runs()) expect(isAlive(pid)).toBe(false);
    await tunnel.stop();
    expect(tunnel.state()).toEqual({ kind: "off" });
  });

  it("is tried again by itself, and may have another address then", async () => {
    const fake = installCloudflared({ name: "offline" }, { name: "dies-later" }, { name: "online", address: OTHER });
    const { tunnel, states } = playing(fake, { firstWait: 1, longestWait: 4 });
    tunnel.start();
    const addresses = (): string[] => states.flatMap((state) => (state.kind === "online" ? [state.address] : []));
    await expect.poll(addresses, { timeout: 30_000 }).toEqual([ADDRESS]);
    process.kill((await fake.run(2)).pid, "SIGUSR2");
    await expect.poll(addresses, { timeout: 30_000 }).toEqual([ADDRESS, OTHER]);
    expect(states.map((state) => (state.kind === "failed" ? state.failure : state.kind))).toEqual([
      "starting",
      "offline",
      "starting",
      "online",
      "ended",
      "starting",
      "online",
    ]);
    expect(states[4]).toMatchObject({ output: expect.stringContaining("Connection terminated") });
  });

  it("because its connection is lost for too long is started again, though the program lives", async () => {
    const fake = installCloudflared({ name: "loses-connection" }, { name: "online", address: OTHER });
    const { tunnel, states, becomes } = playing(fake, { firstWait: 1, longestWait: 4, reconnect: 50 });
    tunnel.start();
    await becomes("online");
    const { pid } = await fake.run(1);
    process.kill(pid, "SIGUSR2");
    const addresses = (): string[] => states.flatMap((state) => (state.kind === "online" ? [state.address] : []));
    await expect.poll(addresses, { timeout: 30_000 }).toEqual([ADDRESS, OTHER]);
    expect(states.flatMap((state) => (state.kind === "failed" ? [state.failure, state.output] : []))).toEqual([
      "disconnected",
      expect.stringContaining("Connection terminated"),
    ]);
    expect(isAlive(pid)).toBe(false);
  });

  it("whose connection comes back by itself keeps its address", async () => {
    const { fake, tunnel, states, becomes } = play({ name: "loses-connection" }, { reconnect: 30_000 });
    tunnel.start();
    await becomes("online");
    const { pid } = await fake.run(1);
    process.kill(pid, "SIGUSR2");
    process.kill(pid, "SIGHUP");
    expect(isAlive(pid)).toBe(true);
    expect(states.map(({ kind }) => kind)).toEqual(["starting", "online"]);
  });

  it.each([
    [["reached", "no_answer", "no_answer"], true],
    [["tunnel_broken", "tunnel_broken"], true],
    [["reached", "tunnel_broken", "no_answer"], true],
    [["reached", "no_answer", "reached", "no_answer", "reached", "reached"], false],
    [["no_answer", "no_answer", "no_answer", "no_answer"], false],
    [["bad_certificate", "interstitial", "another_server", "another_server"], false],
  ] as const)("whose public address says %j is lost: %s", async (findings, lost) => {
    const fake = installCloudflared({ name: "online" }, { name: "online", address: OTHER });
    const asked: string[] = [];
    const timeouts = { ...PATIENT, firstWait: 1, probeEvery: 1, probeAgain: 1 };
    const { tunnel, states } = watch({
      find: async () => ({ kind: "found", file: fake.file }),
      timeouts,
      probe: async (address) => {
        if (address !== ADDRESS) return new Promise(() => undefined);
        asked.push(address);
        return findings[asked.length - 1] ?? new Promise(() => undefined);
      },
    });
    tunnel.start();
    await expect.poll(() => asked.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(findings.length);
    const seen = (): string[] => states.map((state) => (state.kind === "failed" ? state.failure : state.kind));
    if (lost) await expect.poll(seen, { timeout: 30_000 }).toEqual(["starting", "online", "disconnected", "starting", "online"]);
    else {
      await expect.poll(() => asked.length, { timeout: 30_000 }).toBe(findings.length + 1);
      expect(seen()).toEqual(["starting", "online"]);
    }
  });

  it("has failed within a minute with the default timeouts", () => {
    const { every, again } = PROBE;
    const longestAnswer = 5000;
    expect(every + again + 2 * longestAnswer).toBeLessThan(60_000);
    expect(RECONNECT).toBeLessThan(60_000);
  });

  it.each(["not_installed", "not_runnable", "not_trusted"] as const)("because the program is %s waits for a person", async (kind) => {
    const { tunnel, becomes } = watch({ find: async () => ({ kind }) });
    tunnel.start();
    expect(await becomes("failed")).toEqual({ kind: "failed", failure: kind });
  });

  it.each([
    ["went away meanwhile", (file: string) => `${file}-gone`, "not_installed"],
    ["is no program", (file: string) => path.dirname(file), "not_runnable"],
  ] as const)("because the file %s says so", async (_what, other, failure) => {
    const fake = installCloudflared({ name: "online" });
    const { tunnel, becomes } = watch({ find: async () => ({ kind: "found", file: other(fake.file) }) });
    tunnel.start();
    expect(await becomes("failed")).toEqual({ kind: "failed", failure });
  });

  it("has a sentence for each failure that says what to do", () => {
    const failures = Object.keys(sentences) as TunnelFailure[];
    expect(failures.filter((failure) => !/\.$/.test(sentences[failure]))).toEqual([]);
  });
});

describe("what cloudflared prints", () => {
  const T = "2026-11-25T01:02:03Z";
  it.each([
    [`${T} INF |  ${ADDRESS}  |`, { kind: "address", address: ADDRESS }],
    [`|  ${ADDRESS}                      |`, { kind: "address", address: ADDRESS }],
    [`${T} INF Registered tunnel connection connIndex=0 event=0 ip=198.41.200.33 location=fra08`, { kind: "connected" }],
    [`${T} INF Connection 1f2e registered connIndex=0 ip=198.41.200.33 location=FRA`, { kind: "connected" }],
    [`${T} INF Visit ${ADDRESS} today`, undefined],
    [`${T} ERR Unregistered tunnel connection connIndex=0`, { kind: "complaint", text: "Unregistered tunnel connection connIndex=0" }],
    [`${T} INF Thank you for trying Cloudflare Tunnel. (https://www.cloudflare.com/website-terms/)`, undefined],
    [`${T} ERR Cannot determine default origin certificate path. No file cert.pem`, undefined],
    ["error: \u001b[31mred\u202e and backwards", { kind: "complaint", text: "error: [31mred and backwards" }],
    ["", undefined],
  ])("%j", (line, parsed) => {
    expect(readLine(line)).toEqual(parsed);
  });

  it("comes in any pieces, with any line ends", () => {
    const text = `one\r\ntwö\n${"x".repeat(10_000)}\nlast\nunfinished`;
    for (const size of [1, 2, 3, 7, 4096, 100_000]) {
      const lines: string[] = [];
      const read = createLineReader((line) => lines.push(line));
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size));
      expect(lines).toEqual(["one", "twö", "x".repeat(4096), "last"]);
    }
  });
});

describe("where cloudflared is", () => {
  const folderOf = (): string => mkdtempSync(path.join(tmpdir(), "topdog find "));
  const put = (folder: string, mode: number, name = "cloudflared"): string => {
    const file = path.join(folder, name);
    writeFileSync(file, "#!/bin/sh\n");
    chmodSync(file, mode);
    return file;
  };

  it("is the first of PATH that can be run", async () => {
    const [empty, broken, first, second] = [folderOf(), folderOf(), folderOf(), folderOf()];
    mkdirSync(path.join(empty, "cloudflared"));
    put(broken, 0o644);
    put(second, 0o755);
    const file = put(first, 0o755);
    const PATH = [empty, broken, first, second].join(path.delimiter);
    expect(await locateCloudflared({ PATH })).toEqual({ kind: "found", file });
  });

  it("is never the folder of the moment", async () => {
    const folder = folderOf();
    put(folder, 0o755);
    const here = process.cwd();
    process.chdir(folder);
    const found = await locateCloudflared({ PATH: ["", ".", "./"].join(path.delimiter) });
    process.chdir(here);
    expect(found.file?.startsWith(folder)).not.toBe(true);
  });

  it("may be a file that cannot be run", async () => {
    const file = put(folderOf(), 0o644);
    expect(await examine(file)).toEqual({ kind: "not_runnable", file });
    expect(await examine(path.dirname(file))).toEqual({ kind: "not_runnable", file: path.dirname(file) });
    expect(await examine(`${file}-gone`)).toEqual({ kind: "not_installed" });
  });

  it("is chosen by a person only where nobody else can have put it", async () => {
    const good = put(folderOf(), 0o755);
    expect(await examineChosen(good, {})).toEqual({ kind: "found", file: good });
    const open = folderOf();
    const inOpen = put(open, 0o755);
    chmodSync(open, 0o777);
    const otherName = put(folderOf(), 0o755, "sh");
    const renamed = path.join(folderOf(), "cloudflared");
    symlinkSync(put(open, 0o755, "evil"), renamed);
    for (const file of [inOpen, put(folderOf(), 0o775), put(folderOf(), 0o757), otherName, renamed])
      expect([file, (await examineChosen(file, {})).kind]).toEqual([file, "not_trusted"]);
    // A link named cloudflared to another program; a parent folder that others can write to.
    const shell = path.join(folderOf(), "cloudflared");
    symlinkSync(put(folderOf(), 0o755, "bash"), shell);
    const below = folderOf();
    mkdirSync(path.join(below, "bin"));
    const inBelow = put(path.join(below, "bin"), 0o755);
    expect((await examineChosen(inBelow, {})).kind).toBe("found");
    chmodSync(below, 0o757);
    const linked = path.join(below, "cloudflared");
    symlinkSync(good, linked);
    for (const file of [shell, inBelow, linked]) expect([file, (await examineChosen(file, {})).kind]).toEqual([file, "not_trusted"]);
    const fine = path.join(folderOf(), "cloudflared");
    symlinkSync(good, fine);
    expect(await examineChosen(fine, {})).toEqual({ kind: "found", file: good });
    for (const file of ["cloudflared", "./cloudflared", `${good}-gone`]) expect((await examineChosen(file, {})).kind).toBe("not_installed");
  });

  // Only the administrator can give a file to another account.
  it.skipIf(process.getuid?.() !== 0)("is not a program of another account, nor one below a folder of another account", async () => {
    const STRANGER = 54_321;
    const kindOf = async (file: string): Promise<string> => (await examineChosen(file, {})).kind;
    const above = folderOf();
    const folder = path.join(above, "bin");
    mkdirSync(folder);
    const file = put(folder, 0o755);
    const link = path.join(folderOf(), "cloudflared");
    symlinkSync(file, link);
    for (const owned of [file, folder, above, path.dirname(link)]) {
      expect([await kindOf(file), await kindOf(link)]).toEqual(["found", "found"]);
      chownSync(owned, STRANGER, 0);
      const wanted = owned === path.dirname(link) ? ["found", "not_trusted"] : ["not_trusted", "not_trusted"];
      expect([owned, await kindOf(file), await kindOf(link)]).toEqual([owned, ...wanted]);
      chownSync(owned, 0, 0);
    }
    // A sticky folder protects files from other accounts, but not from its owner.
    chmodSync(above, 0o1777);
    expect(await kindOf(file)).toBe("found");
    chownSync(above, STRANGER, 0);
    expect(await kindOf(file)).toBe("not_trusted");
  });
});

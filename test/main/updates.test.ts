import { EventEmitter } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { createFakeElectron } from "../fakes/electron.ts";

vi.mock("electron", () => createFakeElectron("/nowhere").electron);
const { createUpdates } = await import("../../src/main/updates.ts");

/** As electron-updater behaves: events first, then the answer. */
class FakeUpdater extends EventEmitter {
  autoDownload = false;
  autoInstallOnAppQuit = false;
  logger: unknown = console;
  asked = 0;
  installed = 0;
  netSession?: { setProxy(config: unknown): Promise<void> };
  answer: () => void = () => this.emit("update-not-available", { version: "0.1.0" });
  async checkForUpdates(): Promise<void> {
    this.asked += 1;
    this.answer();
  }
  quitAndInstall(): void {
    this.installed += 1;
  }
}

function started({ available = true, wanted = true } = {}) {
  const updater = new FakeUpdater();
  const steps: string[] = [];
  let wants = wanted;
  let loads = 0;
  let broken: Error | undefined;
  const updates = createUpdates({
    available,
    async load() {
      loads += 1;
      if (broken) throw broken;
      return updater;
    },
    wanted: () => wants,
    beforeInstall: async () => void steps.push("the server stopped"),
    ready: (version) => void steps.push(`${version} is ready`),
    say: (line) => void steps.push(line),
  });
  return {
    updater,
    updates,
    steps,
    loads: () => loads,
    want: (now: boolean) => (wants = now),
    breakLoad: (by: Error | undefined) => (broken = by),
  };
}

describe("new versions", () => {
  it("are asked for through the proxy of the environment, which gets the credentials", async () => {
    vi.stubEnv("HTTPS_PROXY", "http://jane:secret@proxy.test:3128");
    vi.stubEnv("NO_PROXY", ".internal.test");
    try {
      const { updater, updates } = started();
      const reported: unknown[] = [];
      updater.netSession = { setProxy: async (config) => void reported.push(config) };
      await updates.check();
      updater.emit("login", { isProxy: true }, (...login: string[]) => reported.push(login));
      updater.emit("login", { isProxy: false }, (...login: string[]) => reported.push(login));
      expect(reported).toEqual([
        { proxyRules: "http=http://proxy.test:3128;https=http://proxy.test:3128", proxyBypassRules: "<local>;.internal.test" },
        ["jane", "secret"],
      ]);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it("are not looked for, nor the library loaded, where nobody wants that or there is nowhere to look", async () => {
    const unwanted = started({ wanted: false });
    unwanted.updates.follow();
    const nowhere = started({ available: false });
    nowhere.updates.follow();
    expect(await nowhere.updates.check()).toEqual({ kind: "unavailable" });
    expect([unwanted.loads(), nowhere.loads()]).toEqual([0, 0]);
    expect(unwanted.updates.state()).toEqual({ kind: "idle" });
  });

  it("are looked for as soon as that is wanted, downloaded, and installed after the server has stopped", async () => {
    const { updater, updates, steps, want } = started({ wanted: false });
    want(true);
    updates.follow();
    await vi.waitFor(() => expect(updates.state()).toEqual({ kind: "latest", version: "0.1.0" }));
    updater.answer = () => updater.emit("update-available", { version: "0.2.0" });
    expect(await updates.check()).toEqual({ kind: "loading", version: "0.2.0", percent: 0 });
    updater.emit("download-progress", { percent: 41.6 });
    expect(await updates.check()).toEqual({ kind: "loading", version: "0.2.0", percent: 42 });
    expect(await updates.install()).toMatchObject({ kind: "loading" });
    expect(updater.installed).toBe(0);
    updater.emit("update-downloaded", { version: "0.2.0" });
    await updates.install();
    expect(steps).toEqual(["0.2.0 is ready", "the server stopped"]);
    expect([updater.asked, updater.installed, updater.autoDownload, updater.autoInstallOnAppQuit]).toEqual([2, 1, true, true]);
  });

  it("are looked for again once the library can be loaded, where it could not", async () => {
    const { updater, updates, steps, breakLoad } = started();
    breakLoad(new Error("no file descriptor is left"));
    expect(await updates.check()).toEqual({ kind: "failed", sentence: "no file descriptor is left" });
    breakLoad(undefined);
    expect(await updates.check()).toEqual({ kind: "latest", version: "0.1.0" });
    expect([updater.asked, steps]).toEqual([1, ["Updates could not be looked for: no file descriptor is left"]]);
  });

  it("that cannot be checked for are reported in one line, and checked for again", async () => {
    const { updater, updates, steps } = started();
    updater.answer = () => {
      throw new Error(`ENOTFOUND updates.example\n${"<html>".repeat(1000)}`);
    };
    const failed = { kind: "failed", sentence: "ENOTFOUND updates.example" };
    expect(await updates.check()).toEqual(failed);
    updater.answer = () => updater.emit("error", new Error("sha512 checksum mismatch"));
    expect(await updates.check()).toEqual({ kind: "failed", sentence: "sha512 checksum mismatch" });
    updater.answer = () => updater.emit("update-not-available", { version: "0.1.0" });
    expect(await updates.check()).toEqual({ kind: "latest", version: "0.1.0" });
    expect(steps).toHaveLength(2);
  });
});

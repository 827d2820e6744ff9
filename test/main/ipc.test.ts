import { beforeEach, describe, expect, it, vi } from "vitest";
import { channelOf, NEWS_CHANNEL, OPEN_CHANNEL, READY_CHANNEL } from "../../src/contract/ipc.ts";
import { PAGE_OPERATIONS } from "../../src/contract/pairing-api.ts";
import { WINDOW_REQUESTS } from "../../src/contract/window-requests.ts";
import type { Assembled } from "../../src/host/assemble.ts";
import type { PageDeps } from "../../src/main/ipc.ts";
import { createFakeElectron, FakeWindow } from "../fakes/electron.ts";

const { electron, handlers, ipcMain, opened, permissions } = createFakeElectron("/nowhere");
vi.doMock("electron", () => electron);
const { answerPage } = await import("../../src/main/ipc.ts");
const { createPageWindow } = await import("../../src/main/page-window.ts");
const { refuseDeviceFeatures } = await import("../../src/main/page-permissions.ts");

const QUESTIONS = [...PAGE_OPERATIONS, ...WINDOW_REQUESTS];
const ORIGIN = "app://bundle";
const OWN_LINK = "https://pair.example.com/pair?code=abc";

/** A page with everything behind it counted. */
function openPage(answer: unknown = { ok: true, value: [] }) {
  handlers.clear();
  ipcMain.removeAllListeners();
  const executed: string[] = [];
  const warned: string[] = [];
  const refused: string[] = [];
  const windows: FakeWindow[] = [];
  const page = createPageWindow({
    preload: "/dist/preload/index.cjs",
    makeWindow(options) {
      windows.push(new FakeWindow(options));
      return windows.at(-1) as never;
    },
    mayOpen: async (address) => address === OWN_LINK,
  });
  let emitChange: (item: "invites" | "devices") => void = () => undefined;
  const requests = Object.fromEntries(
    WINDOW_REQUESTS.map((name) => [
      name,
      async () => {
        executed.push(name);
        return { ...answerOf(name), secret: "s3cret" };
      },
    ]),
  ) as unknown as PageDeps["requests"];
  const stop = answerPage({
    page,
    server: async () => ({
      async ask(name) {
        executed.push(name);
        return answer as Awaited<ReturnType<Assembled["ask"]>>;
      },
    }),
    onServer: (callback) =>
      callback({
        pairing: {
          listen(listener: typeof emitChange) {
            emitChange = listener;
            return () => undefined;
          },
        },
      } as unknown as Assembled),
    requests,
    refused: (channel, why) => void refused.push(`${channel}: ${why}`),
    warn: (message) => warned.push(message),
  });
  page.show();
  const [window] = windows;
  if (!window) throw new Error("no window was made");
  const frame = { url: `${ORIGIN}/index.html`, parent: null, detached: false };
  const own = { sender: window.webContents, senderFrame: frame };
  return { page, stop, window, windows, frame, own, executed, refused, warned, news: (item: "invites" | "devices") => emitChange(item) };
}

function answerOf(name: (typeof WINDOW_REQUESTS)[number]): object {
  if (name.endsWith("references")) return { close_to_tray: true };
  return { kind: name.includes("pdate") ? "checking" : "running" };
}

let opening: ReturnType<typeof openPage>;
beforeEach(() => {
  opening = openPage();
});

const ask = async (name: (typeof QUESTIONS)[number], event: unknown, ...args: unknown[]): Promise<unknown> =>
  handlers.get(channelOf(name))?.(event, ...args);

describe("the desktop's channels", () => {
  it("are one per question and no more", () => {
    expect([...handlers.keys()].sort()).toEqual(QUESTIONS.map(channelOf).sort());
    expect(ipcMain.eventNames()).toEqual([READY_CHANNEL]);
    opening.stop();
    expect([handlers.size, ipcMain.eventNames()]).toEqual([0, []]);
  });

  describe.each(QUESTIONS)("%s", (name) => {
    it.each<[string, (own: typeof opening) => unknown, unknown[]]>([
      ["another window", ({ own }) => ({ ...own, sender: new FakeWindow({}).webContents }), [{}]],
      ["a subframe", ({ own, frame }) => ({ ...own, senderFrame: { ...frame, parent: frame } }), [{}]],
      ["a frame that is gone", ({ own }) => ({ ...own, senderFrame: null }), [{}]],
      ["a detached frame", ({ own, frame }) => ({ ...own, senderFrame: { ...frame, detached: true } }), [{}]],
      ...[
        "app://bundle.evil/",
        "app://x.evil/index.html",
        "app://bundle@evil/",
        "https://bundle/",
        "http://127.0.0.1:8000/",
        "about:blank",
      ].map((url): [string, (own: typeof opening) => unknown, unknown[]] => [
        url,
        ({ own, frame }) => ({ ...own, senderFrame: { ...frame, url } }),
        [{}],
      ]),
      ["more than one argument", ({ own }) => own, [{}, {}]],
      ["__proto__", ({ own }) => own, [JSON.parse('{"__proto__":{"polluted":true}}')]],
      ["constructor, further in", ({ own }) => own, [{ list: [{ constructor: { prototype: { polluted: true } } }] }]],
      ["endless depth", ({ own }) => own, [JSON.parse(`${'{"a":'.repeat(2000)}1${"}".repeat(2000)}`)]],
    ])("refuses %s, and nothing runs", async (_what, event, args) => {
      await expect(ask(name, event(opening), ...args)).rejects.toThrow("Only the settings page may ask this");
      expect(opening.executed).toEqual([]);
      expect(opening.refused).toEqual([expect.stringMatching(`^${channelOf(name)}: it`)]);
      expect("polluted" in {}).toBe(false);
    });
  });

  it.each(WINDOW_REQUESTS)("%s answers what its schema names, and takes nothing else", async (name) => {
    const answer = await ask(name, opening.own, {});
    expect(opening.executed).toEqual([name]);
    expect(JSON.stringify(answer)).not.toContain("s3cret");
    for (const input of [{ more: 1 }, { local_port: 70000 }, { close_to_tray: "yes" }, [], "text", 1, null, undefined])
      await expect(ask(name, opening.own, input)).rejects.toThrow(name);
    expect(opening.executed).toEqual([name]);
  });

  it("send of an answer what its schema names: never a token id, never a session's secrets", async () => {
    const device = {
      device_id: "iphone",
      device_name: "iPhone",
      device_type: "ios",
      status: "active",
      level: "command",
      os_version: "",
      app_version: "",
      user_id: "john",
      paired_via: "sms",
      paired_at: "2026-11-04T18:30:00Z",
      last_seen: "2026-11-04T18:30:00Z",
      expires_at: "2026-12-04T18:30:00Z",
    };
    opening = openPage({ ok: true, value: [{ ...device, jwt_token: "secret", jti: "secret" }] });
    expect(await ask("listDevices", opening.own, {})).toEqual({ ok: true, value: [device] });
    const problem = { type: "t", title: "t", status: 400, detail: "d", code: "c", retry_after: 3 };
    opening = openPage({ ok: false, problem: { ...problem, stack: "secret" } });
    expect(await ask("listDevices", opening.own, {})).toEqual({ ok: false, problem });
  });

  it("send no answer that its schema refuses", async () => {
    opening = openPage({ ok: true, value: "everything I know" });
    await expect(ask("overview", opening.own, {})).rejects.toThrow("answered in a way that it should not");
    expect(opening.warned).toEqual(["an answer did not fit its schema and was not sent"]);
  });
});

describe("what is pushed", () => {
  it("waits until the page says that it listens, of this window or the next", async () => {
    const { page, window, windows, own, frame, news } = opening;
    await vi.waitFor(() => news("devices"));
    page.open("pair");
    expect(window.webContents.sent).toEqual([]);
    ipcMain.emit(READY_CHANNEL, { ...own, senderFrame: { ...frame, url: "app://x.evil/" } });
    expect(opening.refused).toEqual([`${READY_CHANNEL}: it does not come from the settings page`]);
    expect(window.webContents.sent).toEqual([]);
    ipcMain.emit(READY_CHANNEL, own);
    expect(window.webContents.sent).toContainEqual([OPEN_CHANNEL, "pair"]);
    news("invites");
    expect(window.webContents.sent).toContainEqual([NEWS_CHANNEL, "invites"]);

    window.emit("closed");
    page.open("devices");
    const next = windows[1];
    expect(next?.webContents.sent).toEqual([]);
    ipcMain.emit(READY_CHANNEL, { sender: next?.webContents, senderFrame: frame });
    expect(next?.webContents.sent).toEqual([[OPEN_CHANNEL, "devices"]]);
  });
});

describe("the window", () => {
  it("is sandboxed, isolated and on the app's own origin", () => {
    const { window } = opening;
    expect(window.loaded).toBe(`${ORIGIN}/index.html`);
    expect(window.options).toMatchObject({
      webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true, webviewTag: false },
    });
  });

  it.each(["will-navigate", "will-redirect", "will-frame-navigate"])("stays on its page at %s", (name) => {
    const prevented = (url: string): boolean => {
      const preventDefault = vi.fn();
      opening.window.webContents.emit(name, { url, preventDefault });
      return preventDefault.mock.calls.length === 1;
    };
    for (const url of ["https://example.com/", "file:///etc/passwd", "app://bundle.evil/", "javascript:alert(1)", "http://127.0.0.1:8000/"])
      expect([url, prevented(url)]).toEqual([url, true]);
    expect(prevented(`${ORIGIN}/index.html`)).toBe(false);
  });

  it("takes no webview", () => {
    const preventDefault = vi.fn();
    opening.window.webContents.emit("will-attach-webview", { preventDefault });
    expect(preventDefault).toHaveBeenCalledOnce();
  });

  it("opens no window, and hands the system's browser only what may be opened", async () => {
    const { window } = opening;
    for (const url of [
      "https://john:secret@pair.example.com/pair",
      "file:///etc/passwd",
      "smb://x/y",
      "ms-msdt:/id",
      "javascript:alert(1)",
      OWN_LINK,
    ])
      expect(window.openHandler?.({ url })).toEqual({ action: "deny" });
    await vi.waitFor(() => expect(opened).toEqual([OWN_LINK]));
  });
});

describe("device features", () => {
  const FEATURES = [
    "media",
    "geolocation",
    "notifications",
    "midi",
    "clipboard-read",
    "fullscreen",
    "openExternal",
    "hid",
    "usb",
    "serial",
  ];
  const granted = (permission: string, url: string): boolean[] => {
    const answers: boolean[] = [];
    permissions.request?.({ getURL: () => url }, permission, (yes) => answers.push(yes));
    return [...answers, permissions.check?.(null, permission, url) === true];
  };

  it("are refused, but for copying a link from the page itself", () => {
    refuseDeviceFeatures();
    for (const feature of FEATURES) expect([feature, granted(feature, `${ORIGIN}/`)]).toEqual([feature, [false, false]]);
    expect(granted("clipboard-sanitized-write", `${ORIGIN}/`)).toEqual([true, true]);
    expect(granted("clipboard-sanitized-write", "https://example.com/")).toEqual([false, false]);
  });
});

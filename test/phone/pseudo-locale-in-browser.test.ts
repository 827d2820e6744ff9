import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LANGUAGES } from "../../src/words/languages.ts";
import { PAGE_LANGUAGES } from "../../src/words/page-languages.ts";
import { sharedBrowser } from "../browser.ts";
import { pseudoLocale } from "../pseudo-locale.ts";
import { hardCoded, pseudoWordsForEsbuild } from "../pseudo-words.ts";
import { visit } from "./phone-browser.ts";
import { openPhoneDoor, type PhoneDoor } from "./phone-door.ts";

/** What people and servers write, and what every language shares. */
const DATA: readonly (string | RegExp)[] = [
  "John Doe",
  "MacBook Pro",
  "John's Pixel",
  "Pixel",
  "shop",
  "build-7",
  "user123",
  "stop the server",
  "line",
  "src/a.ts",
  "minutes",
  "All tests passed",
  "Tests are running",
  "Grace",
  "Not on a Friday",
  ...Object.values(LANGUAGES).map((own) => own.name),
  /\b(?:AM|PM|UTC)\b/,
  // Days come from the browser's own language.
  /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [A-Z][a-z]{2} \d{1,2}/,
  /[A-Z][a-z]{2} \d{1,2}, \d{4}/,
  /https?:\/\/\S+/,
];

/** What the server renders; the scripts are built in the pseudo-locale. */
const { language, direction, ...sentences } = PAGE_LANGUAGES.en;
const PSEUDO_WORDS = { ...pseudoLocale(sentences), language, direction };

let browser: Browser;
let door: PhoneDoor;
beforeAll(async () => {
  [browser, door] = await Promise.all([
    sharedBrowser(),
    openPhoneDoor({ otpRequired: true, plugins: [pseudoWordsForEsbuild], needs: { words: { ...PAGE_LANGUAGES, en: PSEUDO_WORDS } } }),
  ]);
});
afterAll(async () => {
  await door.close();
});

const iso = (fromNow: number): string => new Date(Date.now() + fromNow).toISOString();
const DEVICE = {
  device_id: "phone-1",
  device_name: "John's Pixel",
  user_id: "user123",
  paired_at: iso(-86_400_000 * 3),
  expires_at: iso(86_400_000 * 30),
};
const approval = (id: string, over: object): object => ({
  approval_id: id,
  build_id: "build-7",
  project_name: "shop",
  plan: "stop the server\n".repeat(40),
  affected_files: ["src/a.ts"],
  estimated_duration: "5 minutes",
  requires_approval_by: iso(600_000),
  requested_by: "Grace",
  content_sha256: "",
  status: "pending",
  ...over,
});
const MESSAGES = [
  { type: "approval_request", payload: approval("a-1", {}) },
  { type: "approval_request", payload: approval("a-2", { status: "approved", decided_by: "phone-1", decided_at: iso(-1000) }) },
  {
    type: "approval_request",
    payload: approval("a-3", { status: "rejected", decided_by: "desk", decided_at: iso(-1000), comment: "Not on a Friday" }),
  },
  { type: "approval_request", payload: approval("a-4", { status: "rejected", decided_by: "phone-2", decided_at: iso(-1000) }) },
  { type: "approval_request", payload: approval("a-5", { status: "expired" }) },
  { type: "approval_request", payload: approval("a-6", { status: "cancelled" }) },
  ...["initiated", "in_progress", "success", "failure", "approval_pending", "cancelled"].map((status, index) => ({
    type: "notification",
    payload: {
      build_id: "build-7",
      project_name: "shop",
      status,
      message: "All tests passed.",
      priority: ["low", "normal", "high", "critical"][index % 4],
      action_required: index === 1,
    },
  })),
  { type: "command_result", payload: { command_id: "c-1", status: "failed", message: "Tests are running" } },
].map((message, index) => ({
  ...message,
  message_id: `m-${index}`,
  seq: index + 1,
  user_id: "user123",
  timestamp: iso(index % 2 === 0 ? -1000 : -86_400_000 * 2),
}));

/** A phone whose computer answers what `answers` says, by path. */
async function phone(answers: Readonly<Record<string, { readonly status?: number; readonly body: object }>>): Promise<Page> {
  const { page } = await visit(browser, "Pixel", door.address);
  await page.context().route(/\/phone\//, async (route) => {
    const answer = answers[new URL(route.request().url()).pathname];
    if (!answer) return route.abort();
    const { status = 200, body } = answer;
    return route.fulfill({
      status,
      contentType: status === 200 ? "application/json" : "application/problem+json",
      body: JSON.stringify(body),
    });
  });
  return page;
}

const COMPUTER = {
  "/phone/me": { body: DEVICE },
  "/phone/inbox": { body: { messages: MESSAGES, next: MESSAGES.length } },
  "/phone/push": { body: { available: true, public_key: "AAAA", subscribed: false } },
  "/phone/me/handoff": { body: { code: "ABCD2345", url: `${"http"}://x/inbox#handoff=ABCD2345`, expires_at: iso(600_000) } },
};

describe("every text of the phone's pages is in the catalogue", () => {
  it("pairing page and result pages", async () => {
    const { page } = await visit(browser, "Pixel", door.address);
    const used = await door.invite();
    await door.post({ code: used, action: "decline" });
    const addresses = [
      `/pair?code=${await door.invite()}`,
      `/pair?token=${(await door.openQr()).token}`,
      `/pair?code=${used}`,
      "/pair?code=unknown",
      "/pair",
      "/",
      "/pair/done?result=paired",
      "/pair/done?result=declined",
    ];
    for (const address of addresses) {
      await page.goto(door.address + address);
      expect([address, await hardCoded(page, DATA)]).toEqual([address, []]);
    }
  });

  it.each(["", "#approval/a-1", "#approval/a-3", "#approval/none", "#history", "#command", "#settings", "#home-screen", "#nowhere"])(
    "inbox, at %s",
    async (hash) => {
      const page = await phone(COMPUTER);
      await page.goto(`${door.address}/inbox`);
      await page.locator("#today li").first().waitFor();
      await page.evaluate((to) => (location.hash = to), hash);
      await page.waitForFunction(
        (to) => document.body.className === "sub" || document.querySelector("[aria-current]")?.getAttribute("href") === (to || "#"),
        hash,
      );
      await page.waitForFunction(() => document.querySelector("[aria-busy=true]") === null);
      expect(await hardCoded(page, DATA)).toEqual([]);
      for (const button of await page.locator("section button:visible").all()) {
        await button.click({ timeout: 2000 }).catch(() => undefined);
        expect(await hardCoded(page, DATA)).toEqual([]);
      }
    },
  );

  it.each(["token_missing", "token_revoked", "token_expired", "token_invalid", "device_suspended", "cross_site"])(
    "inbox of a phone that gets %s",
    async (code) => {
      const page = await phone({ "/phone/me": { status: 401, body: { code, detail: "", status: 401 } } });
      await page.goto(`${door.address}/inbox`);
      await page.locator("main.result").waitFor();
      expect(await hardCoded(page, DATA)).toEqual([]);
    },
  );

  it("inbox without a connection", async () => {
    const page = await phone({});
    await page.goto(`${door.address}/inbox`);
    await page.locator(".dot.reconnecting").waitFor();
    expect(await hardCoded(page, DATA)).toEqual([]);
  });
});

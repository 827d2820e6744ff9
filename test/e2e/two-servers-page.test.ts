import type { Locator, Page } from "playwright-core";
import { afterEach, describe, expect, it } from "vitest";
import { sharedBrowser } from "../browser.ts";
import { PHONES } from "../phone/phone-browser.ts";
import { hasPostgres } from "../postgres.ts";
import { ask } from "./databases.ts";
import type { Headless } from "./headless.ts";
import { endServers, pairPhone, startServers } from "./servers-on-database.ts";

afterEach(endServers);

const pages: Page[] = [];
afterEach(async () => {
  for (const page of pages.splice(0)) await page.context().close();
});

async function newPage(options: object): Promise<Page> {
  const page = await (await (await sharedBrowser()).newContext({ locale: "en-US", ...options })).newPage();
  pages.push(page);
  return page;
}

/** A server's settings page. A phone is paired: it begins with no first steps. */
async function openSettings({ pageAddress }: Headless): Promise<Page> {
  const page = await newPage({});
  await page.goto(pageAddress);
  await page.getByRole("heading", { name: "Paired phones" }).waitFor();
  return page;
}

async function openView(page: Page, name: string): Promise<void> {
  await page.getByRole("navigation").getByRole("link", { name }).click();
}

describe.skipIf(!hasPostgres)("the settings page at one of two servers (Debian: apt-get install postgresql)", () => {
  it("shows what phones and another window did at the other one, within a second of that one's own page", async () => {
    const [a, b] = await startServers(2);
    if (!a || !b) return expect.fail("no servers");
    const token = await pairPhone(b, "phone-2");
    const [pageAtA, pageAtB] = [await openSettings(a), await openSettings(b)];
    const phone = await newPage(PHONES.iPhone);
    const later: Record<string, number> = {};
    /** How long after the page at B the one at A shows it, in milliseconds. A machine at work delays both. */
    const shownAtBoth = async (what: string, find: (page: Page) => Locator): Promise<void> => {
      const [atA, atB] = await Promise.all(
        [pageAtA, pageAtB].map(async (page) => {
          await find(page).waitFor();
          return performance.now();
        }),
      );
      later[what] = (atA ?? 0) - (atB ?? 0);
    };
    const invited = await ask(b.localAddress, "POST", "/phone/pairing/send-sms", { phone_number: "+14155552671", user_id: "ada" });
    await shownAtBoth("invited", (page) => page.getByRole("button", { name: /invite to \+1\*+2671/ }).first());

    await phone.goto(`${b.phoneAddress}/pair?code=${String(invited.body["invite_code"])}`);
    await phone.getByRole("button", { name: "Accept" }).tap();
    await shownAtBoth("accepted", (page) => page.locator(".device").getByRole("heading", { name: "iPhone" }));

    // Its page is on the line at B: what is asked at A is delivered at once, and answered at B.
    await phone.goto(`${b.phoneAddress}/inbox`);
    await phone.locator("#connection", { hasText: "Connected" }).waitFor();
    const plan = { build_id: "b", project_name: "shop", plan: "deploy", affected_files: [], estimated_duration: 1 };
    const due = new Date(Date.now() + 600_000).toISOString();
    for (const page of [pageAtA, pageAtB]) await openView(page, "Approvals");
    const asked = await ask(a.localAddress, "POST", "/phone/approvals/request", { user_id: "ada", ...plan, requires_approval_by: due });
    await shownAtBoth("delivered", (page) => page.getByText(/(?:Delivered to|Read on) iPhone at/).first());
    const answer = { decision: "approve" };
    const answered = await ask(b.phoneAddress, "POST", `/phone/approvals/${String(asked.body["approval_id"])}/decision`, answer, token);
    expect(answered.status).toBe(200);
    await shownAtBoth("answered", (page) => page.getByText("Approved on Phone").first());

    for (const page of [pageAtA, pageAtB]) await openView(page, "Phones");
    await pageAtB.getByRole("button", { name: "Revoke: iPhone" }).click();
    await pageAtB.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
    await shownAtBoth("revoked", (page) => page.getByText("Revoked phones (1)"));
    await expect.poll(() => pageAtA.locator(".device").count()).toBe(1);

    const sorted = Object.values(later).sort((one, other) => one - other);
    expect(sorted[Math.floor(sorted.length / 2)], JSON.stringify(later)).toBeLessThan(1000);
  }, 300_000);
});

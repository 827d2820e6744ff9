import type { Browser, Page } from "playwright-core";
import { afterEach, beforeAll, expect, it } from "vitest";
import { axe, sharedBrowser } from "../browser.ts";
import { phoneBody, startServer, type TestServer } from "../http/server.ts";
import { PHONES, type PhoneName, type VisitChoice, visit } from "./phone-browser.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 60_000 });
const LOCKED = "Choose the number that the computer shows to approve.";

interface Asked {
  readonly server: TestServer;
  readonly page: Page;
  readonly id: string;
  readonly right: string;
  readonly wrong: readonly string[];
  readonly complaints: readonly unknown[];
}

/** A phone that has a request of high risk open. */
async function askedOn(name: PhoneName, choice: VisitChoice = {}): Promise<Asked> {
  const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "100000" });
  const { page, context, complaints } = await visit(browser, name, server.phoneAddress, choice);
  opened.push(context);
  await context.request.post(`${server.phoneAddress}/phone/pairing/accept-invite`, { data: phoneBody(await server.invite(), "phone-1") });
  const { body } = await server.local("POST", "/phone/approvals/request", {
    body: {
      ...{ build_id: "build-7", project_name: "shop", plan: "drop the database", affected_files: [], estimated_duration: "1 min" },
      risk: "high",
      requires_approval_by: new Date(Date.now() + 600_000).toISOString(),
    },
  });
  await page.goto(`${server.phoneAddress}/inbox`);
  await page.locator("#waiting").getByRole("link").first().click();
  await page.getByRole("group", { name: "Which number does the computer show?" }).waitFor();
  const shown = await page.getByRole("radio").evaluateAll((radios) => radios.map((radio) => (radio as HTMLInputElement).value));
  expect(shown).toContain(body.match_number);
  return {
    server,
    page,
    id: body.approval_id,
    right: body.match_number,
    wrong: shown.filter((number) => number !== body.match_number),
    complaints,
  };
}
const statusOf = async ({ server, id }: Asked): Promise<string> => (await server.local("GET", `/phone/approvals/${id}`)).body.status;
/** Presses, then confirms: the first half second is nobody's decision. */
async function approve(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Hold to approve", disabled: false }).tap();
  const yes = page.getByRole("button", { name: "Yes, approve" });
  await eventually(async () => {
    if (await yes.isVisible()) await yes.tap();
    return yes.isVisible();
  }).toBe(false);
}

it.each(Object.keys(PHONES) as PhoneName[])("is approved on %s once the number is chosen that the computer shows", async (name) => {
  const asked = await askedOn(name);
  const { page, right } = asked;
  await page.locator("#hold-hint", { hasText: LOCKED }).waitFor();
  await expect.poll(() => page.locator(".facts").innerText()).toMatch(/Risk\s+High/);
  await page.getByRole("button", { name: "Hold to approve" }).tap({ force: true });
  await expect.poll(() => page.getByRole("button", { name: "Yes, approve" }).isVisible()).toBe(false);
  await page.getByRole("radio", { name: right, exact: true }).tap();
  await page.locator("#hold-hint", { hasText: "Hold for one second, or press and confirm." }).waitFor();
  await approve(page);
  await page.locator(".outcome", { hasText: "Approved on this phone" }).waitFor();
  await expect.poll(() => statusOf(asked)).toBe("approved");
  expect(asked.complaints).toEqual([]);
});

it("says that a number was wrong, wants another choice, and shows the rejection after the second", async () => {
  const asked = await askedOn("Pixel");
  const { page, wrong } = asked;
  const [first = "", second = ""] = wrong;
  await page.getByRole("radio", { name: first, exact: true }).tap();
  await approve(page);
  await page.getByRole("alert").getByText("One more wrong number rejects this request.").waitFor();
  await expect.poll(() => page.getByRole("radio", { checked: true }).count()).toBe(0);
  await page.locator("#hold-hint", { hasText: LOCKED }).waitFor();
  await expect.poll(() => statusOf(asked)).toBe("pending");
  await page.getByRole("radio", { name: second, exact: true }).tap();
  await approve(page);
  await page.locator(".outcome", { hasText: "Rejected on this phone" }).waitFor();
  await expect.poll(() => statusOf(asked)).toBe("rejected");
});

it("sends a number once, whatever becomes of the answer", async () => {
  const asked = await askedOn("Pixel");
  const { page, wrong } = asked;
  let sent = 0;
  await page.route("**/decision", async (route) => {
    sent += 1;
    await route.fetch();
    return route.abort();
  });
  await page.getByRole("radio", { name: wrong[0]!, exact: true }).tap();
  await approve(page);
  await page.getByRole("alert").getByText("If this still waits for you, choose the number again.").waitFor();
  expect([sent, await statusOf(asked)]).toEqual([1, "pending"]);
});

it("is rejected without a number", async () => {
  const asked = await askedOn("iPhone");
  await asked.page.getByRole("button", { name: "Reject…" }).tap();
  await asked.page.getByRole("button", { name: "Reject", exact: true }).tap();
  await asked.page.locator(".outcome", { hasText: "Rejected on this phone" }).waitFor();
  await expect.poll(() => statusOf(asked)).toBe("rejected");
});

it("works by the keyboard alone", async () => {
  const asked = await askedOn("Pixel");
  const { page, right } = asked;
  const focused = (): Promise<string | null | undefined> =>
    page.evaluate(() => (document.activeElement as HTMLInputElement).value || document.activeElement?.textContent);
  const radios = page.getByRole("radio");
  await radios.first().focus();
  await page.keyboard.press("Space");
  for (let presses = 0; (await focused()) !== right && presses < 3; presses += 1) await page.keyboard.press("ArrowRight");
  await expect.poll(() => page.getByRole("radio", { checked: true }).inputValue()).toBe(right);
  // What has the focus can be seen.
  await expect
    .poll(() => page.locator(".numbers input:checked + span").evaluate((tile) => getComputedStyle(tile).outlineStyle))
    .toBe("solid");
  while ((await focused()) !== "Hold to approve") await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  while ((await focused()) !== "Yes, approve") await page.keyboard.press("Tab");
  await eventually(async () => {
    await page.keyboard.press("Enter");
    return page.locator(".outcome").innerText();
  }).toContain("Approved on this phone");
});

it.each(["light", "dark"] as const)("axe finds nothing at 320 pixels, %s, and nothing is wider than the screen", async (colorScheme) => {
  const { page, right, wrong, complaints } = await askedOn("iPhone", { colorScheme, viewport: { width: 320, height: 568 } });
  expect(await axe(page)).toEqual([]);
  await page.getByRole("radio", { name: right, exact: true }).tap();
  expect(await axe(page)).toEqual([]);
  const width = () => page.evaluate(() => document.documentElement.scrollWidth);
  await expect.poll(() => width()).toBe(320);
  for (const number of [right, ...wrong]) {
    const box = (await page.getByText(number, { exact: true }).boundingBox())!;
    expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(44);
  }
  await page.getByRole("radio", { name: wrong[0]!, exact: true }).tap();
  await approve(page);
  await page.getByRole("alert").getByText("One more wrong number").waitFor();
  expect(await axe(page)).toEqual([]);
  expect(complaints).toEqual([]);
});

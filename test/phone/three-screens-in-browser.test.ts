import type { Browser, Locator, Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { openView, sharedBrowser } from "../browser.ts";
import { phoneBody, startServer } from "../http/server.ts";
import { type PhoneName, visit } from "./phone-browser.ts";

/** Enough to see that it works; TOPDOG_ROUNDS=200 looks as often as it takes to believe it. */
const ROUNDS = Number(process.env["TOPDOG_ROUNDS"] ?? 6);
/** However slow the machine is. */
const PATIENT = { timeout: 60_000 };

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});

/** Where a finger comes down: found before, so that nothing but the touch itself lies between the three. */
async function middleOf(button: Locator): Promise<[number, number]> {
  await button.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await button.boundingBox())!;
  return [x + width / 2, y + height / 2];
}

/** The one word of the outcome on a phone. */
const wordOn = async (page: Page): Promise<string> => (await page.locator(".outcome").innerText()).split(" ")[0]!;

it("two phones and the computer that decide at the same instant see one decision, the same on all three screens", async () => {
  const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "100000", ADMIN_TOKEN: "" });
  const sent: string[] = [];
  const phone = async (name: PhoneName, id: string): Promise<Page> => {
    const { page, context } = await visit(browser, name, server.phoneAddress);
    page.on("request", (request) => request.url().endsWith("/decision") && sent.push(id));
    await context.request.post(`${server.phoneAddress}/phone/pairing/accept-invite`, {
      data: { ...phoneBody(await server.invite(), id), device_name: `The ${name}` },
    });
    await page.goto(`${server.phoneAddress}/inbox`);
    await page.locator("#connection", { hasText: "Connected" }).waitFor();
    return page;
  };
  const pixel = await phone("Pixel", "pixel");
  const iPhone = await phone("iPhone", "iphone");
  const computer = await (await browser.newContext({ viewport: { width: 900, height: 1200 } })).newPage();
  computer.on("request", (request) => request.url().endsWith("/decision") && sent.push("desk"));
  await computer.goto(server.pageAddress);
  await openView(computer, "Approvals");
  const history = computer.getByRole("list", { name: "Approvals and notifications" });

  const deciders: Record<string, number> = {};
  let raced = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const project_name = `Round ${round}`;
    const { approval_id } = (
      await server.local("POST", "/phone/approvals/request", {
        body: {
          build_id: `build-${round}`,
          project_name,
          plan: "deploy",
          affected_files: [],
          estimated_duration: "a minute",
          requires_approval_by: new Date(Date.now() + 600_000).toISOString(),
        },
      })
    ).body;
    for (const page of [pixel, iPhone]) {
      await page.evaluate((id) => (location.hash = `#approval/${id}`), approval_id);
      await page.locator(".subject", { hasText: project_name }).waitFor();
    }
    // Each is one touch away from its answer.
    await pixel.getByRole("button", { name: "Hold to approve" }).tap();
    await iPhone.getByRole("button", { name: "Reject…" }).tap();
    await computer.getByRole("button", { name: `Approve: ${project_name}` }).click();
    const [yes, no, there] = await Promise.all([
      middleOf(pixel.getByRole("button", { name: "Yes, approve" })),
      middleOf(iPhone.getByRole("button", { name: "Reject", exact: true })),
      middleOf(computer.getByRole("alertdialog").getByRole("button", { name: "Approve", exact: true })),
    ]);
    // A confirmation counts only after half a second, so that no double tap gives it.
    await pixel.evaluate(() => new Promise((resolve) => setTimeout(resolve, 600)));
    const before = sent.length;
    await Promise.all([pixel.touchscreen.tap(...yes), iPhone.touchscreen.tap(...no), computer.mouse.click(...there)]);

    const { status, decided_by } = (await server.local("GET", `/phone/approvals/${approval_id}?wait=60`)).body;
    const word = status === "approved" ? "Approved" : "Rejected";
    const row = history
      .getByRole("listitem")
      .filter({ hasText: `build-${round}` })
      .first();
    await expect.poll(() => wordOn(pixel), PATIENT).toBe(word);
    await expect.poll(() => wordOn(iPhone), PATIENT).toBe(word);
    await row.getByText(word, { exact: true }).waitFor();
    // And who it was.
    const where = decided_by === "desk" ? "on your computer" : { pixel: "on this phone", iphone: "on The iPhone" }[decided_by as string]!;
    await pixel.locator(".outcome", { hasText: where }).waitFor();
    await expect.poll(() => computer.getByRole("alertdialog").count(), PATIENT).toBe(0);
    await computer.getByRole("button", { name: `Approve: ${project_name}` }).waitFor({ state: "detached" });
    deciders[decided_by] = (deciders[decided_by] ?? 0) + 1;
    if (sent.length - before > 1) raced += 1;
  }
  const decided = server.audit().filter(({ event }) => event === "approval_decided");
  expect(decided).toHaveLength(ROUNDS);
  expect(new Set(decided.map(({ approval_id }) => approval_id)).size).toBe(ROUNDS);
  if (ROUNDS > 50) console.log({ ROUNDS, raced, deciders });
}, 1_800_000);

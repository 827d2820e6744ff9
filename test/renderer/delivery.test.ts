import type { Locator } from "playwright-core";
import { expect, it } from "vitest";
import { MINUTE, SECOND } from "../../src/core/index.ts";
import { axe } from "../browser.ts";
import { settingsPages, settle } from "./settings-page.ts";
import type { Topdog } from "./topdog.ts";

const pages = settingsPages();

const NOON = "2026-11-24T12:00:00Z";
const NUMBER = "+14155552671";

/** A link that was sent ten seconds ago, and what Twilio reported of it. */
const sent =
  (...reports: Parameters<Topdog["report"]>[]) =>
  async ({ clock, invite, report }: Topdog): Promise<void> => {
    clock.move(-10 * SECOND);
    await invite({ phone_number: NUMBER });
    for (const each of reports) await report(...each);
    clock.move(10 * SECOND);
  };
/** It failed, and the server does not say why. */
const unexplained = async (topdog: Topdog): Promise<void> => {
  await sent(["failed"])(topdog);
  topdog.alter("overview", ({ invites, ...rest }) => ({
    ...rest,
    invites: invites.map((one) => (one.delivery ? { ...one, delivery: { ...one.delivery, problem: undefined } } : one)),
  }));
};
/** Nobody knows whether this one was sent. */
const lost = async ({ clock, twilio, invite }: Topdog): Promise<void> => {
  clock.move(-10 * SECOND);
  twilio.answer(NUMBER, "garbage 201");
  await invite({ phone_number: NUMBER }).catch(() => undefined);
  twilio.answer(NUMBER);
  clock.move(10 * SECOND);
};

async function open(sms: "twilio" | "sns", prepare: (topdog: Topdog) => Promise<void>) {
  const opened = await pages.open({ at: NOON, sms, prepare });
  await opened.page.locator(".invite").first().waitFor();
  return opened;
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
  const { page, topdog } = await open("twilio", sent());
  const row = page.locator(".invite").first();
  await expect
    .poll(() => stepsOf(row))
    .toEqual(["> Sent (done, the latest step) 12:59", "Delivered (not yet)", "Opened (not yet)", "Paired (not yet)"]);
  await expect.poll(() => row.getByRole("list", { name: "Message to +1******2671" }).count()).toBe(1);

  await topdog.report("delivered");
  await settle(page);
  await expect.poll(() => stepsOf(row)).toContain("> Delivered (done, the latest step) 13:00");
  await page.locator(".unseen[role=status]").getByText("The message to +1******2671 was delivered.").waitFor({ state: "attached" });

  await topdog.openLink();
  await settle(page);
  await expect.poll(() => stepsOf(row)).toContain("> Opened (done, the latest step) 13:00");
  await page
    .locator(".unseen[role=status]")
    .getByText("The link sent to +1******2671 was opened on the phone.")
    .waitFor({ state: "attached" });
  await row.getByText("Opened on the phone, not accepted yet").waitFor();

  await topdog.accept();
  await settle(page);
  await expect
    .poll(() => stepsOf(row))
    .toEqual(["Sent (done)", "Delivered (done) 13:00", "Opened (done) 13:00", "> Paired (done, the latest step) 13:00"]);
});

it("ends with the handing over where the provider says no more, and never pretends a delivery", async () => {
  const { page } = await open("sns", async (topdog) => {
    await sent()(topdog);
    await sent()(topdog);
    await topdog.openLink();
  });
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
  const { page } = await open("twilio", async (topdog) => {
    await sent(["sent"])(topdog);
    await topdog.openLink();
  });
  await expect
    .poll(() => stepsOf(page.locator(".invite")))
    .toEqual(["Sent (done) 12:59", "Delivered (not reported)", "> Opened (done, the latest step) 13:00", "Paired (not yet)"]);
  await page.clock.runFor(60_000);
  await expect.poll(() => page.getByText("Not there yet?").count()).toBe(0);
});

it.each([
  {
    state: "undelivered",
    made: sent(["undelivered", 30003]),
    step: "> Not delivered (failed) 12:59",
    text: "The phone can't be reached: it's off, out of range, or the number isn't in use. Check the number, then send again.",
    code: "Twilio, code 30003",
  },
  {
    state: "failed",
    made: unexplained,
    step: "> Not sent (failed) 12:59",
    text: "The message wasn't sent. Send it again, or show a QR code instead.",
  },
  {
    state: "unknown",
    made: lost,
    step: "> Status unknown (unknown) 12:59",
    text: "We couldn't confirm that the message was sent. Check the phone",
  },
] as const)("says why a message is $state, what to do, and the provider's code for those who look", async (row) => {
  const { state, made, step, text } = row;
  const { page } = await open("twilio", made);
  const invite = page.locator(".invite");
  await expect.poll(() => stepsOf(invite)).toContain(step);
  await invite.getByText(text).waitFor();
  await expect.poll(() => invite.getByRole("alert").count()).toBe(state === "unknown" ? 0 : 1);
  const details = invite.getByText("Details", { exact: true });
  await expect.poll(() => details.count()).toBe("code" in row ? 1 : 0);
  if ("code" in row) {
    const { code } = row;
    await expect.poll(() => invite.getByText(code).isVisible()).toBe(false);
    await details.click();
    await invite.getByText(row.code).waitFor();
  }
});

it("offers the QR code when a message takes long, and opens it", async () => {
  const { page } = await open("twilio", async ({ invite, report }) => {
    await invite();
    await report("sent");
  });
  await expect.poll(() => page.getByText("Not there yet?").count()).toBe(0);
  await page.clock.runFor(31_000);
  await page.getByText("Not there yet?").waitFor();
  await page.getByRole("button", { name: "Show QR code instead: invite to +1******2671" }).click();
  await page.clock.runFor(100);
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Show QR code");
});

it("has no steps in mock mode, where nothing is sent", async () => {
  const { page } = await pages.open({ at: NOON, invites: [{}] });
  await page.getByText("Waiting for the phone").waitFor();
  await expect.poll(() => page.locator(".steps").count()).toBe(0);
});

it("can be read by everybody, in light, dark and forced colours, and fits into 320 pixels", async () => {
  const { page } = await pages.open({
    sms: "twilio",
    context: { viewport: { width: 320, height: 800 }, reducedMotion: "reduce" },
    async prepare(topdog) {
      for (const made of [sent(), sent(["delivered"])]) await made(topdog);
      await topdog.openLink();
      topdog.clock.move(10 * MINUTE);
      for (const made of [lost, sent(["undelivered", 30003]), sent(["sent"])]) await made(topdog);
      // The first one, as if its provider reported nothing.
      topdog.alter("overview", ({ invites, ...rest }) => ({
        ...rest,
        invites: invites.map((one) =>
          one.delivery?.state === "handed_over" ? { ...one, delivery: { ...one.delivery, more: false } } : one,
        ),
      }));
    },
  });
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

import type { Browser, Page } from "playwright-core";
import { afterEach, beforeAll, expect, it } from "vitest";
import { axe, sharedBrowser } from "../browser.ts";
import { phoneBody, startServer, type TestServer } from "../http/server.ts";
import { visit } from "./phone-browser.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

const GENEROUS = { PAIRING_RATE_LIMIT_SCALE: "100000" };

/** What stands in for a browser's recogniser, which asks its maker; `window.speech` has the page's one. */
const RECOGNISER = (mood: "works" | "never starts" | "denied") =>
  `delete window.SpeechRecognition;
  window.webkitSpeechRecognition = class extends EventTarget {
    start() {
      window.speech = this;
      if (${JSON.stringify(mood)} === "works") setTimeout(() => this.dispatchEvent(new Event("start")));
      if (${JSON.stringify(mood)} === "denied") setTimeout(() => this.dispatchEvent(Object.assign(new Event("error"), { error: "not-allowed" })));
    }
    abort() {}
    say(transcript, confidence) {
      const result = Object.assign([{ transcript, confidence }], { isFinal: true });
      this.dispatchEvent(Object.assign(new Event("result"), { results: [result] }));
      this.dispatchEvent(new Event("end"));
    }
  };`;
const NO_RECOGNISER = "delete window.SpeechRecognition; delete window.webkitSpeechRecognition;";

/** A phone at the page for commands, and an IDE that runs what it is asked to. */
async function commandsOf(
  commands: Parameters<TestServer["pairing"]["registerVoiceHandler"]>[0]["commands"],
  prepare = NO_RECOGNISER,
): Promise<{ server: TestServer; page: Page; complaints: string[]; ran: string[] }> {
  const server = await startServer(GENEROUS);
  const ran: string[] = [];
  if (commands.length > 0) {
    server.pairing.registerVoiceHandler({
      commands,
      async run({ action, target }) {
        ran.push(`${action} ${target}`);
        return { status: "done", message: `${target} is done.` };
      },
    });
  }
  const { page, context, complaints } = await visit(browser, "Pixel", server.phoneAddress);
  opened.push(context);
  await context.request.post(`${server.phoneAddress}/phone/pairing/accept-invite`, { data: phoneBody(await server.invite(), "phone-1") });
  await page.addInitScript({ content: prepare });
  await page.goto(`${server.phoneAddress}/inbox`);
  await page.getByRole("link", { name: "Command" }).tap();
  await page.getByRole("heading", { level: 1, name: "Command" }).waitFor();
  return { server, page, complaints, ran };
}
const type = async (page: Page, text: string): Promise<void> => {
  await page.getByLabel("What should Top Dog do?").fill(text);
  await page.keyboard.press("Enter");
};

it("shows what was understood, does it after a tap, and says what came of it", async () => {
  const { page, ran, complaints, server } = await commandsOf([{ action: "deploy", targets: ["staging"] }]);
  await expect.poll(() => page.getByRole("button", { name: "Speak" }).count()).toBe(0);
  await type(page, "please deploy to staging");
  await page.getByRole("heading", { name: "Top Dog understood" }).waitFor();
  await expect.poll(() => page.locator(".understood").innerText()).toBe("deploy staging");
  await expect.poll(() => page.locator("[data-until]").innerText()).toMatch(/^0:(30|2\d) left$/);
  expect(ran).toEqual([]);
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Yes, do it" }).tap();
  await page.getByText("Command done: staging is done.").waitFor();
  expect(ran).toEqual(["deploy staging"]);
  expect(server.audit().filter(({ event }) => event === "voice_command")).toHaveLength(2);
  await page.getByRole("link", { name: /^Inbox/ }).tap();
  await page.locator("#today li", { hasText: "staging is done." }).waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Inbox");
  expect(complaints).toEqual([]);
});

it("does nothing on No, and lists what may be meant", async () => {
  const { page, ran } = await commandsOf([{ action: "build", targets: ["api", "web"] }]);
  await type(page, "build");
  await page.getByText("Which one?").waitFor();
  await page.getByRole("button", { name: "build web" }).tap();
  await page.getByRole("heading", { name: "Top Dog understood" }).waitFor();
  await page.getByRole("button", { name: "No", exact: true }).tap();
  await page.getByText("Nothing was done.").waitFor();
  await page.getByRole("button", { name: "Help" }).tap();
  await page.getByRole("button", { name: "build api" }).waitFor();
  expect(ran).toEqual([]);
});

it("says what to do where nobody listens, where nothing is understood, and where the connection is gone", async () => {
  const { page } = await commandsOf([]);
  await type(page, "build api");
  await page.getByText("Open a project in Top Dog to use this command.").waitFor();
  await type(page, "rm -rf /; echo done");
  await page.getByText("I don't know that command.").waitFor();
  await type(page, "bu‮ild");
  await page.getByText("The command contains characters that can't be read.").waitFor();
  await page.context().setOffline(true);
  await type(page, "status");
  await page.getByText("No answer. Check your connection, then try again.").waitFor();
  await expect.poll(() => page.getByLabel("What should Top Dog do?").inputValue()).toBe("status");
});

it("opens from the command all that would be approved, and approves nothing by itself", async () => {
  const { server, page } = await commandsOf([]);
  const { body } = await server.local("POST", "/phone/approvals/request", {
    body: {
      build_id: "b-7",
      project_name: "shop",
      plan: "deploy",
      affected_files: [],
      estimated_duration: "1 min",
      requires_approval_by: new Date(Date.now() + 600_000).toISOString(),
    },
  });
  await page.getByRole("button", { name: "Approve", exact: true }).tap();
  await expect.poll(() => page.locator(".understood").innerText()).toBe("approve shop b-7");
  await expect.poll(() => page.getByRole("button", { name: "Yes, do it" }).count()).toBe(0);
  await page.getByRole("link", { name: "Read it, then approve" }).tap();
  await page.getByRole("heading", { name: "Approve this build?" }).waitFor();
  await page.locator(".plan", { hasText: "deploy" }).waitFor();
  await page.getByRole("button", { name: "Hold to approve" }).tap();
  await page.getByRole("button", { name: "Yes, approve" }).click({ delay: 600 });
  await page.locator(".outcome", { hasText: "Approved on this phone" }).waitFor();
  expect((await server.local("GET", `/phone/approvals/${body.approval_id}`)).body).toMatchObject({
    status: "approved",
    decided_by: "phone-1",
  });
});

it("recognises a spoken command, and asks when it is not sure", async () => {
  const { page, ran } = await commandsOf([{ action: "test", targets: ["api"] }], RECOGNISER("works"));
  await page.getByText("Your browser's maker recognizes what you say, not Top Dog.").waitFor();
  const speak = page.getByRole("button", { name: "Speak" });
  await speak.tap();
  await page.getByRole("button", { name: "Listening… tap to stop", pressed: true }).waitFor();
  await page.evaluate(() => (window as unknown as { speech: { say(text: string, sure: number): void } }).speech.say("help", 0.4));
  await page.getByRole("heading", { name: "Top Dog understood" }).waitFor();
  await expect.poll(() => page.locator(".understood").innerText()).toBe("help");
  await speak.tap();
  await page.getByRole("button", { name: "Listening… tap to stop" }).tap();
  await page.getByText("Nothing was heard. Speak again, or type it.").waitFor();
  expect(ran).toEqual([]);
});

it.each([
  ["never starts", "This browser can't recognize speech here.", 0],
  ["denied", "This page isn't allowed to use the microphone.", 1],
] as const)("goes on with the keyboard where the recogniser %s", async (mood, sentence, buttons) => {
  const { page } = await commandsOf([], RECOGNISER(mood));
  await page.getByRole("button", { name: "Speak" }).tap();
  await page.getByText(sentence).waitFor();
  await expect.poll(() => page.getByRole("button", { name: "Speak" }).count()).toBe(buttons);
  await type(page, "status");
  await page.getByText("No build news yet.").waitFor();
});

it("shows each quick command on one line, on a narrow phone too", async () => {
  const { page } = await commandsOf([]);
  await page.setViewportSize({ width: 320, height: 640 });
  const lines = await page.locator(".chip").evaluateAll((chips) =>
    chips.map((chip) => {
      const range = document.createRange();
      for (const text of chip.querySelectorAll("bdi")) range.selectNodeContents(text.firstChild ?? text);
      return new Set(Array.from(range.getClientRects(), ({ top }) => Math.round(top))).size;
    }),
  );
  expect(lines.length).toBeGreaterThan(3);
  expect(new Set(lines)).toEqual(new Set([1]));
});

import { expect, it } from "vitest";
import { sharedBrowser } from "../browser.ts";
import { type Answer, startServer } from "../http/server.ts";
import { PHONES } from "../phone/phone-browser.ts";

/** Message apps, mail gateways and search engines that open a link before, or instead of, the person it was sent to. */
const SCANNERS = [
  // iMessage calls itself by two others' names.
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
  "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
  "WhatsApp/2.24.10.80 A",
  "TelegramBot (like TwitterBot)",
  "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
  "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
  "SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) SkypeUriPreview Teams/1.0",
  "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
  "Viber/13.3.0",
  "Google-Safety",
  "Mozilla/5.0 (compatible; Google-Read-Aloud; +https://support.google.com/webmasters/answer/1061943)",
  "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
  "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
  "Mozilla/4.0 (compatible; ms-office; MSOffice 16) SafeLinks",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 BarracudaCentral",
  "Mozilla/5.0 (compatible; proofpoint-urldefense)",
  "Mozilla/5.0 (compatible; Mimecast-URL-Protect)",
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36",
  "curl/8.4.0",
];
const OPENS = 50;

/** What an answer says, but for what is new in each, and for the name that the page suggests for the phone. */
function contentOf({ status, headers, text }: Answer): unknown {
  return [
    status,
    { ...headers, date: "", "content-length": "", "x-request-id": "" },
    text
      .replace(/(name="(?:device_name|request_id|device_id)"[^>]* value|data-(?:seconds|os|type))="[^"]*"|<bdi id="device">[^<]*/g, "")
      .replace(/\(in \d+ minutes?\)/, ""),
  ];
}

it("a thousand opens of one link by those who are not meant change nothing; then the person accepts", async () => {
  const server = await startServer();
  const link = `/pair?code=${await server.invite()}`;
  const state = async (): Promise<unknown> => ({
    sessions: (await server.local("GET", "/phone/pairing/sessions")).body,
    devices: (await server.local("GET", "/phone/devices")).body,
    audit: server.audit(),
    printed: [...server.printed],
  });
  const before = await state();
  const [{ status }] = (before as { sessions: { sessions: [{ status: string }] } }).sessions.sessions;
  expect(status).toBe("pending");

  const answers = { GET: new Set<string>(), HEAD: new Set<string>() };
  for (const [index, scanner] of SCANNERS.entries()) {
    // Each comes from where it lives.
    const headers = { "user-agent": scanner, "x-forwarded-for": `203.0.113.${index + 1}` };
    const opened = await Promise.all(
      Array.from({ length: OPENS }, async (_, turn) => {
        const method = turn % 5 === 4 ? "HEAD" : "GET";
        // Some take the link apart or carry it on; some say that nobody looks yet.
        const more = turn % 7 === 6 ? "&utm_source=preview&action=accept&device_name=x" : "";
        return {
          method,
          answer: await server.phone(method, link + more, { headers: { ...headers, "sec-purpose": "prefetch;prerender" } }),
        } as const;
      }),
    );
    for (const { method, answer } of opened) {
      expect(answer.status).toBe(200);
      answers[method].add(JSON.stringify(contentOf(answer)));
    }
  }
  expect([answers.GET.size, answers.HEAD.size]).toEqual([1, 1]);
  expect(await state()).toEqual(before);

  const browser = await sharedBrowser();
  // A sandbox that runs the page's scripts for longer than any does, and leaves.
  const sandbox = await (await browser.newContext(PHONES.Pixel)).newPage();
  await sandbox.clock.install();
  await sandbox.goto(server.phoneAddress + link, { waitUntil: "networkidle" });
  await sandbox.clock.runFor(120_000);
  await sandbox.reload();
  await sandbox.clock.runFor(10_000);
  await sandbox.goto("about:blank");
  expect(await state()).toEqual(before);

  const phone = await (await browser.newContext(PHONES.iPhone)).newPage();
  await phone.goto(server.phoneAddress + link);
  await phone.getByRole("button", { name: "Accept" }).tap();
  await phone.getByRole("heading", { level: 1, name: "Done! Phone is paired" }).waitFor();
  expect((await server.local("GET", "/phone/devices")).body).toMatchObject([{ status: "active", device_name: "iPhone" }]);
  expect(server.audit().map(({ event }) => event)).toEqual(["send_sms_invite", "accept_invite"]);
});

import { createHash } from "node:crypto";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { PairingError } from "../../src/core/index.ts";
import { type DoorChoice, EXPIRY, openPhoneDoor, type PhoneDoor } from "./phone-door.ts";

const open: PhoneDoor[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((door) => door.close()));
});
async function door(choice?: DoorChoice): Promise<PhoneDoor> {
  const opened = await openPhoneDoor(choice);
  open.push(opened);
  return opened;
}

const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1";
const PIXEL = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36";
const ROBOTS = [
  "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
  "facebookexternalhit/1.1 Facebot Twitterbot/1.0",
  "WhatsApp/2.23.20.0 A",
  "WhatsApp/2.23.20.0 i",
  "TelegramBot (like TwitterBot)",
  "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
  "Slackbot 1.0 (+https://api.slack.com/robots)",
  "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
  "Twitterbot/1.0",
  "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
  "SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
  "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
  "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
  "Google-Safety",
  "Mozilla/5.0 (compatible; Google-Safety; +http://www.google.com/bot.html)",
  "BarracudaCentral/1.0",
  "Mozilla/5.0 (compatible; proofpoint)",
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36",
  "Viber/13.3.0",
  "curl/8.4.0",
];

function fieldOf(markup: string, name: string): string {
  return new RegExp(`name="${name}"[^>]* value="([^"]*)"`).exec(markup)?.[1] ?? "";
}

describe("the question", () => {
  it("says who asks, for whom, for what and until when", async () => {
    const { ask, invite } = await door();
    const { headers, status, text } = await ask("GET", `/pair?code=${await invite()}`, { headers: { "User-Agent": IPHONE } });
    expect(status).toBe(200);
    expect(text.match(/<h1/g)).toHaveLength(1 + 6);
    expect(text.replace(/<template.*?<\/template>/gs, "").match(/<h1/g)).toHaveLength(1);
    const plain = text.replace(/<template.*<\/template>/gs, "").replace(/<[^>]+>/g, "");
    for (const words of [
      "Pair with Top Dog?",
      "Top Dog wants to pair with your phone",
      "Device: iPhone",
      "User: John Doe",
      "Computer: MacBook Pro",
      "Give voice commands",
      "Receive build notifications",
      "Approve builds remotely",
      "Only accept if you just started this in Top Dog. If not, decline.",
      "Accept",
      "Decline",
    ]) {
      expect(plain).toContain(words);
    }
    expect(plain).toMatch(/Expires at \d\d:\d\d UTC \(in 15 minutes\)/);
    expect(text).toContain('role="timer"');
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
  });

  it.each([
    ["view", ["Receive build notifications"]],
    ["answer", ["Receive build notifications", "Approve builds remotely"]],
    ["command", ["Give voice commands", "Receive build notifications", "Approve builds remotely"]],
  ] as const)("lists what a phone of the level %s may do, before and after the answer", async (level, abilities) => {
    const { ask, invite, post } = await door();
    const code = await invite("John Doe", "user123", level);
    const listed = (text: string) => [...text.matchAll(/<li>([^<]*)<\/li>/g)].map(([, line]) => line);
    // Twice: the result that the script shows is part of the page.
    expect(listed((await ask("GET", `/pair?code=${code}`)).text)).toEqual([...abilities, ...abilities]);
    const { headers } = await post({ code, action: "accept", device_name: "Phone" });
    expect(listed((await ask("GET", String(headers.location))).text)).toEqual(abilities);
    expect(listed((await ask("GET", "/pair/done?result=paired")).text)).toEqual([]);
  });

  it("is not for search engines and shows previews no names", async () => {
    const { ask, invite } = await door();
    const { headers, text } = await ask("GET", `/pair?code=${await invite()}`);
    const head = text.slice(0, text.indexOf("</head>"));
    expect(head).toContain('<meta property="og:title" content="Top Dog">');
    expect(head).toContain('<meta name="robots" content="noindex');
    expect(headers["x-robots-tag"]).toContain("noindex");
    expect(head).not.toContain("John");
    expect(head).not.toContain("MacBook");
  });

  it.each([
    [IPHONE, "iPhone"],
    ["Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 Version/16.6 Mobile/15E148 Safari/604.1", "iPad"],
    [PIXEL, "Pixel 8"],
    [
      "Mozilla/5.0 (Linux; Android 13; SM-S918B Build/TP1A.220624.014; wv) AppleWebKit/537.36 Version/4.0 Chrome/119.0 Mobile Safari/537.36",
      "SM-S918B",
    ],
    ["Mozilla/5.0 (Linux; U; Android 4.4.2; en-us; Nexus 5 Build/KOT49H) AppleWebKit/534.30 Version/4.0 Mobile Safari/534.30", "Nexus 5"],
    ["Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36", "Android phone"],
    ["Mozilla/5.0 (Android 14; Mobile; rv:120.0) Gecko/120.0 Firefox/120.0", "Android phone"],
    ["Mozilla/5.0 (Android 14; Tablet; rv:120.0) Gecko/120.0 Firefox/120.0", "Android tablet"],
    ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36", "Linux computer"],
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15", "Mac"],
    ["curl/8", "Phone"],
    ["", "Phone"],
  ])("guesses the phone of %j as %j", async (userAgent, name) => {
    const { ask, invite } = await door();
    const { text } = await ask("GET", `/pair?code=${await invite()}`, { headers: { "User-Agent": userAgent } });
    expect(fieldOf(text, "device_name")).toBe(name);
  });

  it.each([
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "</title></textarea><svg/onload=alert(1)>",
    "<!--",
    "&lt;b&gt;",
    "\u202Egnp.exe",
    "\u200B\u200D\u2066evil\u2069\uFEFF",
    "a\u0000b\u001b[31mc",
    "{{constructor.constructor('alert(1)')()}}",
    "$\u007b7*7}",
    "A".repeat(5000),
  ])("shows the hostile name %j as text alone", async (hostile) => {
    const { ask, invite } = await door({ computerName: hostile.slice(0, 60) });
    const code = await invite(hostile, "user123");
    const { status, text } = await ask("GET", `/pair?code=${code}`, {
      headers: { "User-Agent": PIXEL.replace("Pixel 8", hostile.replace(/[^\x20-\x7e]/g, "").slice(0, 50)) },
    });
    expect(status).toBe(200);
    expect(text).not.toMatch(/<(script|img|svg)[^>]*(alert|onerror|onload)/);
    expect(text.replace(/="[^"]*"/g, "")).not.toMatch(/<[^>]*\son\w+/);
    expect(text.match(/<script/g)).toHaveLength(1);
    const user = /User: <strong><bdi>(.*?)<\/bdi>/s.exec(text)?.[1] ?? "";
    expect(user).not.toMatch(/[<>"'\u0000-\u001f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/);
    expect(user.length).toBeGreaterThan(0);
  });

  it("names a user without a name by id", async () => {
    const { ask, invite } = await door();
    const { text } = await ask("GET", `/pair?code=${await invite("", "user123")}`);
    expect(text).toContain("User: <strong><bdi>user123</bdi></strong>");
  });

  it("leaves out a computer without a name", async () => {
    const { ask, invite } = await door({ computerName: "" });
    expect((await ask("GET", `/pair?code=${await invite()}`)).text).not.toContain("Computer:");
  });

  it.each(ROBOTS)("changes nothing when %s looks", async (userAgent) => {
    const { ask, audit, invite, status, pairing } = await door();
    const code = await invite();
    const before = audit().length;
    for (const method of ["GET", "HEAD", "OPTIONS", "GET"])
      await ask(method, `/pair?code=${code}&action=accept&device_name=x`, { headers: { "User-Agent": userAgent } });
    expect(await status(code)).toBe("pending");
    expect(audit()).toHaveLength(before);
    expect(await pairing.listDevices()).toEqual([]);
  });

  it("answers robots as it answers people", async () => {
    const { ask, invite } = await door();
    const code = await invite();
    const shown = async (userAgent: string): Promise<string> =>
      (await ask("GET", `/pair?code=${code}`, { headers: { "User-Agent": userAgent } })).text.replace(
        /value="[^"]*"|data-(seconds|os|type)="[^"]*"|<bdi id="device">[^<]*/g,
        "",
      );
    expect(await shown(ROBOTS[0] ?? "")).toBe(await shown(IPHONE));
  });

  it("answers HEAD as GET, without the body", async () => {
    const { ask, invite } = await door();
    const code = await invite();
    const [get, head] = [await ask("GET", `/pair?code=${code}`), await ask("HEAD", `/pair?code=${code}`)];
    expect(head.status).toBe(200);
    expect(head.bytes).toHaveLength(0);
    expect(head.headers["content-length"]).toBe(get.headers["content-length"]);
    expect(head.headers["content-security-policy"]).toBe(get.headers["content-security-policy"]);
  });
});

describe("every page", () => {
  it("carries the whole set of headers, whatever it says", async () => {
    const { ask, invite, post } = await door();
    const code = await invite();
    const answers = [
      await ask("GET", `/pair?code=${code}`),
      await ask("GET", "/pair"),
      await ask("GET", "/pair?code=wrong"),
      await ask("GET", "/pair/done?result=paired"),
      await ask("POST", "/pair", { body: "x" }),
      await post({}),
      await post({ code, action: "decline" }),
      await ask("GET", `/pair?code=${code}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 404, 200, 403, 400, 303, 410]);
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": expect.stringMatching(
          /^default-src 'none'; script-src 'self'; style-src 'sha256-[\w+/]{43}='; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'$/,
        ),
        "x-frame-options": "DENY",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "x-robots-tag": "noindex, nofollow, noarchive",
      });
      expect(headers["permissions-policy"]).toMatch(/camera=\(\).*microphone=\(\)/);
      expect(headers).not.toHaveProperty("etag");
      expect(headers).not.toHaveProperty("x-powered-by");
      expect(headers).not.toHaveProperty("strict-transport-security");
    }
  });

  it("asks for https for good where the public address has it", async () => {
    const { ask } = await door({ baseUrl: "https://pair.example.com" });
    expect((await ask("GET", "/pair")).headers["strict-transport-security"]).toBe("max-age=31536000");
  });

  it("holds nothing inline but its one style sheet, which its policy names", async () => {
    const { ask, invite } = await door();
    const { headers, text } = await ask("GET", `/pair?code=${await invite()}`);
    const [style, ...others] = [...text.matchAll(/<style>([^<]+)<\/style>/g)].map(([, css]) => css!);
    expect(others).toEqual([]);
    expect(headers["content-security-policy"]).toContain(`'sha256-${createHash("sha256").update(style!).digest("base64")}'`);
    expect(text.replace(/<style>[^<]+<\/style>/, "")).not.toMatch(/ style=|<style|\son[a-z]+=|javascript:/i);
    expect(text).not.toMatch(/<script(?![^>]* src=)/);
    expect(text).not.toMatch(/(src|href|action)="(https?:)?\/\//);
  });

  it("has no other address: wrong methods and unknown paths are not found", async () => {
    const { ask, invite } = await door();
    const code = await invite();
    for (const [method, target] of [
      ["PUT", "/pair"],
      ["DELETE", `/pair?code=${code}`],
      ["OPTIONS", "/pair"],
      ["GET", "/pair/"],
      ["GET", "/PAIR"],
      ["GET", "/pair/done"],
      ["GET", "/pair/done?result=used"],
      ["GET", "/pair/done?result=paired&result=declined"],
      ["POST", "/pair/done?result=paired"],
      ["GET", "/pair/assets/manifest.json"],
      ["GET", "/pair/assets/..%2fmanifest.json"],
      ["GET", "/pair/assets/%ff"],
    ] as const) {
      expect([method, target, (await ask(method, target, { headers: { Origin: "http://127.0.0.1" } })).status]).toEqual([
        method,
        target,
        method === "POST" || method === "PUT" || method === "DELETE" || method === "OPTIONS" ? 403 : 404,
      ]);
      expect((await ask(method, target)).status).toBe(404);
    }
  });
});

describe("its files", () => {
  it("may be kept for ever, and come compressed to those who can read it", async () => {
    const { ask, invite } = await door();
    const { text } = await ask("GET", `/pair?code=${await invite()}`);
    const script = /src="([^"]+)"/.exec(text)?.[1] ?? "";
    expect(script).toMatch(/^\/pair\/assets\/pair\.[0-9a-f]{12}\.js$/);
    for (const [file, type] of [[script, "text/javascript; charset=utf-8"]] as const) {
      const plain = await ask("GET", file);
      expect(plain).toMatchObject({
        status: 200,
        headers: {
          "content-type": type,
          "cache-control": "public, max-age=31536000, immutable",
          vary: "Accept-Encoding",
          "x-content-type-options": "nosniff",
        },
      });
      const zipped = await ask("GET", file, { headers: { "Accept-Encoding": "gzip, deflate" } });
      const packed = await ask("GET", file, { headers: { "Accept-Encoding": "gzip, deflate, br, zstd" } });
      expect([zipped.headers["content-encoding"], packed.headers["content-encoding"]]).toEqual(["gzip", "br"]);
      expect(gunzipSync(zipped.bytes)).toEqual(plain.bytes);
      expect(brotliDecompressSync(packed.bytes)).toEqual(plain.bytes);
      expect((await ask("GET", file, { headers: { "Accept-Encoding": "br;q=0, gzip;q=0.5" } })).headers["content-encoding"]).toBe("gzip");
      expect((await ask("HEAD", file)).headers["content-length"]).toBe(String(plain.bytes.length));
    }
  });

  it("come with a page of at most 14 KB in all", async () => {
    const { ask, invite } = await door();
    const code = await invite();
    for (const encoding of ["gzip", "br"]) {
      const headers = { "Accept-Encoding": encoding };
      const page = await ask("GET", `/pair?code=${code}`, { headers });
      const text = (encoding === "br" ? brotliDecompressSync : gunzipSync)(page.bytes).toString("utf8");
      const files = [...text.matchAll(/<(?:script|link)[^>]+(?:src|href)="(\/[^"]+)"/g)].map(([, file]) => file ?? "");
      expect(files).toHaveLength(1);
      const sizes = await Promise.all(files.map(async (file) => (await ask("GET", file, { headers })).bytes.length));
      expect(page.bytes.length + sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(14 * 1024);
      expect(sizes[files.findIndex((file) => file.endsWith(".js"))]).toBeLessThan(4.5 * 1024);
    }
  });
});

describe("a link that cannot be used", () => {
  it("is distinguished by status and words, with one next step", async () => {
    const { ask, invite, later, post } = await door();
    const [used, cancelled, expired] = [await invite(), await invite(), await invite()];
    await post({ code: used, action: "accept" });
    await post({ code: cancelled, action: "decline" });
    const shown = async (code: string): Promise<[number, string]> => {
      const { status, text } = await ask("GET", `/pair?code=${code}`);
      expect(text).not.toContain("John Doe");
      expect(text).not.toContain("MacBook");
      expect(text.match(/class="next"/g)).toHaveLength(1);
      return [status, /<h1[^>]*>([^<]*)/.exec(text)?.[1] ?? ""];
    };
    expect(await shown(used)).toEqual([409, "This link was already used"]);
    expect(await shown(cancelled)).toEqual([410, "This invite was cancelled"]);
    expect(await shown("x".repeat(43))).toEqual([404, "This link isn&#39;t recognized"]);
    expect(await shown("x".repeat(3000))).toEqual([404, "This link isn&#39;t recognized"]);
    expect(await shown("")).toEqual([404, "This link isn&#39;t recognized"]);
    later(EXPIRY);
    expect(await shown(expired)).toEqual([410, "This link has expired"]);
  });

  it("is not chosen among two", async () => {
    const { ask, invite } = await door();
    expect((await ask("GET", `/pair?code=${await invite()}&code=${await invite()}`)).status).toBe(404);
  });

  it("says on the used page that the phone may be paired already", async () => {
    const { ask, invite, post } = await door();
    const code = await invite();
    await post({ code, action: "accept" });
    expect((await ask("GET", `/pair?code=${code}`)).text).toContain("If this is the phone you paired, you&#39;re done.");
  });

  it("shows a client that asks too often when to come back", async () => {
    const { ask, invite } = await door({ limitScale: 0.02 });
    const code = await invite();
    await ask("GET", `/pair?code=${code}`);
    await ask("GET", `/pair?code=${code}`);
    const { headers, status, text } = await ask("GET", `/pair?code=${code}`);
    expect(status).toBe(429);
    expect(Number(headers["retry-after"])).toBeGreaterThan(0);
    expect(headers["ratelimit-policy"]).toContain('"other"');
    expect(text).toMatch(/Wait \d+ seconds?, then open the link/);
  });
});

describe("the form", () => {
  it("pairs the phone without JavaScript", async () => {
    const { ask, audit, invite, pairing, post, status } = await door();
    const code = await invite();
    const { text } = await ask("GET", `/pair?code=${code}`, { headers: { "User-Agent": PIXEL } });
    const fields = { code: fieldOf(text, "code"), request_id: fieldOf(text, "request_id"), device_id: fieldOf(text, "device_id") };
    expect(fields.code).toBe(code);
    expect(fields.device_id).toMatch(/^web-[\w-]{32}$/);
    const answer = await post({ ...fields, device_name: "John’s phone", action: "accept" }, { "User-Agent": PIXEL });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/pair/done?result=paired&level=command");
    expect(answer.headers["set-cookie"]).toEqual([
      expect.stringMatching(/^topdog_device_test=token\.[\w-]+; Path=\/phone; .*HttpOnly; SameSite=Strict$/),
      expect.stringMatching(/^topdog_device_test=token\.[\w-]+; Path=\/mqtt; .*HttpOnly; SameSite=Strict$/),
    ]);
    expect(await status(code)).toBe("accepted");
    expect(await pairing.listDevices()).toMatchObject([
      {
        deviceId: fields.device_id,
        deviceName: "John’s phone",
        deviceType: "android",
        osVersion: "14",
        appVersion: "web",
        userId: "user123",
      },
    ]);
    expect(audit().at(-1)).toMatchObject({ event: "accept_invite", ip: "203.0.113.7" });
    const done = await ask("GET", "/pair/done?result=paired&level=command");
    expect(done.status).toBe(200);
    for (const words of [
      "Done! Phone is paired",
      "Give voice commands",
      "Receive build notifications",
      "Approve builds remotely",
      "You can close this page.",
    ]) {
      expect(done.text).toContain(words);
    }
  });

  it("gives the same answer to the same form sent twice, and pairs once", async () => {
    const { invite, pairing, post } = await door();
    const fields = {
      code: await invite(),
      request_id: "r".repeat(32),
      device_id: `web-${"d".repeat(32)}`,
      device_name: "iPhone",
      action: "accept",
    };
    const [first, second] = [await post(fields), await post(fields)];
    expect([first.status, second.status]).toEqual([303, 303]);
    expect(second.headers["set-cookie"]).toEqual(first.headers["set-cookie"]);
    expect(await pairing.listDevices()).toHaveLength(1);
    expect((await post({ ...fields, request_id: "s".repeat(32) })).status).toBe(409);
    expect((await post({ ...fields, device_name: "Another" })).status).toBe(422);
  });

  it("pairs one phone when twenty tap at once", async () => {
    const { invite, pairing, post } = await door();
    const code = await invite();
    const answers = await Promise.all(Array.from({ length: 20 }, () => post({ code, action: "accept" })));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array.from({ length: 19 }, () => 409)]);
    expect(await pairing.listDevices()).toHaveLength(1);
  });

  it("makes up a phone's id where the form's own cannot be one", async () => {
    const { invite, pairing, post } = await door();
    for (const device_id of ["", "iphone-12345", "web-short", `web-${"é".repeat(20)}`])
      await post({ code: await invite(), device_id, action: "accept" });
    for (const { deviceId } of await pairing.listDevices()) expect(deviceId).toMatch(/^web-[\w-]{32}$/);
    expect(await pairing.listDevices()).toHaveLength(4);
  });

  it.each([
    ["<b>x</b>", "<b>x</b>"],
    ["\u202Eevil\u200B", "evil"],
    ["   ", "Phone"],
  ])("keeps the name %j as %j", async (typed, saved) => {
    const { invite, pairing, post } = await door();
    await post({ code: await invite(), device_name: typed, action: "accept" });
    expect((await pairing.listDevices())[0]?.deviceName).toBe(saved);
  });

  it("declines", async () => {
    const { ask, audit, invite, post, status } = await door();
    const code = await invite();
    const answer = await post({ code, action: "decline" });
    expect(answer).toMatchObject({ status: 303, headers: { location: "/pair/done?result=declined" } });
    expect(answer.headers).not.toHaveProperty("set-cookie");
    expect(await status(code)).toBe("cancelled");
    expect(audit().at(-1)?.event).toBe("decline_invite");
    expect((await ask("GET", "/pair/done?result=declined")).text).toContain("This phone wasn&#39;t paired");
  });

  it.each(["accept", "decline"])("answers %s of a link that is over with its own page", async (action) => {
    const { invite, later, pairing, post } = await door();
    const [used, cancelled, expired] = [await invite(), await invite(), await invite()];
    await post({ code: used, action: "accept" });
    await pairing.cancelInvite(cancelled, {});
    const status = async (code: string): Promise<number> => (await post({ code, action })).status;
    expect([await status(used), await status(cancelled), await status("unknown")]).toEqual([409, 410, 404]);
    later(EXPIRY);
    expect(await status(expired)).toBe(410);
  });

  it("is refused from another page, from nowhere, and from a page without a name", async () => {
    const { address, ask, invite, post, status } = await door();
    const code = await invite();
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const body = new URLSearchParams({ code, action: "accept" }).toString();
    const nowhere = await ask("POST", "/pair", { headers, body });
    expect(nowhere.status).toBe(403);
    expect(nowhere.text).toContain("This didn&#39;t come from the pairing page");
    for (const Origin of [
      "https://evil.example",
      "null",
      address.replace("http:", "https:"),
      `${address}.evil.example`,
      address.replace("127.0.0.1", "localhost"),
    ]) {
      expect((await post({ code, action: "accept" }, { Origin })).status).toBe(403);
    }
    expect(await status(code)).toBe("pending");
  });

  it("says so itself where the door lets a foreign page through", async () => {
    const { invite, post, status } = await door({ needs: { isSameOrigin: () => false } });
    const code = await invite();
    const answer = await post({ code, action: "accept" });
    expect(answer.status).toBe(403);
    expect(answer.text).toContain("Another page tried to answer for you.");
    expect(await status(code)).toBe("pending");
  });

  it.each([
    undefined,
    "application/json",
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded; charset=utf-16",
  ])("does not read %s", async (type) => {
    const { address, ask } = await door();
    const answer = await ask("POST", "/pair", {
      headers: { Origin: address, ...(type === undefined ? {} : { "Content-Type": type }) },
      body: "code=x&action=accept",
    });
    expect(answer.status).toBe(415);
    expect(answer.headers["content-type"]).toContain("text/html");
  });

  it("does not unpack what is compressed, and reads at most 16 KiB", async () => {
    const { address, ask, post } = await door();
    expect((await post({ code: "x", action: "accept" }, { "Content-Encoding": "gzip" })).status).toBe(415);
    expect((await post({ code: "x", action: "accept", more: "x".repeat(16 * 1024) })).status).toBe(413);
    const chunked = await ask("POST", "/pair", {
      headers: { Origin: address, "Content-Type": "application/x-www-form-urlencoded", "Transfer-Encoding": "chunked" },
      body: `code=${"x".repeat(17 * 1024)}`,
    });
    expect(chunked.status).toBe(413);
  });

  it.each([
    {},
    { code: "x" },
    { action: "accept" },
    { code: "x", action: "approve" },
    { code: "x".repeat(300), action: "accept" },
    { code: "x\u200b", action: "accept" },
    { code: "x", action: "accept", device_name: "x".repeat(81) },
    { code: "x", action: "accept", request_id: "x".repeat(300) },
  ])("does not understand %j", async (fields) => {
    const { post } = await door();
    expect((await post(fields as Record<string, string>)).status).toBe(400);
  });

  it("does not choose among two values", async () => {
    const { address, ask, invite, status } = await door();
    const code = await invite();
    const answer = await ask("POST", "/pair", {
      headers: { Origin: address, "Content-Type": "application/x-www-form-urlencoded" },
      body: `code=${code}&action=decline&action=accept`,
    });
    expect(answer.status).toBe(400);
    expect(await status(code)).toBe("pending");
  });

  it("counts tries, so that codes cannot be guessed", async () => {
    const { post } = await door({ limitScale: 0.2 });
    const tries = [];
    for (let count = 0; count < 3; count++) tries.push((await post({ code: "guess", action: "accept" })).status);
    expect(tries).toEqual([404, 404, 429]);
  });

  it("says that nothing was changed when the disk is full, and leaves the link good", async () => {
    const { breakStorage, invite, post, status } = await door();
    const code = await invite();
    breakStorage();
    for (const action of ["accept", "decline"]) {
      const answer = await post({ code, action });
      expect(answer.status).toBe(503);
      expect(answer.text).toContain("nothing was changed");
      expect(answer.headers).not.toHaveProperty("set-cookie");
    }
    expect(await status(code)).toBe("pending");
  });

  it("has a page for unexpected errors, and writes the reason only to the log", async () => {
    const { breakStorage, failures, invite, post } = await door();
    const code = await invite();
    breakStorage(new Error("secret detail"));
    const answer = await post({ code, action: "accept" });
    expect(answer.status).toBe(500);
    expect(answer.text).toContain("Something went wrong");
    expect(answer.text).not.toContain("secret detail");
    expect(failures).toHaveLength(1);
  });

  it("hands what nobody expected to Express where there is no log", async () => {
    const { ask } = await door({
      needs: {
        noteFailure: undefined as never,
        count: () => {
          throw new Error("broken");
        },
      },
    });
    expect((await ask("GET", "/pair?code=x")).status).toBe(500);
  });

  it("passes on an error of the limits unchanged", async () => {
    const { ask } = await door({
      needs: {
        count: () => {
          throw new PairingError("rate_limited", { retryAfter: 240 });
        },
      },
    });
    const { headers, text } = await ask("GET", "/pair?code=x");
    expect(headers["retry-after"]).toBe("240");
    expect(text).toContain("Wait 4 minutes");
  });
});

describe("while the computer cannot sign", () => {
  const SENTENCE = "Your computer can&#39;t finish pairing right now. Unlock its keychain, then tap Accept again.";
  const shown = (markup: string): string => markup.replace(/<template.*<\/template>/gs, "");

  it("the page says so when it is opened and when Accept is tapped, and the same link pairs afterwards", async () => {
    const at = await door();
    const code = await at.invite();
    at.lockKeys(true);
    const page = await at.ask("GET", `/pair?code=${code}`);
    expect([page.status, shown(page.text).includes(SENTENCE)]).toEqual([200, true]);
    const fields = { code, action: "accept", device_name: "My phone", request_id: fieldOf(page.text, "request_id") };
    const refused = await at.post(fields);
    expect([refused.status, shown(refused.text).includes(SENTENCE)]).toEqual([503, true]);
    expect(shown(refused.text)).toMatch(/<button class="accept" name="action" value="accept">Accept<\/button>/);
    expect(fieldOf(refused.text, "device_name")).toBe("My phone");
    expect(refused.text).not.toMatch(/signing key|secret store|keyring/i);
    expect(await at.status(code)).toBe("pending");
    at.lockKeys(false);
    expect((await at.ask("GET", `/pair?code=${code}`)).text).not.toContain(SENTENCE);
    expect((await at.post(fields)).status).toBe(303);
  });

  it("a one-time password that was typed is not asked for again", async () => {
    const at = await door({ otpRequired: true });
    const { token, otp = "" } = await at.openQr();
    at.lockKeys(true);
    const refused = await at.post({ token, action: "accept", otp_code: otp });
    expect([refused.status, fieldOf(refused.text, "otp_code")]).toEqual([503, otp]);
  });
});

describe("in the phone's own language", () => {
  it.each([
    [{ "Accept-Language": "de-DE,de;q=0.9,en;q=0.8" }, "de", "Mit Top Dog koppeln?"],
    [{ "Accept-Language": "nl, en;q=0.5" }, "en", "Pair with Top Dog?"],
    [{ "Accept-Language": "nl" }, "en", "Pair with Top Dog?"],
    [{}, "en", "Pair with Top Dog?"],
    [{ "Accept-Language": "en", Cookie: "other=1; topdog_language=de" }, "de", "Mit Top Dog koppeln?"],
    [{ "Accept-Language": "de", Cookie: "topdog_language=xx" }, "de", "Mit Top Dog koppeln?"],
  ])("a request with %j is answered in %s", async (headers, language, heading) => {
    const { ask, invite } = await door();
    const { text, headers: answered } = await ask("GET", `/pair?code=${await invite()}`, { headers });
    expect(text).toContain(`<html lang="${language}" dir="ltr">`);
    expect(text).toContain(`tabindex="-1">${heading}</h1>`);
    expect(answered["vary"]).toContain("Accept-Language");
    const inbox = await ask("GET", "/inbox", { headers });
    expect(inbox.text).toContain(`<html lang="${language}" dir="ltr">`);
    const worker = await ask("GET", "/inbox/worker.js", { headers });
    expect(worker.text.includes("Build fehlgeschlagen")).toBe(language === "de");
    // Scripts and icons are found in whichever language a page is.
    for (const [, file = ""] of `${text}${inbox.text}`.matchAll(/(?:src|href)="(\/(?:pair|inbox)\/assets\/[^"]+)"/g))
      expect([file, (await ask("GET", file, { headers })).status]).toEqual([file, 200]);
  });
});

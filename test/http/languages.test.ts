import { describe, expect, it } from "vitest";
import { LANGUAGE_TAGS } from "../../src/words/languages.ts";
import { phoneBody, startServer, type TestServer } from "./server.ts";

const GERMAN = "Smartphone mit Top Dog koppeln:";
const ENGLISH = "Click to pair your phone with Top Dog:";

async function send(server: TestServer, over: object): Promise<{ readonly code: string; readonly message: string }> {
  const body = { phone_number: "+14155552671", user_id: "user123", user_name: "John Doe", ...over };
  const answer = await server.local("POST", "/phone/pairing/send-sms", { body });
  expect(answer.status).toBe(200);
  return { code: answer.body.invite_code, message: answer.body.message };
}

describe("a text message", () => {
  it.each([
    ["in the language of the request", "", { language: "de" }, GERMAN],
    ["in a region's", "", { language: "de-AT" }, GERMAN],
    ["in English, where the product does not have the request's", "de", { language: "tlh" }, ENGLISH],
    ["in the server's, where the request names none", "de", {}, GERMAN],
    ["in English, where nobody names one", "", {}, ENGLISH],
  ])("comes %s", async (_, ofServer, over, words) => {
    const server = await startServer({ PAIRING_LANGUAGE: ofServer, PAIRING_RATE_LIMIT_SCALE: "1000" });
    const { code, message } = await send(server, over);
    expect(server.printed.join("\n")).toContain(words);
    // The frame of the mock message and the answer are for programs.
    expect(server.printed.join("\n")).toContain("MOCK SMS (Development Mode)");
    expect(message).toBe("SMS sent! Link expires in 15 minutes.");
    server.printed.length = 0;
    expect((await server.local("POST", `/phone/pairing/resend-sms/${code}`)).status).toBe(200);
    expect(server.printed.join("\n")).toContain(words === GERMAN ? "Kopplungslink (erneut)" : "Pairing Link (Resent)");
  });

  it("is not sent for what is no language tag", async () => {
    const server = await startServer();
    const body = { phone_number: "+14155552671", user_id: "user123", language: "x".repeat(100) };
    expect((await server.local("POST", "/phone/pairing/send-sms", { body })).body.code).toBe("invalid_request");
  });
});

describe("an error", () => {
  const unknown = async (server: TestServer, headers: Record<string, string>): Promise<string> =>
    (await server.phone("GET", "/phone/pairing/invite/unknown", { headers })).body.detail;

  it("is English for programs, and in the language of our own pages for them", async () => {
    const server = await startServer({ PAIRING_LANGUAGE: "de" });
    const english = await unknown(server, {});
    expect(english).toBe("This link isn't valid. Check that it's complete, or ask for a new one in Top Dog.");
    expect(await unknown(server, { "Accept-Language": "de" })).toBe(english);
    expect(await unknown(server, { "x-language": "tlh" })).toBe(english);
    const own = await Promise.all(LANGUAGE_TAGS.map(async (tag) => unknown(server, { "x-language": tag })));
    expect(new Set(own).size).toBe(LANGUAGE_TAGS.length);
    expect(own[0]).toBe(english);
  });
});

describe("a phone", () => {
  const me = async (server: TestServer, token: string): Promise<string | undefined> =>
    (await server.phone("GET", "/phone/me", { headers: { authorization: `Bearer ${token}` } })).body.language;

  it("is known with the language that it asked in, also after a restart, and with the one that it chooses", async () => {
    const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "1000" });
    const accept = async (device: string, headers: Record<string, string>, over: object = {}): Promise<string> => {
      const body = { ...phoneBody(await server.invite(), device), ...over };
      return (await server.phone("POST", "/phone/pairing/accept-invite", { headers, body })).body.jwt_token;
    };
    expect(await me(server, await accept("one", { "Accept-Language": "de-DE,de;q=0.9" }))).toBe("de");
    expect(await me(server, await accept("two", {}, { language: "de-CH" }))).toBe("de");
    expect(await me(server, await accept("three", { "Accept-Language": "tlh" }))).toBeUndefined();

    const token = await accept("four", { "Accept-Language": "en" });
    const change = await server.phone("PATCH", "/phone/me", {
      headers: { authorization: `Bearer ${token}` },
      body: { language: "de" },
    });
    expect(change.status).toBe(200);
    expect(change.headers["set-cookie"]).toEqual([expect.stringMatching(/^topdog_language=de; Path=\/; .*HttpOnly; SameSite=Lax/)]);
    await server.close();
    const again = await startServer({ PAIRING_STORAGE_PATH: server.folder });
    expect(await me(again, token)).toBe("de");
  });

  it("gets its pages in the language of its cookie", async () => {
    const server = await startServer();
    const page = await server.phone("GET", "/inbox", { headers: { "Accept-Language": "en", Cookie: "topdog_language=de" } });
    expect(page.text).toContain('<html lang="de"');
  });
});

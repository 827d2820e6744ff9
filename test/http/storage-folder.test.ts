import { chmodSync, mkdtempSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { files } from "../../src/adapters/stores/file/storage-file.ts";
import { startServer, type TestServer } from "./server.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const mode = (folder: string): number => statSync(folder).mode & 0o777;
const freshFolder = (): string => mkdtempSync(path.join(tmpdir(), "topdog-http-folder-"));

/** Nothing is set outside, so that everything can be saved. */
const start = async (folder: string): Promise<TestServer> =>
  startServer({
    PAIRING_STORAGE_PATH: folder,
    SMS_PROVIDER: "",
    TWILIO_AUTH_TOKEN: "",
    TWILIO_API_KEY_SECRET: "",
    ADMIN_TOKEN: "",
    NGROK_AUTHTOKEN: "",
  });

/** Everything that the settings page can save in its own file, and every secret. */
async function saveEverything(server: TestServer): Promise<void> {
  const saved = [
    await server.local("PATCH", "/admin/sms", {
      body: {
        provider: "mock",
        twilio_account_sid: `AC${"0".repeat(32)}`,
        twilio_auth_token: "0123456789abcdef0123456789abcdef",
        twilio_api_key_sid: `SK${"0".repeat(32)}`,
        twilio_api_key_secret: "0123456789abcdef0123456789abcdef",
        sns_access_key_id: "AKIAIOSFODNN7EXAMPLE",
        sns_secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
      },
    }),
    await server.local("PATCH", "/admin/reachability", {
      body: { base_url: "https://pair.example.com", runner: "ngrok", ngrok_authtoken: "an-authtoken-that-nobody-guesses" },
    }),
    await server.local("POST", "/admin/admin-token", { body: { admin_token: "a-token-that-nobody-guesses-1" } }),
    await server.local("PATCH", "/admin/settings", { body: { values: { PAIRING_SESSION_RETENTION_DAYS: "30" } } }),
    await server.local("PATCH", "/admin/welcome", { body: { shown: true } }),
  ];
  expect(saved.map(({ status, text }) => [status, status === 200 ? "" : text])).toEqual(saved.map(() => [200, ""]));
  const token = await server.pair();
  expect((await server.phone("GET", "/phone/push", { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
}

it("a folder that others can look into is closed to them at every start, whatever was saved in it since", async () => {
  const folder = freshFolder();
  chmodSync(folder, 0o755);
  const first = await start(folder);
  expect(mode(folder)).toBe(0o700);
  await saveEverything(first);
  await first.close();
  for (const name of [
    "server.json",
    "page.json",
    "settings.json",
    "sms_settings.json",
    "reachability_settings.json",
    "twilio_auth_token.secret",
    "twilio_api_key.secret",
    "aws_access_key.secret",
    "push_key.secret",
    "admin_token.secret",
    "ngrok_authtoken.secret",
  ])
    expect(readdirSync(folder)).toContain(name);
  chmodSync(folder, 0o755);
  await (await start(folder)).close();
  expect(mode(folder)).toBe(0o700);

  writeFileSync(path.join(folder, "thesis.txt"), "somebody else's");
  chmodSync(folder, 0o755);
  await (await start(folder)).close();
  expect(mode(folder)).toBe(0o755);
});

it("every file is renamed a little later when another program had it open for a moment", async () => {
  const real = files.rename as (...input: unknown[]) => Promise<void>;
  const refused = new Set<string>();
  vi.spyOn(files, "rename").mockImplementation((async (from: unknown, to: unknown) => {
    const name = path.basename(String(to));
    if (refused.has(name)) return real(from, to);
    refused.add(name);
    throw Object.assign(new Error("in use"), { code: "EPERM" });
  }) as never);
  const server = await start(freshFolder());
  await saveEverything(server);
  const written = readdirSync(server.folder).filter((name) => /\.(secret|pem|json)$/.test(name));
  expect(written.length).toBeGreaterThan(12);
  expect(written.filter((name) => !refused.has(name))).toEqual([]);
});

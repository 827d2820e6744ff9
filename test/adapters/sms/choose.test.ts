import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { createMemorySecrets } from "../../../src/adapters/secrets/memory.ts";
import { openSms, type SmsAdapter } from "../../../src/adapters/sms/open-sms.ts";
import { savedSmsFile } from "../../../src/adapters/sms/saved-settings.ts";
import type { SecretStore, SmsField, SmsProviderSetup, SmsSettings, SmsSettingsChange } from "../../../src/core/index.ts";
import { readSettings } from "../../../src/settings/read-settings.ts";
import { message, rejectionOf } from "../../contracts/rejection.ts";

const SID = `AC${"0".repeat(32)}`;
const TWILIO = { TWILIO_ACCOUNT_SID: SID, TWILIO_AUTH_TOKEN: "canary-token", TWILIO_PHONE_NUMBER: "+15005550006" };
const KEY = { TWILIO_API_KEY_SID: `SK${"1".repeat(32)}`, TWILIO_API_KEY_SECRET: "canary-key" };
const AWS = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "AKIDEXAMPLE00000", AWS_SECRET_ACCESS_KEY: "canary-aws" };
const MOCK = "⚠ No SMS provider configured: MOCK mode";
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

const providerIn = ({ providers }: SmsSettings, id: string): SmsProviderSetup => providers.find((one) => one.id === id)!;
const fieldIn = ({ providers }: SmsSettings, name: string): SmsField =>
  providers.flatMap(({ fields }) => fields).find((field) => field.name === name)!;

const freshFolder = (): string => mkdtempSync(path.join(tmpdir(), "topdog sms "));

interface Opened {
  readonly adapter: SmsAdapter;
  readonly folder: string;
  readonly printed: string[];
}

/** Opens it as a host does, with its own environment and home folder. */
async function open(
  env: Record<string, string>,
  { folder = freshFolder(), askBeforeAws = false, secrets = createMemorySecrets() } = {},
): Promise<Opened> {
  const printed: string[] = [];
  const { sms } = readSettings({ HOME: folder, ...env }, { storageFolder: folder });
  const print = (block: string): void => void printed.push(block);
  return {
    adapter: await openSms({ environment: sms, askBeforeAws, file: savedSmsFile(folder), secrets, print, log: SILENT }),
    folder,
    printed,
  };
}

function homeWith(files: Readonly<Record<string, string>>): Record<string, string> {
  const home = freshFolder();
  const names = { credentials: "AWS_SHARED_CREDENTIALS_FILE", config: "AWS_CONFIG_FILE" } as const;
  const env: Record<string, string> = {};
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(home, name);
    writeFileSync(file, text);
    env[names[name as keyof typeof names]] = file;
  }
  return env;
}

const PROFILE = {
  credentials: "[default]\naws_access_key_id = AKID\naws_secret_access_key = canary\n",
  config: "[default]\nregion = us-east-1\n",
};

describe("who sends", () => {
  it.each([
    ["nothing is set", {}, "mock", [MOCK]],
    ["Twilio is complete", TWILIO, "twilio", ["✓ Twilio SMS provider configured"]],
    [
      "Twilio has an API key and a service",
      { TWILIO_ACCOUNT_SID: SID, ...KEY, TWILIO_MESSAGING_SERVICE_SID: `MG${"2".repeat(32)}` },
      "twilio",
      ["✓ Twilio SMS provider configured"],
    ],
    ["AWS is configured", AWS, "sns", ["✓ AWS SNS provider configured"]],
    ["both are", { ...TWILIO, ...AWS }, "twilio", ["✓ Twilio SMS provider configured"]],
    ["both are, and SNS is named", { ...TWILIO, ...AWS, SMS_PROVIDER: "sns" }, "sns", ["✓ AWS SNS provider configured"]],
    ["all is set, and mock is named", { ...TWILIO, ...AWS, SMS_PROVIDER: "mock" }, "mock", [MOCK]],
    ["AWS has no region", { ...AWS, AWS_REGION: "" }, "mock", [MOCK]],
    ["a region and no keys", { AWS_REGION: "eu-west-1" }, "mock", [MOCK]],
    [
      "the machine's own role may be asked for",
      { AWS_REGION: "eu-west-1", PAIRING_SNS_INSTANCE_ROLE: "1" },
      "sns",
      ["✓ AWS SNS provider configured"],
    ],
    [
      "a role for web identities",
      { AWS_REGION: "eu-west-1", AWS_WEB_IDENTITY_TOKEN_FILE: "/t", AWS_ROLE_ARN: "arn:aws:iam::1:role/r" },
      "sns",
      ["✓ AWS SNS provider configured"],
    ],
  ])("when %s", async (_when, env, provider, lines) => {
    const { adapter } = await open(env);
    expect([adapter.sender.name, adapter.lines]).toEqual([provider, lines]);
  });

  it.each([
    ["keys in a profile", PROFILE, {}, "sns"],
    [
      "another profile, by single sign-on",
      { config: "[default]\nregion = a\n[profile work]\nsso_session = s\nregion=us-west-2\n" },
      { AWS_PROFILE: "work" },
      "sns",
    ],
    [
      "indented keys",
      {
        credentials: "[default]\n  aws_access_key_id = AKID\n  aws_secret_access_key = canary\n",
        config: "[default]\n  region = us-east-1\n",
      },
      {},
      "sns",
    ],
    [
      "a login session",
      { config: "[profile work]\nlogin_session = arn:aws:iam::1:user/jane\nregion = us-west-2\n" },
      { AWS_PROFILE: "work" },
      "sns",
    ],
    ["single sign-on of old", { config: "[default]\nsso_start_url = https://x.awsapps.com/start\nregion = a\n" }, {}, "sns"],
    ["a process", { config: "[default]\ncredential_process = /bin/true\nregion = a\n" }, {}, "sns"],
    ["a role by way of another profile", { config: "[default]\nrole_arn = r\nsource_profile = base\nregion = a\n" }, {}, "sns"],
    ["half a key", { credentials: "[default]\naws_access_key_id = AKID\n", config: "[default]\nregion = a\n" }, {}, "mock"],
    ["a profile that is not there", PROFILE, { AWS_PROFILE: "ghost" }, "mock"],
    ["a profile without a region", { credentials: PROFILE.credentials, config: "[default]\n" }, {}, "mock"],
    ["damaged files", { credentials: "\0\0[[[", config: "=\n[" }, {}, "mock"],
  ])("by AWS's files: %s", async (_what, files, env, provider) => {
    const { adapter } = await open({ ...homeWith(files), ...env });
    expect(adapter.sender.name).toBe(provider);
  });

  it.each([
    ["the sender", { TWILIO_ACCOUNT_SID: SID, TWILIO_AUTH_TOKEN: "t" }, ["TWILIO_PHONE_NUMBER", "TWILIO_MESSAGING_SERVICE_SID"]],
    ["the token", { TWILIO_ACCOUNT_SID: SID, TWILIO_PHONE_NUMBER: "+15005550006" }, ["TWILIO_AUTH_TOKEN", "TWILIO_API_KEY_SID"]],
    ["the key's secret", { ...TWILIO, TWILIO_API_KEY_SID: KEY.TWILIO_API_KEY_SID }, ["TWILIO_API_KEY_SECRET"]],
    ["the account", { TWILIO_AUTH_TOKEN: "t", TWILIO_PHONE_NUMBER: "+15005550006" }, ["TWILIO_ACCOUNT_SID"]],
  ])("a half-set Twilio is named, and by name it does not start: without %s", async (_what, env, names) => {
    const { adapter } = await open(env);
    expect(adapter.lines).toEqual([expect.stringMatching(/^⚠ Twilio is not complete, so it is not used\. Missing: /), MOCK]);
    for (const name of names) expect(adapter.lines[0]).toContain(name);
    const refused = open({ ...env, SMS_PROVIDER: "twilio" });
    await expect(refused).rejects.toThrow(/^SMS_PROVIDER=twilio, but Twilio is not complete\. Missing: .*SMS_PROVIDER=mock/);
    for (const name of names) await expect(refused).rejects.toThrow(name);
  });

  it("does not start with SMS_PROVIDER=sns and nothing to sign with", async () => {
    await expect(open({ SMS_PROVIDER: "sns" })).rejects.toThrow(/AWS_REGION.*aws configure/);
  });

  it.each([
    ["region = eu-west-1 # Ireland", "eu-west-1"],
    ["region = eu-west-1 ; Ireland", "eu-west-1"],
    ["region=eu-west-1\r", "eu-west-1"],
    ["\tregion\t=\teu-west-1\t", "eu-west-1"],
  ])("reads %j as the SDK does", async (line, region) => {
    const { adapter } = await open(homeWith({ ...PROFILE, config: `[default]\n${line}\n` }));
    expect(fieldIn(adapter.setup.read(), "sns_region").value).toBe(region);
  });

  it("takes the profile that is named, as the SDK does, whatever keys are beside it", async () => {
    const files = homeWith({ credentials: "[work]\naws_access_key_id = AKID\naws_secret_access_key = canary\n", config: "" });
    const { adapter } = await open({ ...AWS, ...files, AWS_PROFILE: "work" }, { askBeforeAws: true });
    expect(providerIn(adapter.setup.read(), "sns")).toMatchObject({ found: 'the AWS profile "work"' });
    expect(fieldIn(adapter.setup.read(), "sns_access_key_id")).toMatchObject({ value: "", locked: false });
    const { adapter: without } = await open({ ...AWS, ...files, AWS_PROFILE: "play" });
    expect([without.sender.name, providerIn(without.setup.read(), "sns").missing.join()]).toEqual([
      "mock",
      expect.stringContaining("aws configure"),
    ]);
  });

  it("asks once before it uses the AWS credentials of a person's own computer", async () => {
    const env = homeWith(PROFILE);
    const folder = freshFolder();
    const { adapter } = await open(env, { folder, askBeforeAws: true });
    expect(adapter.sender.name).toBe("mock");
    expect(providerIn(adapter.setup.read(), "sns")).toMatchObject({ found: 'the AWS profile "default"', agreed: false });
    expect(providerIn(adapter.setup.read(), "sns").missing.join()).toContain(
      'agreement that text messages are paid for with the AWS profile "default"',
    );
    await adapter.setup.save({ fields: {}, agreed: { sns: true } });
    expect(adapter.sender.name).toBe("sns");
    expect((await open(env, { folder, askBeforeAws: true })).adapter.sender.name, "asked again").toBe("sns");
    // Keys in the environment count as found as well; naming SNS counts as agreement.
    expect((await open(AWS, { askBeforeAws: true })).adapter.sender.name).toBe("mock");
    expect((await open({ ...AWS, SMS_PROVIDER: "sns" }, { askBeforeAws: true })).adapter.sender.name).toBe("sns");
  });
});

describe("the settings page's choice", () => {
  const FIELDS = { twilio_account_sid: SID, twilio_auth_token: "canary-token", twilio_phone_number: "+15005550006" };
  const change = (fields: Record<string, string>, provider?: string): SmsSettingsChange => ({ provider, fields, agreed: {} });

  it("is used at once, kept over a restart, and shows no secret", async () => {
    const folder = freshFolder();
    const secrets = createMemorySecrets();
    const { adapter } = await open({}, { folder, secrets });
    const saved = await adapter.setup.save(change(FIELDS, "twilio"));
    expect(adapter.sender.name).toBe("twilio");
    expect(saved).toMatchObject({
      provider: { value: "twilio", locked: false },
      active: "twilio",
    });
    expect(providerIn(saved, "twilio").missing).toEqual([]);
    expect(fieldIn(saved, "twilio_account_sid")).toMatchObject({ value: SID, locked: false });
    expect(fieldIn(saved, "twilio_auth_token")).toMatchObject({ value: "", set: true, locked: false });
    const again = await open({}, { folder, secrets });
    expect([again.adapter.sender.name, again.adapter.lines]).toEqual(["twilio", ["✓ Twilio SMS provider configured"]]);
    expect(JSON.stringify([saved, again.adapter.setup.read()])).not.toContain("canary");
    expect(readdirSync(folder)).toEqual(["sms_settings.json"]);
    const file = path.join(folder, "sms_settings.json");
    expect(readFileSync(file, "utf8")).not.toContain("canary");
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it("keeps what is left out, and takes away what is emptied", async () => {
    const { adapter } = await open({});
    await adapter.setup.save(change(FIELDS));
    await adapter.setup.save(change({ twilio_phone_number: "+15005550007" }));
    const read = adapter.setup.read();
    expect(["twilio_account_sid", "twilio_phone_number"].map((name) => fieldIn(read, name).value)).toEqual([SID, "+15005550007"]);
    expect(providerIn(read, "twilio").missing).toEqual([]);
    const emptied = await adapter.setup.save(change({ twilio_auth_token: "" }));
    expect(fieldIn(emptied, "twilio_auth_token")).toMatchObject({ set: false, locked: false });
    expect(adapter.sender.name).toBe("mock");
  });

  it("cannot be a provider that misses something", async () => {
    const { adapter, folder } = await open({});
    const rejection = await rejectionOf(adapter.setup.save(change({ twilio_account_sid: SID }, "twilio")));
    expect([rejection.code, rejection.message]).toEqual(["sms_settings_incomplete", expect.stringContaining("TWILIO_AUTH_TOKEN")]);
    expect(fieldIn(adapter.setup.read(), "twilio_account_sid").value).toBe("");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("gives way to the environment, field by field, and says so", async () => {
    const folder = freshFolder();
    const secrets = createMemorySecrets();
    await (await open({}, { folder, secrets })).adapter.setup.save(change(FIELDS, "twilio"));
    const { adapter } = await open({ TWILIO_PHONE_NUMBER: "+15005550009", SMS_PROVIDER: "mock" }, { folder, secrets });
    expect(adapter.sender.name).toBe("mock");
    const read = adapter.setup.read();
    expect(read.provider).toEqual({ value: "mock", locked: true });
    expect(fieldIn(read, "twilio_phone_number")).toMatchObject({ value: "+15005550009", locked: true });
    expect(fieldIn(read, "twilio_account_sid")).toMatchObject({ value: SID, locked: false });
    for (const locked of [change({}, "auto"), change({ twilio_phone_number: "+15005550001" })]) {
      expect((await rejectionOf(adapter.setup.save(locked))).code).toBe("setting_locked");
    }
    await adapter.setup.save(change({ twilio_account_sid: `AC${"9".repeat(32)}` }));
    expect(fieldIn(adapter.setup.read(), "twilio_account_sid").value).toBe(`AC${"9".repeat(32)}`);
  });

  it("sends nothing instead of printing when its secret is gone, and says what is missing", async () => {
    const folder = freshFolder();
    const secrets = createMemorySecrets();
    await (await open({}, { folder, secrets })).adapter.setup.save(change(FIELDS, "twilio"));
    await secrets.remove("twilio-auth-token");
    const { adapter, printed } = await open({}, { folder, secrets });
    await adapter.warmUp();
    expect(adapter.lines).toEqual([expect.stringMatching(/^⚠ Twilio is chosen but not complete: .*TWILIO_AUTH_TOKEN/)]);
    const rejection = await rejectionOf(adapter.sender.send(message()));
    expect([rejection.code, rejection.details?.reason]).toEqual(["sms_send_failed", "not_set_up"]);
    expect(printed).toEqual([]);
    expect(adapter.setup.read().problem).toContain("TWILIO_AUTH_TOKEN");
    expect(await adapter.setup.tryConnection()).toMatchObject({ ok: false, sentence: expect.stringContaining("TWILIO_AUTH_TOKEN") });
  });

  it("changes nothing when the secret cannot be kept", async () => {
    const broken: SecretStore = { ...createMemorySecrets(), set: async () => Promise.reject(new Error("locked")) };
    const { adapter, folder } = await open({}, { secrets: broken });
    expect((await rejectionOf(adapter.setup.save(change(FIELDS, "twilio")))).code).toBe("secrets_unavailable");
    expect(adapter.sender.name).toBe("mock");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("stops the start over a damaged file, names it, and leaves it as it is", async () => {
    const folder = freshFolder();
    const file = path.join(folder, "sms_settings.json");
    for (const damage of ["{", '{"secrets":"all"}', '{"provider":7,"secrets":[]}']) {
      writeFileSync(file, damage);
      await expect(open({}, { folder })).rejects.toThrow(`${file} is damaged. Move it away`);
      expect(readFileSync(file, "utf8")).toBe(damage);
    }
  });

  it("is kept where another version made it: a provider that this one does not know sends nothing, and is not replaced", async () => {
    const folder = freshFolder();
    const file = path.join(folder, "sms_settings.json");
    const other = { provider: "pigeon", pigeon_loft: "7", secrets: ["pigeon-key"] };
    writeFileSync(file, JSON.stringify(other));
    const { adapter, printed } = await open({}, { folder });
    expect(adapter.lines).toEqual([expect.stringMatching(/^⚠ pigeon is chosen but not complete/)]);
    expect((await rejectionOf(adapter.sender.send(message()))).details?.reason).toBe("not_set_up");
    expect(printed).toEqual([]);
    await adapter.setup.save(change({ sns_sender_id: "TopDog" }));
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ ...other, sender_id: "TopDog" });
    await adapter.setup.save(change({}, "mock"));
    expect(adapter.sender.name).toBe("mock");
  });

  it("is checked field by field, and names each that is wrong", async () => {
    const { adapter, folder } = await open({});
    const rejection = await rejectionOf(
      adapter.setup.save(change({ twilio_account_sid: "SK1", sns_wings: "2", __proto__: "x" }, "pigeon")),
    );
    expect([rejection.code, rejection.fields?.map(({ field }) => field)]).toEqual([
      "invalid_request",
      ["provider", "twilio_account_sid", "sns_wings"],
    ]);
    expect(readdirSync(folder)).toEqual([]);
  });
});

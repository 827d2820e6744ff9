import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readSettings } from "../../src/settings/read-settings.ts";
import { unknownVariables } from "../../src/settings/unknown-variables.ts";

const read = (env: Record<string, string>) => readSettings(env, { storageFolder: "/tmp/default place" });

describe("settings", () => {
  it("have the guide's defaults", () => {
    expect(read({})).toMatchObject({
      localHost: "127.0.0.1",
      localPort: 8000,
      phonePort: 8001,
      inviteMinutes: 15,
      tokenDays: 30,
      adminRequired: false,
      smsPerNumberPerDay: 10,
      smsPerDay: 100,
      trustProxy: ["loopback"],
      localTrustProxy: [],
      storageFolder: "/tmp/default place",
    });
  });

  it.each([
    ["1", true],
    ["true", true],
    ["YES", true],
    ["on", true],
    ["0", false],
    ["False", false],
    ["no", false],
    ["off", false],
    ["", false],
  ])("read %j as a switch", (text, on) => {
    expect(read({ PHONE_DEVICES_REQUIRE_ADMIN: text, ADMIN_TOKEN: "t" }).adminRequired).toBe(on);
  });

  it.each([
    ["PAIRING_ALLOWED_COUNTRIES", "US,UK", "UK is not a country code: use GB"],
    ["PAIRING_ALLOWED_COUNTRIES", "el", "EL is not a country code: use GR"],
    ["PAIRING_ALLOWED_COUNTRIES", "ZZ", "ZZ is not a country code; the nearest are ZA, ZM, ZW"],
    ["PAIRING_COUNTRY", "uk", "UK is not a country code: use GB"],
  ])("refuse %s=%s in one line that names the right code", (name, text, sentence) => {
    expect(() => read({ [name]: text })).toThrow(`${name}: ${sentence} (it is ${JSON.stringify(text)})`);
  });

  it("take a country from the language only where it is one", () => {
    expect(read({ LC_ALL: "en_GB.UTF-8" }).country).toBe("GB");
    expect(read({ LC_ALL: "en_UK.UTF-8" }).country).toBe("US");
  });

  it("name every fault at once, and no secret", () => {
    const wrong = {
      PHONE_DEVICES_REQUIRE_ADMIN: "maybe",
      PAIRING_PORT: "99999",
      PAIRING_INVITE_EXPIRY_MINUTES: "NaN",
      PAIRING_BASE_URL: "ftp://x",
      SMS_PROVIDER: "pigeon",
      PAIRING_JWT_PRIVATE_KEY: "hush",
      PAIRING_JWT_PRIVATE_KEY_FILE: "/nowhere",
      PAIRING_COUNTRY: "USA",
      PAIRING_TOKEN_EXPIRY_DAYS: "0",
    };
    const fault = (): unknown => read(wrong);
    for (const name of Object.keys(wrong).filter((name) => !name.endsWith("_FILE"))) expect(fault).toThrow(name);
    expect(fault).not.toThrow(/hush/);
  });

  it.each(["https://pair.mycompany.com/path", "https://user:pw@x.com", "https://x.com?y", "pair.mycompany.com", "javascript:alert(1)"])(
    "refuse %j as public address",
    (address) => {
      expect(() => read({ PAIRING_BASE_URL: address })).toThrow(/PAIRING_BASE_URL: must be a web address/);
    },
  );

  it("know a broker by its name alone, or by the address and the user that manages it", () => {
    const broker = (env: Record<string, string>) => readSettings(env, { storageFolder: "/tmp" }).mqttBroker;
    const user = { PAIRING_MQTT_USERNAME: "topdog", PAIRING_MQTT_PASSWORD: "secret" };
    expect(broker({})).toBeUndefined();
    expect(broker({ PAIRING_MQTT_BROKER: "mqtt.example.com", ...user })).toEqual({ host: "mqtt.example.com" });
    expect(broker({ PAIRING_MQTT_BROKER: "mqtts://broker.internal:8883", ...user })).toEqual({
      host: "broker.internal",
      phoneUrl: "mqtts://broker.internal:8883",
      link: { url: "mqtts://broker.internal:8883", username: "topdog", password: "secret" },
    });
    const open = { PAIRING_MQTT_BROKER: "mqtt://broker.internal", PAIRING_MQTT_PUBLIC_URL: "wss://mqtt.example.com/mqtt", ...user };
    expect(broker(open)).toMatchObject({
      host: "mqtt.example.com",
      phoneUrl: "wss://mqtt.example.com/mqtt",
      link: { url: "mqtt://broker.internal" },
    });
    for (const address of ["mqtt://me:secret@broker", "https://broker", "mqtt://"])
      expect(() => broker({ PAIRING_MQTT_BROKER: address, ...user })).toThrow("PAIRING_MQTT_BROKER: must be a host name, or an address");
    expect(() => broker({ PAIRING_MQTT_BROKER: "wss://broker" })).toThrow("PAIRING_MQTT_USERNAME and PAIRING_MQTT_PASSWORD");
  });

  it("keep the public address without its slash", () => {
    expect(read({ PAIRING_BASE_URL: "https://Pair.MyCompany.com/" }).baseUrl).toBe("https://pair.mycompany.com");
  });

  it("read secrets from files, and refuse both spellings at once", () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), "topdog-settings-")), "token");
    writeFileSync(file, "from the file\n");
    expect(read({ ADMIN_TOKEN_FILE: file }).adminToken).toBe("from the file");
    expect(() => read({ ADMIN_TOKEN_FILE: file, ADMIN_TOKEN: "x" })).toThrow(/ADMIN_TOKEN and ADMIN_TOKEN_FILE are both set/);
    expect(() => read({ ADMIN_TOKEN_FILE: "/no/such/file" })).toThrow(/ADMIN_TOKEN_FILE: the file "\/no\/such\/file" cannot be read/);
  });

  it.each(["0.0.0.0", "::", "192.168.1.10", "example.com"])("refuse a local door on %s without the gate", (host) => {
    expect(() => read({ PAIRING_HOST: host })).toThrow(/opens the local door to the network/);
    expect(() => read({ PAIRING_HOST: host, ADMIN_TOKEN: "t" })).toThrow(/opens the local door to the network/);
    expect(read({ PAIRING_HOST: host, ADMIN_TOKEN: "t", PHONE_DEVICES_REQUIRE_ADMIN: "1" }).localHost).toBe(host);
  });

  const fileWith = (content: string | Uint8Array): string => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), "topdog-settings-")), "secret");
    writeFileSync(file, content);
    return file;
  };
  const utf16 = (text: string, order: "le" | "be"): Uint8Array => {
    const bytes = Buffer.from(`\ufeff${text}`, "utf16le");
    return order === "le" ? bytes : bytes.swap16();
  };

  it.each([
    ["with a byte order mark", "\ufeffthe admin token"],
    ["with two newlines", "the admin token\n\n"],
    ["with trailing blanks", "the admin token  \t\n"],
    ["written on Windows", "the admin token\r\n"],
    ["in UTF-16, little end first", utf16("the admin token\r\n", "le")],
    ["in UTF-16, big end first", utf16("the admin token", "be")],
  ])("read a secret from a file %s as it was meant", (_, content) => {
    expect(read({ ADMIN_TOKEN_FILE: fileWith(content) }).adminToken).toBe("the admin token");
  });

  it.each([
    ["is empty", ""],
    ["is empty", " \n"],
    ["cannot be read (it is no text in UTF-8 or UTF-16)", Buffer.from("token", "utf16le")],
    ["cannot be read (it is no text in UTF-8 or UTF-16)", Uint8Array.of(0xc3, 0x28)],
  ])("refuse a secret's file that %s, in one line", (reason, content) => {
    const file = fileWith(content);
    expect(() => read({ ADMIN_TOKEN_FILE: file })).toThrow(`ADMIN_TOKEN_FILE: the file ${JSON.stringify(file)} ${reason}`);
  });

  it("refuse an admin token that no header can carry, and read one written with blanks around it without them", () => {
    expect(() => read({ ADMIN_TOKEN_FILE: fileWith("two\nlines") })).toThrow(/^ADMIN_TOKEN: must be one line/);
    expect(read({ ADMIN_TOKEN: " token\r" }).adminToken).toBe("token");
    expect(read({ ADMIN_TOKEN: " \t" }).adminToken).toBeUndefined();
  });

  // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's spelling, not a template's.
  it.each(["~/pairing", "$HOME/pairing", "${HOME}/pairing"])("take %s as a folder in the home folder", (folder) => {
    expect(read({ HOME: "/home/a $& b", PAIRING_STORAGE_PATH: folder }).storageFolder).toBe("/home/a $& b/pairing");
    expect(read({ HOME: "/home/ada", PAIRING_CLOUDFLARED: folder }).cloudflared).toBe("/home/ada/pairing");
    const home = path.dirname(fileWith("from home"));
    expect(read({ HOME: home, ADMIN_TOKEN_FILE: folder.replace("pairing", "secret") }).adminToken).toBe("from home");
  });

  it("take a home folder alone, and a name that only looks like one", () => {
    expect(read({ HOME: "/home/ada", PAIRING_STORAGE_PATH: "~" }).storageFolder).toBe("/home/ada");
    expect(read({ PAIRING_STORAGE_PATH: "/srv/~/$HOME" }).storageFolder).toBe("/srv/~/$HOME");
  });

  it.each(["~bob/pairing", "$XDG_DATA_HOME/pairing", "$HOMES/pairing", "~pairing"])(
    "refuse %s, which only a shell understands",
    (folder) => {
      expect(() => read({ HOME: "/home/ada", PAIRING_STORAGE_PATH: folder })).toThrow(
        `PAIRING_STORAGE_PATH begins with ${JSON.stringify(folder.split("/")[0])}, which only a shell understands`,
      );
    },
  );

  it.each([
    [{ LC_ALL: "", LANG: "de_AT.UTF-8" }, "AT"],
    [{ LC_ALL: " ", LC_TELEPHONE: "", LANG: "de-CH" }, "CH"],
    [{ LC_ALL: "fr_FR.UTF-8", LANG: "de_AT.UTF-8" }, "FR"],
    [{ LC_ALL: "C", LANG: "de_AT.UTF-8" }, "US"],
  ])("take the country from %j", (env, country) => {
    expect(read(env as Record<string, string>).country).toBe(country);
  });

  it.each([
    ["https://pair.example.com.", "https://pair.example.com"],
    ["https://pair.example.com.:8443/", "https://pair.example.com:8443"],
    [" https://PAIR.example.com\r", "https://pair.example.com"],
  ])("take the public address %j as %s", (given, meant) => {
    expect(read({ PAIRING_BASE_URL: given }).baseUrl).toBe(meant);
  });

  it("name the nearest setting for a variable that is none", () => {
    const warnings = unknownVariables({
      PAIRING_BASE_URI: "x",
      PAIRING_TOKEN_EXPIRE_DAYS: "1",
      PAIRING_PORT_FILE: "x",
      PAIRING_SOMETHING_ELSE_ENTIRELY: "x",
      TOPDOG_STORAGE_PATH: "x",
      PAIRING_PORT: "1",
      ADMIN_TOKEN_FILE: "x",
      PAIRING_JWT_PRIVATE_KEY_FILE: "x",
      // Kubernetes makes them for a service of this name.
      PAIRING_SERVICE_HOST: "10.0.0.1",
      PAIRING_PORT_8000_TCP_ADDR: "10.0.0.1",
      PATH: "x",
    });
    expect(warnings).toEqual([
      "PAIRING_BASE_URI is not a setting and is ignored. Did you mean PAIRING_BASE_URL?",
      "PAIRING_PORT_FILE is not a setting and is ignored. Did you mean PAIRING_PORT?",
      "PAIRING_SOMETHING_ELSE_ENTIRELY is not a setting and is ignored. docs/configuration.md lists all of them.",
      "PAIRING_TOKEN_EXPIRE_DAYS is not a setting and is ignored. Did you mean PAIRING_TOKEN_EXPIRY_DAYS?",
      "TOPDOG_STORAGE_PATH is not a setting and is ignored. Did you mean PAIRING_STORAGE_PATH?",
    ]);
  });
});

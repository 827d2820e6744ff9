import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { OPERATIONS, type Operation } from "../../src/contract/operations.ts";
import { type ErrorRow, errors, httpErrors } from "../../src/words/en/errors.ts";
import { openPhoneDoor } from "./phone-door.ts";

/** Somebody with a phone in their hand can set none of these. */
const SETTING = /\b(?:PAIRING|TWILIO|AWS|SMS|PHONE|ADMIN)_[A-Z][A-Z_]+\b/;
/** Asked by text message services, never by phones. */
const NOT_FOR_PHONES = new Set(["noteDelivery", "noteProviderDelivery"]);

it("no error that a phone can get names a setting", () => {
  const operations = Object.entries(OPERATIONS) as [string, Operation][];
  const codes = operations.flatMap(([name, { door, errors: codes }]) => (door === "phone" && !NOT_FOR_PHONES.has(name) ? codes : []));
  expect(codes.length).toBeGreaterThan(20);
  const rows: readonly (readonly [string, ErrorRow])[] = Object.entries({ ...errors, ...httpErrors });
  const named = rows.filter(([code, row]) => (codes.includes(code) || code in httpErrors) && SETTING.test(JSON.stringify(row)));
  expect(named).toEqual([]);
});

it("no page, script or worker of the phone's names a setting", async () => {
  const door = await openPhoneDoor();
  try {
    const inbox = (await door.ask("GET", "/inbox")).text;
    const pair = (await door.ask("GET", "/pair")).text;
    const scripts = [...`${inbox}${pair}`.matchAll(/src="(\/[^"]+\.js)"/g)].map(([, address]) => address ?? "");
    expect(scripts).toHaveLength(2);
    for (const address of ["/inbox", "/pair", "/", "/pair/done?result=paired", "/inbox/worker.js", ...scripts]) {
      const { text } = await door.ask("GET", address, { headers: { Accept: "text/html" } });
      expect([address, SETTING.exec(text)?.[0]]).toEqual([address, undefined]);
    }
    for (const code of ["", "unknown", await door.invite()])
      expect(SETTING.test((await door.ask("GET", `/pair?code=${code}`)).text)).toBe(false);
  } finally {
    await door.close();
  }
});

it("no sentence about waking a phone or texting it names a setting", () => {
  const folder = path.resolve("src/core/remote");
  const named = readdirSync(folder).filter((file) => SETTING.test(readFileSync(path.join(folder, file), "utf8")));
  expect(named).toEqual([]);
});

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { AUDIT_EVENTS } from "../../src/core/audit.ts";
import { AUDIT_KINDS, questionOf } from "../../src/renderer/audit/audit-filter.ts";
import { audit } from "../../src/words/en/settings-page/audit.ts";

/** The pages of errors, settings and operations are written from the source; `npm run check:docs` compares them. */

/** No setting, but called like one. */

it("every audit event is explained in the guide, has words on the settings page, and belongs to a kind that can be chosen there", () => {
  const guide = readFileSync("docs/PHONE_PAIRING_COMPLETE_GUIDE.md", "utf8");
  const chosen = new Set(AUDIT_KINDS.flatMap((kind) => questionOf({ kind, text: "" }).events?.split(",") ?? []));
  const words: Readonly<Record<string, string>> = audit.events;
  expect(AUDIT_EVENTS.filter((event) => !guide.includes(`\`${event}\``))).toEqual([]);
  expect(AUDIT_EVENTS.filter((event) => words[event] === undefined)).toEqual([]);
  expect(AUDIT_EVENTS.filter((event) => !chosen.has(event))).toEqual([]);
  // Nor is there one that nobody writes.
  const known: readonly string[] = AUDIT_EVENTS;
  expect([...chosen, ...Object.keys(words)].filter((event) => !known.includes(event))).toEqual([]);
});

it("every variable that the source reads is among the settings", () => {
  const settings = readFileSync("docs/configuration.md", "utf8");
  const named = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .flatMap((name) => readFileSync(path.join("src", name), "utf8").match(/\b(?:PAIRING|PHONE_DEVICES)_[A-Z][A-Z_]*[A-Z]\b/g) ?? []);
  expect(named.length).toBeGreaterThan(100);
  const missing = [...new Set(named)].filter((name) => !settings.includes(`\`${name.replace(/_FILE$/, "")}`));
  expect(missing).toEqual([]);
});

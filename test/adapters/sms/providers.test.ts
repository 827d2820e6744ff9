import { expect, it } from "vitest";
import { SMS_PROVIDERS } from "../../../src/adapters/sms/providers/index.ts";
import { missingOf } from "../../../src/adapters/sms/providers/provider.ts";
import { SMS_FIELDS, SMS_SECRETS } from "../../../src/adapters/sms/saved-settings.ts";
import { ALL_OPTIONS } from "../../../src/settings/options.ts";
import { settings } from "../../../src/words/en/settings.ts";
import { settingsPage } from "../../../src/words/en/settings-page/index.ts";

const NOBODY = { where: undefined, agreed: false };

it.each(SMS_PROVIDERS)("$label says everything that is derived from it", ({ id, label, fields, needs, reports, address }) => {
  const names = fields.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(expect.arrayContaining([...needs.flatMap(({ anyOf }) => anyOf.flat()), ...(reports ? [reports.with] : [])]));
  // The form's label and hint of each field.
  const words: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    providers: settingsPage.providers,
    choiceHints: settingsPage.sms.choiceHints,
    fields: settingsPage.sms.fields,
    hints: settingsPage.sms.hints,
  };
  expect([words["providers"]?.[id], typeof words["choiceHints"]?.[id]]).toEqual([label, "string"]);
  for (const name of names) {
    for (const place of ["fields", "hints"]) expect([place, name, typeof words[place]?.[`${id}_${name}`]]).toEqual([place, name, "string"]);
  }
  // What each variable means, but for those that are AWS's own.
  for (const { variable } of [...fields.filter(({ ownRules }) => ownRules === undefined), ...(address ? [address] : [])])
    expect(settings).toHaveProperty(variable);
  for (const { folded } of fields) if (folded !== undefined) expect(settingsPage.sms.folded).toHaveProperty(folded);
});

it.each(SMS_PROVIDERS)("$label misses what it needs, and nothing once it has that", ({ fields, needs }) => {
  const about = { fields, needs };
  expect(missingOf(about, {}, NOBODY)).toHaveLength(needs.length);
  for (const choice of [0, -1]) {
    const given = needs.flatMap(({ anyOf }) => anyOf.at(choice) ?? []);
    expect(missingOf(about, Object.fromEntries(given.map((name) => [name, "x"])), NOBODY)).toEqual([]);
  }
  // A half-filled group is reported by its missing field, whatever else is set.
  const all = Object.fromEntries(fields.map(({ name }) => [name, "x"]));
  for (const names of needs.flatMap(({ anyOf }) => anyOf.filter((one) => one.length > 1))) {
    for (const name of names) {
      const variable = fields.find((field) => field.name === name)?.variable;
      expect(missingOf(about, { ...all, [name]: undefined }, NOBODY)).toEqual([expect.stringContaining(`(${variable})`)]);
    }
  }
});

it("providers have variables, fields and secrets of their own", () => {
  const variables = SMS_PROVIDERS.flatMap(({ fields, address }) => [
    ...fields.map(({ variable }) => variable),
    ...(address ? [address.variable] : []),
  ]);
  expect(new Set(variables).size).toBe(variables.length);
  expect(new Set(SMS_SECRETS).size).toBe(SMS_SECRETS.length);
  const saved = [...SMS_FIELDS].map(([name, { field }]) => field.savedAs ?? name);
  expect(new Set(saved).size).toBe(saved.length);
  for (const { fields } of SMS_PROVIDERS) {
    for (const { variable, ownRules, secret } of fields) {
      if (ownRules === undefined)
        expect([variable, ALL_OPTIONS[variable]?.secret]).toEqual([variable, secret === undefined ? undefined : true]);
    }
  }
});

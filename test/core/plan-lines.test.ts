import { expect, it } from "vitest";
import { isDiff, planLines } from "../../src/phone/inbox/diff.ts";

const DIFF =
  "Deploy\n\n--- a/x.sql\n+++ b/x.sql\n@@ -11,3 +11,3 @@\n -- orders\n-ADD price;\n+ADD price_cents;\n COMMIT;\n- not part of it";

it("knows what a diff adds and removes, with the numbers of the lines", () => {
  expect(planLines(DIFF).map((line) => ("number" in line ? [line.kind, line.number, line.text] : [line.kind, line.text]))).toEqual([
    ["text", "Deploy"],
    ["text", ""],
    ["file", "--- a/x.sql"],
    ["file", "+++ b/x.sql"],
    ["file", "@@ -11,3 +11,3 @@"],
    ["same", 11, "-- orders"],
    ["removed", 12, "ADD price;"],
    ["added", 12, "ADD price_cents;"],
    ["same", 13, "COMMIT;"],
    ["text", "- not part of it"],
  ]);
});

it.each([
  DIFF,
  "",
  "\n\n",
  "1. stop\n2. deploy",
  "- a list\n- of things\n+ one more",
  "@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file",
  "@@ -1,99 +1,99 @@\nrm -rf /\n+x",
])("leaves no line out, and adds none: %j", (text) => {
  const signs = { added: "+", removed: "-", same: " ", text: "", file: "" };
  expect(
    planLines(text)
      .map((line) => signs[line.kind] + line.text)
      .join("\n"),
  ).toBe(text);
});

it("takes no list for a diff", () => {
  expect(isDiff(planLines("- a list\n- of things\n+ one more"))).toBe(false);
});

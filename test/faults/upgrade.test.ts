import { expect, it } from "vitest";
import { FORMATS, sweepUpgrade } from "../adapters/stores/formats.ts";

it.each(FORMATS)("the upgrade of a folder of format %i may be killed at each of its writes", async (format) => {
  const killed = await sweepUpgrade(format, 1);
  console.log(`format ${format}: killed at ${killed} writes`);
  expect(killed).toBeGreaterThan(30);
});

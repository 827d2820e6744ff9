import fc from "fast-check";
import { expect, it } from "vitest";
import { createSmsSends } from "../../../src/adapters/stores/sms-sends.ts";
import { DAY, MINUTE, type SmsBudget } from "../../../src/core/index.ts";
import { budgetWaitEnd } from "../../../src/core/store/index.ts";
import { NOON } from "../../contracts/pairing-store.ts";

const BUDGET: SmsBudget = { perNumberPerTenMinutes: 2, perNumberPerDay: 4, perDay: 40 };

it("the budget of text messages is that of a list of all of them, however many numbers came and went", () => {
  const step = fc.record({
    number: fc.nat(30),
    wait: fc.constantFrom(0, MINUTE, 7 * MINUTE, 3 * 60 * MINUTE, DAY, 3 * DAY),
    takesBack: fc.nat(9),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 300, maxLength: 600 }), (steps) => {
      const sends = createSmsSends();
      let plain: { readonly number: string; readonly at: number }[] = [];
      let now = NOON;
      for (const [index, { number, wait, takesBack }] of steps.entries()) {
        // Every few steps a number that is used only once.
        const name = index % 3 === 0 ? `once ${index}` : `+1415555${number}`;
        now += index % 5 === 0 ? wait : MINUTE;
        sends.add(name, now);
        if (takesBack === 0) sends.remove(name, now);
        else plain.push({ number: name, at: now });
        plain = plain.filter(({ at }) => at > now - 2 * DAY);
        const within = (window: number, of?: string): number =>
          plain.filter((sent) => sent.at > now - window && (of === undefined || sent.number === of)).length;
        for (const asked of [name, `+1415555${(number + 1) % 31}`, "never"]) {
          const isFree =
            within(10 * MINUTE, asked) < BUDGET.perNumberPerTenMinutes &&
            within(DAY, asked) < BUDGET.perNumberPerDay &&
            within(DAY) < BUDGET.perDay;
          expect([asked, budgetWaitEnd(sends.times(asked), now, BUDGET) === undefined]).toEqual([asked, isFree]);
        }
      }
    }),
    { numRuns: 30 },
  );
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { smsFault } from "../../../src/adapters/sms/fault.ts";
import { pauseFailing } from "../../../src/adapters/sms/pause-failing.ts";
import type { ProviderSms } from "../../../src/adapters/sms/providers/provider.ts";
import type { SmsFault } from "../../../src/core/index.ts";
import { message, rejectionOf } from "../../contracts/rejection.ts";

describe("a provider that fails again and again", () => {
  let fault: SmsFault | undefined;
  let asked = 0;
  const provider = {
    name: "twilio",
    label: "Twilio",
    async send() {
      asked += 1;
      if (fault) throw smsFault({ id: "twilio", label: "Twilio" }, fault);
      return { kind: "handed_over", more: true };
    },
  } as unknown as ProviderSms;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 0, 15, 12) });
    fault = undefined;
    asked = 0;
  });
  afterEach(() => vi.useRealTimers());

  const reasonOf = async (sms: ProviderSms): Promise<string | undefined> => (await rejectionOf(sms.send(message()))).details?.reason;

  it("is left alone after five failures of its own, for half a minute; then one message decides", async () => {
    const sms = pauseFailing(provider);
    fault = "busy";
    for (let failure = 0; failure < 5; failure += 1) expect(await reasonOf(sms)).toBe("busy");
    expect(sms.pausedUntil()).toBe(Date.now() + 30_000);
    vi.setSystemTime(Date.now() + 12_000);
    const paused = await rejectionOf(sms.send(message()));
    expect([paused.code, paused.details?.reason, paused.retryAfter]).toEqual(["sms_send_failed", "paused", 18]);
    expect(asked).toBe(5);

    vi.setSystemTime(Date.now() + 18_000);
    expect(sms.pausedUntil()).toBeUndefined();
    expect(await reasonOf(sms)).toBe("busy");
    expect(await reasonOf(sms), "the one message failed").toBe("paused");
    expect(asked).toBe(6);

    vi.setSystemTime(Date.now() + 30_000);
    fault = undefined;
    await sms.send(message());
    await sms.send(message());
    expect([asked, sms.pausedUntil()]).toEqual([8, undefined]);
  });

  it.each(["unreachable", "outcome_unknown", "credentials", "other"] as const)("counts %s", async (kind) => {
    const sms = pauseFailing(provider);
    fault = kind;
    for (let failure = 0; failure < 5; failure += 1) await reasonOf(sms);
    expect(await reasonOf(sms)).toBe("paused");
  });

  it.each(["number", "opted_out", "region", "trial_account", "sender", "budget"] as const)(
    "does not hold %s against the provider: the next number may be fine",
    async (kind) => {
      const sms = pauseFailing(provider);
      fault = kind;
      for (let failure = 0; failure < 12; failure += 1) expect(await reasonOf(sms)).toBe(kind);
      expect(asked).toBe(12);
    },
  );
});

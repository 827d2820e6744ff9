import { describe, expect, it } from "vitest";
import type { SmsSender } from "../../src/core/index.ts";
import { message, rejectionOf } from "./rejection.ts";

export interface MadeSender {
  readonly sender: Omit<SmsSender, "price">;
  /** The received messages. */
  readonly arrived: () => readonly { readonly to: string; readonly text: string }[];
  /** The number of requests to send a message, accepted or not. */
  readonly asked: () => number;
}

/** Numbers that a sender rejects, with the error; absent if it rejects none. */
export type Refusing = Readonly<
  Record<string, { readonly to: string; readonly code: string; readonly reason: string; readonly details?: string }>
>;

/** The contract of every sender, mock mode and the real providers. */
export function smsSenderContract(make: () => Promise<MadeSender>, refusing: Refusing = {}): void {
  it("hands the text over as it is, once, to the number", async () => {
    const { sender, arrived, asked } = await make();
    const { kind } = await sender.send(message());
    expect(kind).toBe(sender.name === "mock" ? "printed" : "handed_over");
    expect(arrived()).toEqual([{ to: "+14155551234", text: message().text }]);
    expect(asked()).toBe(1);
  });

  it("believes no report that it cannot check", async () => {
    const { sender } = await make();
    const report = sender.readReport({
      addresses: ["https://pair.example.com/phone/sms/status/session.1"],
      headers: { "x-twilio-signature": "AAAA", authorization: "Bearer a.b.c" },
      body: "MessageStatus=delivered",
    });
    expect((await rejectionOf(report)).code).toBe("bad_signature");
  });

  if (Object.keys(refusing).length === 0) return;
  describe("a rejection", () => {
    it.each(Object.entries(refusing))(
      "says what to do, keeps the provider's code, and holds nothing of the request: %s",
      async (_name, refused) => {
        const { sender, asked, arrived } = await make();
        const rejection = await rejectionOf(sender.send(message(refused.to)));
        expect({ code: rejection.code, reason: rejection.details?.reason, provider: rejection.details?.provider }).toEqual({
          code: refused.code,
          reason: refused.reason,
          provider: sender.name,
        });
        if (refused.details !== undefined) expect(rejection.details?.code).toBe(refused.details);
        // Two sentences at least: what happened, and what to do.
        expect(rejection.message).toMatch(/^[A-Z].+\. [A-Z].+\.$/);
        expect(arrived()).toEqual([]);
        expect(asked(), "tried again by itself").toBe(1);
        const all =
          JSON.stringify([rejection, rejection.message, rejection.note, rejection.stack, rejection.details, Object.entries(rejection)]) +
          String(rejection.cause);
        for (const canary of ["canary", refused.to, "Basic ", "AWS4-HMAC"]) expect(all).not.toContain(canary);
      },
    );
  });
}

import { PairingError, type SmsSender } from "../../core/index.ts";
import { say } from "../../words/say.ts";

const RULE = "=".repeat(50);

/** Prints the text instead of sending it, link and all: that is what it is for. */
export function createMockSms(print: (block: string) => void): SmsSender {
  return {
    name: "mock",
    mayReportUnknown: false,
    reportPath: "/phone/sms/status/mock/",
    price: () => undefined,
    async send({ to, text }) {
      print(`${RULE}\n${say("sms.mockMessage", { to, text })}\n${RULE}`);
      return { kind: "printed" };
    },
    readReport: async () => Promise.reject(new PairingError("bad_signature")),
    pausedUntil: () => undefined,
  };
}

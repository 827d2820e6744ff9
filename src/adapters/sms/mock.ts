import { PairingError, type SmsSender } from "../../core/index.ts";

const RULE = "=".repeat(50);

/** Prints the text instead of sending it, link and all: that is what it is for. */
export function createMockSms(print: (block: string) => void): SmsSender {
  return {
    name: "mock",
    mayReportUnknown: false,
    reportPath: "/phone/sms/status/mock/",
    price: () => undefined,
    async send({ to, text }) {
      // The guide's exact words, which scripts look for: the same in every language.
      print(`${RULE}\nMOCK SMS (Development Mode)\nTo: ${to}\nMessage:\n${text}\n${RULE}`);
      return { kind: "printed" };
    },
    readReport: async () => Promise.reject(new PairingError("bad_signature")),
    pausedUntil: () => undefined,
  };
}

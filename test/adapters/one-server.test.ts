import { describe, expect, it } from "vitest";
import { createOneServer } from "../../src/adapters/shared/one-server.ts";
import { guessCountsContract } from "../contracts/guess-counts.ts";
import { leasesContract } from "../contracts/leases.ts";
import { phoneConnectionsContract } from "../contracts/phone-connections.ts";
import { voiceBoardContract } from "../contracts/voice-board.ts";

function alone() {
  let now = Date.now();
  const shared = createOneServer({ now: () => now, steady: () => now });
  const pass = async (milliseconds: number): Promise<void> => {
    now += milliseconds;
  };
  return { ...shared, pass };
}

describe("what a server has that is alone with its storage", () => {
  describe("leases", () => {
    leasesContract(async () => {
      const { leases } = alone();
      return { first: leases, second: leases };
    });
  });

  describe("connections of phones", () => {
    phoneConnectionsContract(async () => {
      const { phoneConnections } = alone();
      return { first: phoneConnections, second: phoneConnections };
    });
  });

  describe("the board of voice commands", () => {
    voiceBoardContract(async () => {
      const { voiceBoard, pass } = alone();
      return { first: voiceBoard, second: voiceBoard, pass };
    });

    it("lets nobody confirm a command after the clock was set back", async () => {
      const { voiceBoard, pass } = alone();
      await voiceBoard.ask({ commandId: "c", jti: "jti", action: { kind: "help" } }, 30_000);
      await pass(-60_000);
      expect(await voiceBoard.confirm("c", "jti")).toBeUndefined();
    });
  });

  describe("counts of wrong guesses", () => {
    guessCountsContract(async () => {
      const { guessCounts } = alone();
      return { first: guessCounts, second: guessCounts };
    });
  });
});

import { describe } from "vitest";
import { createOneServer } from "../../src/adapters/shared/one-server.ts";
import { leasesContract } from "../contracts/leases.ts";

describe("what a server has that is alone with its storage", () => {
  describe("leases", () => {
    leasesContract(async () => {
      const { leases } = createOneServer();
      return { first: leases, second: leases };
    });
  });
});

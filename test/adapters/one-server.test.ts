import { describe } from "vitest";
import { createOneServer } from "../../src/adapters/shared/one-server.ts";
import { leasesContract } from "../contracts/leases.ts";
import { phoneConnectionsContract } from "../contracts/phone-connections.ts";

describe("what a server has that is alone with its storage", () => {
  describe("leases", () => {
    leasesContract(async () => {
      const { leases } = createOneServer();
      return { first: leases, second: leases };
    });
  });

  describe("connections of phones", () => {
    phoneConnectionsContract(async () => {
      const { phoneConnections } = createOneServer();
      return { first: phoneConnections, second: phoneConnections };
    });
  });
});

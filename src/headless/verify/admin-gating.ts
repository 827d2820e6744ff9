import { randomBytes } from "node:crypto";
import { RowFault } from "./row.ts";
import { codeOf, spoken, type VerifiedServer } from "./verified-server.ts";

/** The device list without a token, with a wrong one and with the right one. */
export async function checkAdminGating(server: VerifiedServer, adminToken: string | undefined): Promise<string> {
  const without = await server.local("listDevices", {}, { adminToken: undefined });
  if (without.status === 200) {
    throw new RowFault(
      "The device list is shown to whoever asks, without an admin token.",
      "Set PHONE_DEVICES_REQUIRE_ADMIN=1 and ADMIN_TOKEN, and restart the server.",
    );
  }
  const wrong = await server.local("listDevices", {}, { adminToken: `wrong-${randomBytes(16).toString("hex")}` });
  const seen = `Without a token the device list is ${spoken(without)}, with a wrong one ${spoken(wrong)}`;
  if (codeOf(without) !== "admin_token_required" || codeOf(wrong) !== "admin_token_invalid") {
    throw new RowFault(
      `${seen}; it should be 401 admin_token_required and 403 admin_token_invalid.`,
      "Ask the local door itself, and look into the server's log.",
    );
  }
  if (adminToken === undefined)
    throw new RowFault(`${seen}, and there is no right one to try.`, "Give verify the server's ADMIN_TOKEN (or ADMIN_TOKEN_FILE).");
  const right = await server.local("listDevices", {});
  if (right.status === 200) return `${seen}, with the right one 200.`;
  throw new RowFault(
    `${seen}, and with this ADMIN_TOKEN ${spoken(right)}.`,
    "Give verify the ADMIN_TOKEN (or ADMIN_TOKEN_FILE) that the running server has.",
  );
}

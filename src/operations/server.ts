import type { SERVER } from "../contract/operations/server.ts";
import type { Handlers } from "./handlers.ts";

/** Health, and the keys that sign device tokens. */
export const SERVER_HANDLERS: Handlers<keyof typeof SERVER> = {
  rotateKey: async ({ pairing }, _input, { caller }) => pairing.rotateKey(caller),

  async publicKeys({ pairing }, _input, { headers }) {
    headers["Cache-Control"] = "public, max-age=300";
    const { keys } = await pairing.publicKeys();
    return { keys: keys.map((key) => ({ ...key })) };
  },

  alive: async ({ settings }, _input, { door }) => (door === "local" ? { status: "ok", ...settings.ports() } : { status: "ok" }),

  async ready({ pairing, checkReady }) {
    await checkReady();
    await pairing.publicKeys();
    return { status: "ready" };
  },
};

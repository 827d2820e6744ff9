import { present } from "../base/present.ts";
import type { ACCESS } from "../contract/operations/access.ts";
import { isoSeconds, PairingError } from "../core/index.ts";
import type { Handlers } from "./handlers.ts";

/** Who may act at this computer. */
export const ACCESS_HANDLERS: Handlers<keyof typeof ACCESS> = {
  readCaller: async ({ settings }, _input, { callerClass }) => ({
    caller: callerClass === "phone" ? "anonymous" : callerClass,
    admin_required: settings.inUse().adminRequired,
  }),

  async openWindow({ windows }, { open }, { caller, addressKey }) {
    const { key, expiresAt } = windows.open(open, caller, addressKey);
    return { window_key: key, expires_at: isoSeconds(expiresAt) };
  },

  listWindows: async ({ windows }) => ({
    windows: windows.list().map(({ id, openedAt, lastUsed, caller }) => ({
      window_id: id,
      opened_at: isoSeconds(openedAt),
      last_used: isoSeconds(lastUsed),
      ...present({ user_agent: caller.ua }),
    })),
  }),

  endWindow: async ({ windows }, { window_id }) => ({ window_id, ended: windows.end(window_id) }),

  async rotateLocalKey({ settings }) {
    await settings.rotateLocalKey().catch((cause: unknown) => {
      throw new PairingError("storage_unavailable", { cause });
    });
    return { rotated: true };
  },
};

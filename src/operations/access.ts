import { present } from "../base/present.ts";
import type { ACCESS } from "../contract/operations/access.ts";
import { isoSeconds, PairingError } from "../core/index.ts";
import type { Handlers } from "./handlers.ts";

/** Who may act at this computer. */
export const ACCESS_HANDLERS: Handlers<keyof typeof ACCESS> = {
  readCaller: async ({ settings, runId }, _input, { callerClass }) => ({
    caller: callerClass === "phone" ? "anonymous" : callerClass,
    run_id: runId,
    admin_required: settings.inUse().adminRequired,
  }),

  async openWindow({ pairing, windows }, { open }, { caller, addressKey }) {
    if (!pairing.isSameSecret(open, windows.openSecret)) {
      const guesser = { caller, key: addressKey };
      await pairing.noteWrongKey(guesser, open);
      await pairing.noteDenied({ ...guesser, reason: "window_required" });
      throw new PairingError("window_required", { params: { reason: "former_link" } });
    }
    await pairing.noteAccess("window_opened", caller);
    const { key, expiresAt } = await windows.open(caller);
    return { window_key: key, expires_at: isoSeconds(expiresAt) };
  },

  listWindows: async ({ windows }, _input, { windowKey }) => ({
    windows: (await windows.list(windowKey)).map(({ id, openedAt, lastUsed, caller, current }) => ({
      window_id: id,
      opened_at: isoSeconds(openedAt),
      last_used: isoSeconds(lastUsed),
      ...present({ user_agent: caller.ua }),
      current,
    })),
  }),

  async endWindow({ pairing, windows }, { window_id }, { caller }) {
    const ended = await windows.end(window_id);
    if (ended) await pairing.noteAccess("window_ended", caller);
    return { window_id, ended };
  },

  async rotateLocalKey({ pairing, settings }, _input, { caller }) {
    await pairing.noteAccess("local_key_rotated", caller);
    await settings.rotateLocalKey().catch((cause: unknown) => {
      throw new PairingError("storage_unavailable", { cause });
    });
    return { rotated: true };
  },
};

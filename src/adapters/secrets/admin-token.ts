import { messageOf } from "../../base/message-of.ts";
import { type AdminToken, PairingError, type SecretStore } from "../../core/index.ts";

export interface AdminTokenDeps {
  readonly secrets: SecretStore;
  /** What the environment says. */
  readonly fromEnvironment: string | undefined;
  /**
   * Whether one is kept: known without asking for it, so that a locked keychain is never taken for an open gate. Where servers share their
   * secrets, that may be a second old.
   */
  readonly isSaved: () => boolean;
  /** Resolves when that is on disk. Rejects when the settings would be wrong then. */
  readonly noteSaved: (saved: boolean) => Promise<void>;
}

export function createAdminToken({ secrets, fromEnvironment, isSaved, noteSaved }: AdminTokenDeps): AdminToken {
  /** Another server may set, replace or drop it at any moment. */
  const isShared = secrets.replace !== undefined;
  /** Where it is this server's own, it is asked for once: each gated request compares with it. */
  let known: string | undefined;

  const refuseLocked = (): void => {
    if (fromEnvironment !== undefined)
      throw new PairingError("setting_locked", { params: { reason: "variable", variable: "ADMIN_TOKEN" } });
  };
  const unavailable = (cause: unknown, consequence: "unreadable" | "not_saved" | "not_removed"): PairingError =>
    new PairingError("secrets_unavailable", {
      params: { reason: `admin_token_${consequence}`, why: messageOf(cause, "") },
      cause,
    });

  return {
    status: () => ({
      set: fromEnvironment !== undefined || isSaved(),
      locked: fromEnvironment !== undefined,
      savedIn: fromEnvironment === undefined ? secrets.kind : "environment",
    }),
    async read() {
      if (fromEnvironment !== undefined) return fromEnvironment;
      if (!isShared && !isSaved()) return undefined;
      if (!isShared && known !== undefined) return known;
      const found = await secrets.get("admin-token").catch((cause: unknown) => {
        throw unavailable(cause, "unreadable");
      });
      if (found === undefined && !isSaved()) return undefined;
      if (found === undefined) throw new PairingError("secrets_unavailable", { params: { reason: "admin_token_gone" } });
      known = found;
      return found;
    },
    async keep(token) {
      refuseLocked();
      await secrets.set("admin-token", token).catch((cause: unknown) => {
        throw unavailable(cause, "not_saved");
      });
      known = token;
      if (isShared || !isSaved()) await noteSaved(true);
    },
    async drop() {
      refuseLocked();
      // First, for it refuses while the gate is on.
      await noteSaved(false);
      known = undefined;
      await secrets.remove("admin-token").catch((cause: unknown) => {
        throw unavailable(cause, "not_removed");
      });
    },
  };
}

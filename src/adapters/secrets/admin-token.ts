import { type AdminToken, PairingError, type SecretStore } from "../../core/index.ts";

export interface AdminTokenDeps {
  readonly secrets: SecretStore;
  /** What the environment says. */
  readonly fromEnvironment: string | undefined;
  /** Whether one is kept: known without asking for it, so that a locked keychain is never taken for an open gate. */
  readonly isSaved: () => boolean;
  /** Resolves when that is on disk. Rejects when the settings would be wrong then. */
  readonly noteSaved: (saved: boolean) => Promise<void>;
}

export function createAdminToken({ secrets, fromEnvironment, isSaved, noteSaved }: AdminTokenDeps): AdminToken {
  /** Asked for once: each gated request compares with it. */
  let known: string | undefined;

  const refuseLocked = (): void => {
    if (fromEnvironment !== undefined)
      throw new PairingError("setting_locked", { sentence: "Set by ADMIN_TOKEN. Change it there and start Top Dog again." });
  };
  const unavailable = (cause: unknown, sentence: string): PairingError =>
    new PairingError("secrets_unavailable", { sentence: `${sentence} ${cause instanceof Error ? cause.message : ""}`.trim(), cause });

  return {
    status: () => ({
      set: fromEnvironment !== undefined || isSaved(),
      locked: fromEnvironment !== undefined,
      savedIn: fromEnvironment === undefined ? secrets.kind : "environment",
    }),
    async read() {
      if (fromEnvironment !== undefined || !isSaved()) return fromEnvironment;
      if (known !== undefined) return known;
      const found = await secrets.get("admin-token").catch((cause: unknown) => {
        throw unavailable(cause, "The admin token cannot be read.");
      });
      if (found === undefined) throw unavailable(undefined, "The admin token that was saved is gone. Start Top Dog with ADMIN_TOKEN set.");
      known = found;
      return found;
    },
    async keep(token) {
      refuseLocked();
      await secrets.set("admin-token", token).catch((cause: unknown) => {
        throw unavailable(cause, "The admin token could not be kept, so nothing was changed.");
      });
      known = token;
      if (!isSaved()) await noteSaved(true);
    },
    async drop() {
      refuseLocked();
      // First, for it refuses while the gate is on.
      await noteSaved(false);
      known = undefined;
      await secrets.remove("admin-token").catch((cause: unknown) => {
        throw unavailable(cause, "The admin token opens nothing any more, but is still kept.");
      });
    },
  };
}

import type { Ports } from "./ports.ts";

type Deps = Pick<Ports, "store" | "smsSetup" | "pageMemory" | "changeEvents">;

/**
 * The settings page's first steps. Shown if nothing was set up and nobody was invited, until a person has finished or skipped
 * them, and on request.
 */
export function createWelcome(deps: Deps) {
  const { pageMemory, changeEvents } = deps;
  // Decided once per run: it continues while its own steps set things up.
  let fresh: boolean | undefined;
  return {
    async isShown(): Promise<boolean> {
      const saved = pageMemory.welcome();
      if (saved !== undefined) return saved;
      fresh ??= await isFresh(deps);
      return fresh;
    },
    async show(shown: boolean): Promise<void> {
      await pageMemory.keepWelcome(shown);
      // The overview contains whether it is shown.
      changeEvents.emit("invites");
    },
  };
}

async function isFresh({ store, smsSetup }: Deps): Promise<boolean> {
  const { provider, active } = smsSetup.read();
  if (provider.locked || provider.value !== "auto" || active !== "mock") return false;
  const one = { most: 1, at: 0 };
  const [devices, sessions] = await Promise.all([store.pageOfDevices(one), store.pageOfSessions(one)]);
  return devices.items.length === 0 && sessions.items.length === 0;
}

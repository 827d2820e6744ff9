import type { SmsAdapter } from "../adapters/sms/open-sms.ts";
import type { SharedKind } from "../adapters/stores/postgres/shared-database.ts";
import type { JoseTokens } from "../adapters/tokens/jose-tokens.ts";
import type { ReachabilityStore } from "../adapters/tunnel/reachability-setup.ts";
import { messageOf } from "../base/message-of.ts";
import type { HostContext } from "./context.ts";

export interface SharedFollower {
  /** Another server may have changed this. */
  changed(kinds: readonly SharedKind[]): void;
  stop(): void;
}

interface FollowerDeps {
  readonly tokens: JoseTokens;
  readonly sms: SmsAdapter;
  readonly reachability: ReachabilityStore;
}

const RETRY_MS = 1000;

/** Takes over what other servers of the database changed beside the store: once more a second later, for as long as it cannot be read. */
export function followShared(context: HostContext, deps: FollowerDeps): SharedFollower {
  const { log, shared } = context;
  const waiting = new Set<SharedKind>();
  let running = false;
  let stopped = false;
  let failing = false;
  let timer: NodeJS.Timeout | undefined;
  const run = async (): Promise<void> => {
    running = true;
    while (waiting.size > 0 && !stopped) {
      const kinds = [...waiting];
      waiting.clear();
      try {
        await takeOver(context, deps, kinds);
        failing = false;
      } catch (cause) {
        for (const kind of kinds) waiting.add(kind);
        if (!failing) log.warn("what other servers changed cannot be read", { reason: messageOf(cause) });
        failing = true;
        break;
      }
    }
    running = false;
    if (failing && !stopped) timer = setTimeout(() => void run(), RETRY_MS).unref();
  };
  const changed = (kinds: readonly SharedKind[]): void => {
    if (!shared) return;
    for (const kind of kinds) waiting.add(kind);
    if (!running && !failing) void run();
  };
  return {
    changed,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

async function takeOver({ log, shared, settingsStore, changeEvents }: HostContext, deps: FollowerDeps, kinds: readonly SharedKind[]) {
  const { tokens, sms, reachability } = deps;
  if (kinds.includes("secrets")) await tokens.refresh();
  if (kinds.includes("saved")) {
    await shared?.refresh();
    const faults = settingsStore.refresh();
    if (faults.length > 0) log.warn("settings that another server saved cannot be used here", { faults: faults.join("; ") });
    reachability.refresh();
  }
  if (shared?.secrets) await sms.refresh();
  for (const event of ["settings", "invites", "sms", "reachability"] as const) changeEvents.emit(event);
}

import { type ApprovalMessage, findApproval, type InboxState } from "./inbox-state.ts";
import { decide, rename, unpair } from "./own-phone.ts";
import { serverNow } from "./server-clock.ts";
import { approvalView } from "./show-approval.ts";
import { commandView } from "./show-command.ts";
import { homeScreenView } from "./show-home-screen.ts";
import { notHereView } from "./show-not-here.ts";
import { type InstallOffer, settingsView } from "./show-settings.ts";
import type { View, Visit } from "./visit.ts";

/** The view that the address names; `undefined` is the list. */
export function viewAt(hash: string, visit: Visit, install: InstallOffer | undefined): View | undefined {
  const { inbox } = visit;
  const approval = approvalAt(hash, inbox);
  if (approval) {
    return approvalView(approval, serverNow(), async (choice, retrying) => decide(visit, approval.payload.approval_id, choice, retrying));
  }
  if (hash === "#command" && inbox) return commandView(inbox.device.device_id);
  if (hash === "#settings" || hash === "#notifications") {
    const actions = {
      rename: async (typed: string, retrying: () => void) => rename(visit, typed, retrying),
      unpair: async (retrying: () => void) => unpair(visit, retrying),
    };
    const node = settingsView(inbox?.device, serverNow(), install, actions, hash === "#notifications");
    return inbox ? { node } : { node, isStale: () => visit.inbox !== undefined };
  }
  if (hash === "#home-screen") return homeScreenView();
  if (hash === "" || hash === "#") return undefined;
  const searching = !visit.isCaughtUp && (approvalIdOf(hash) !== undefined || hash === "#command");
  // The message may be one that has not come yet.
  const isThere = (): boolean => visit.inbox !== undefined && (hash === "#command" || approvalAt(hash, visit.inbox) !== undefined);
  return {
    node: notHereView(hash.startsWith("#approval"), searching),
    isStale: () => isThere() || (searching && visit.isCaughtUp),
  };
}

export function approvalAt(hash: string, inbox: InboxState | undefined): ApprovalMessage | undefined {
  const id = approvalIdOf(hash);
  return inbox && id !== undefined ? findApproval(inbox, id) : undefined;
}

export function approvalIdOf(hash: string): string | undefined {
  const [, id] = /^#approval\/(.+)$/.exec(hash) ?? [];
  try {
    return id === undefined ? undefined : decodeURIComponent(id);
  } catch {
    return undefined;
  }
}

import { useSyncExternalStore } from "react";
import { statusOf } from "./approval.ts";
import { useApprovals } from "./lists.ts";
import { usePageState } from "./page-state.ts";

/** How many of the approvals that were read wait for an answer. Renders again when that changes, and not each second. */
export function useWaitingApprovalCount(clockOffset: number): number {
  const { clock } = usePageState();
  const { items } = useApprovals("waiting");
  return useSyncExternalStore(
    clock.subscribe,
    () => items.filter((approval) => statusOf(approval, clock.now() + clockOffset) === "pending").length,
  );
}

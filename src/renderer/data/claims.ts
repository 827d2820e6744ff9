import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import type { AnswerOf } from "../../contract/operations.ts";
import { usePageState } from "./page-state.ts";
import { answerTo } from "./rejection.ts";

/** A phone that accepted an invite and shows two digits, until somebody types them here. */
export type Claim = AnswerOf<"listClaims">["claims"][number];

/** Those whose time is not over by the server's clock, the earliest first. Renders again when one begins or ends, and not each second. */
export function useClaims(clockOffset: number) {
  const { clock, connection } = usePageState();
  const { data, error } = useQuery({
    // Read again with the invites: a change event does not say more.
    queryKey: ["invites", "claims"],
    queryFn: async () => answerTo(connection.api.listClaims({})),
  });
  const all = data?.claims ?? [];
  const openIds = useSyncExternalStore(clock.subscribe, () =>
    all
      .filter(({ expires_at }) => clock.now() + clockOffset < Date.parse(expires_at))
      .map(({ claim_id }) => claim_id)
      .join(" "),
  );
  const open = new Set(openIds.split(" "));
  return { claims: all.filter(({ claim_id }) => open.has(claim_id)), error };
}

/** Whether a phone that accepted this invite waits for its digits. */
export function useIsClaimed(sessionId: string | undefined, clockOffset: number): boolean {
  return useClaims(clockOffset).claims.some(({ session_id }) => session_id === sessionId);
}

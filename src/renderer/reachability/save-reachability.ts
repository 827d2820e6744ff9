import { useMutation } from "@tanstack/react-query";
import type { InputOf } from "../../contract/operations.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";

export type ReachabilityChange = InputOf<"saveReachability">;

/** Saves at once; what was saved is on the page before anybody is told. */
export function useSaveReachability(done: (change: ReachabilityChange) => void) {
  const { client, connection, refresh } = usePageState();
  return useMutation({
    mutationFn: async (change: ReachabilityChange) => answerTo(connection.api.saveReachability(change)),
    onSuccess(saved, change) {
      client.setQueryData(["reachability"], saved);
      done(change);
      void refresh("invites");
    },
  });
}

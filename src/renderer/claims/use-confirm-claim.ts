import { useMutation } from "@tanstack/react-query";
import { type RefObject, useState } from "react";
import { flushSync } from "react-dom";
import { present } from "../../base/present.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo, rejectionOf } from "../data/rejection.ts";
import { phoneNameIn } from "../parts/sentence.tsx";
import type { ClaimedInvite } from "./not-mine.tsx";

/** These digits are of no use any more: the phone shows new ones when it accepts again. */
const SPENT: ReadonlySet<string> = new Set(["digits_mismatch", "claim_closed"]);

/** Sends the typed digits. They choose the phone; where one invite's phones wait alone, no other invite's can be meant. */
export function useConfirmClaim(invites: readonly ClaimedInvite[], field: RefObject<HTMLInputElement | null>) {
  const { connection, notices, places, refresh } = usePageState();
  const [digits, setDigits] = useState("");
  const empty = (): void => {
    flushSync(() => setDigits(""));
    field.current?.focus();
  };
  const confirming = useMutation({
    async mutationFn() {
      const [first, another] = invites;
      const session_id = another ? undefined : first?.[0].session_id;
      const { device_name } = await answerTo(connection.api.confirmClaim({ digits, ...present({ session_id }) }));
      return { name: device_name, othersWait: another !== undefined };
    },
    onMutate: () => notices.clear("claims"),
    onSuccess({ name, othersWait }) {
      empty();
      if (othersWait) notices.say("claims", phoneNameIn("devices.paired", name));
      // The list says that the phone is paired.
      else places.open("devices");
      void refresh("devices");
    },
    onError(thrown) {
      if (SPENT.has(rejectionOf(thrown).problem.code)) empty();
      else field.current?.focus();
    },
    onSettled: () => void refresh("invites"),
  });
  const problem = confirming.error ? rejectionOf(confirming.error).problem : undefined;
  return {
    digits,
    type: setDigits,
    confirm: () => confirming.mutate(),
    isPending: confirming.isPending,
    error: confirming.error,
    /** The phone may accept again and show other digits, unless the invite was cancelled. */
    mayTryAgain: problem !== undefined && problem.params?.["reason"] !== "last_try",
    forget: confirming.reset,
  };
}

import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Claim } from "../data/claims.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { phoneNameIn } from "../parts/sentence.tsx";

/** The phones that accepted one invite. */
export type ClaimedInvite = readonly [Claim, ...Claim[]];

/** The button's words. With the invite, all of its phones are turned away. */
export function notMineKey({ length }: ClaimedInvite): "claims.notMine" | "claims.noneMine" {
  return length === 1 ? "claims.notMine" : "claims.noneMine";
}

interface NotMineProps {
  readonly claims: ClaimedInvite;
  readonly className?: string;
}

/** Cancels the invite, so that its link pairs nobody any more. */
export function NotMine({ claims, className = "" }: NotMineProps): ReactNode {
  const { t } = useTranslation();
  const { connection, notices, refresh } = usePageState();
  const [{ session_id }] = claims;
  const names = claims.map(({ device_name }) => device_name || t("devices.nameless")).join(", ");
  const cancelling = useMutation({
    mutationFn: async () => answerTo(connection.api.cancelSession({ session_id })),
    onSuccess: () => notices.say("claims", phoneNameIn("claims.cancelled", names)),
    onSettled: async () => refresh("invites"),
  });
  const label = t(cancelling.isPending ? "claims.cancelling" : notMineKey(claims));
  return (
    <>
      <Action
        variant="quiet"
        className={`danger-text ${className}`}
        busy={cancelling.isPending}
        aria-label={t("claims.about", { action: label, name: names })}
        onClick={() => cancelling.mutate()}
      >
        {label}
      </Action>
      {cancelling.error ? <ProblemLine thrown={cancelling.error} /> : null}
    </>
  );
}

import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { usePageState } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";

/** The button that opens the welcome again. */
export function WelcomeAgain(): ReactNode {
  const { t } = useTranslation();
  const { connection, places, refresh } = usePageState();
  const asking = useMutation({
    mutationFn: async () => answerTo(connection.api.saveWelcome({ shown: true })),
    async onSuccess() {
      await refresh("invites");
      places.open("welcome");
    },
  });
  return (
    <>
      <div className="actions">
        <Action variant="quiet" busy={asking.isPending} onClick={() => asking.mutate()}>
          {t("welcome.again")}
        </Action>
      </div>
      {asking.error ? <ProblemLine thrown={asking.error} /> : null}
    </>
  );
}

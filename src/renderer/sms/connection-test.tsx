import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { usePageState } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { ProviderDetails } from "../parts/provider-details.tsx";

interface ConnectionTestProps {
  readonly dirty: boolean;
  /** Resolves with whether everything typed is saved: the test uses the saved settings. */
  readonly save: () => Promise<boolean>;
}

export function ConnectionTest({ dirty, save }: ConnectionTestProps): ReactNode {
  const { t } = useTranslation();
  const { connection } = usePageState();
  const testing = useMutation({
    mutationFn: async () => ((await save()) ? answerTo(connection.api.testSmsConnection({})) : undefined),
  });
  const found = testing.data;
  return (
    <div className="try">
      <Action busy={testing.isPending} aria-describedby="sms-test-hint" onClick={() => testing.mutate()}>
        {t(testing.isPending ? "sms.testing" : dirty ? "sms.saveAndTest" : "sms.test")}
      </Action>
      <p id="sms-test-hint" className="quiet-text">
        {t("sms.testHint")}
      </p>
      <div role="status">
        {found ? (
          <div className={found.ok ? "good with-icon" : "wrong with-icon"}>
            <Icon name={found.ok ? "pass" : "error"} />
            <div>
              {found.sentence}
              <ProviderDetails details={found.details} />
            </div>
          </div>
        ) : null}
      </div>
      {testing.error ? <ProblemLine thrown={testing.error} /> : null}
    </div>
  );
}

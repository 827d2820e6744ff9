import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { usePageState } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { Question } from "../parts/question.tsx";

/** Replaces the key that other programs send. It is never shown: programs read it from its file. */
export function LocalKey(): ReactNode {
  const { t } = useTranslation();
  const { connection, notices } = usePageState();
  const [asking, setAsking] = useState(false);
  const replacing = useMutation({
    mutationFn: async () => answerTo(connection.api.rotateLocalKey({})),
    onSuccess() {
      setAsking(false);
      notices.say("access", t("access.keyReplaced"));
    },
  });
  return (
    <section className="settings-group" aria-labelledby="local-key-heading">
      <h3 id="local-key-heading">{t("access.keyHeading")}</h3>
      <p>{t("access.keyIntro")}</p>
      <div className="actions">
        <Action onClick={() => setAsking(true)}>{t("access.replaceKey")}</Action>
      </div>
      {asking ? (
        <Question
          title={t("access.replaceKeyTitle")}
          confirm={t("access.replaceKey")}
          busy={replacing.isPending}
          error={replacing.error}
          onConfirm={() => replacing.mutate()}
          onCancel={() => {
            replacing.reset();
            setAsking(false);
          }}
        >
          <p>{t("access.replaceKeyText")}</p>
        </Question>
      ) : null}
    </section>
  );
}

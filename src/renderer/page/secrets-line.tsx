import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Overview } from "../data/follow-invites.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { Question } from "../parts/question.tsx";

/** Phones cannot be paired, or cannot connect, until something is done. */
export function isKeyUnusable({ state }: Overview["secrets"]): boolean {
  return state !== "ready" && state !== "opening";
}

/** What is wrong with the storage of the signing key, and what can be done about it. */
export function SecretsLine({ secrets }: { readonly secrets: Overview["secrets"] }): ReactNode {
  const { t } = useTranslation();
  const { connection, refresh } = usePageState();
  const [asking, setAsking] = useState(false);
  const onSettled = (): Promise<void> => refresh("invites");
  const retrying = useMutation({ mutationFn: async () => answerTo(connection.api.checkSecrets({})), onSettled });
  const moving = useMutation({
    mutationFn: async (to: "keychain" | "file") => answerTo(connection.api.moveSecrets({ to })),
    onSuccess: () => setAsking(false),
    onSettled,
  });
  const { state, sentence, ways } = secrets;
  const wrong = isKeyUnusable(secrets);

  return (
    <>
      {wrong ? (
        <p role="alert" className="secrets-state">
          <Icon name="lock" />
          <span>
            <strong>{t(secrets.kind === "keychain" && state !== "key_damaged" ? "secrets.keychainFails" : "secrets.fileFails")}</strong>{" "}
            {sentence}
            {secrets.can_pair ? null : ` ${t("secrets.meanwhile")}`}
          </span>
        </p>
      ) : null}
      {ways.length > 0 ? (
        <div className="secrets-ways">
          {ways.includes("keychain") ? <p className="quiet-text">{t("secrets.inFile")}</p> : null}
          {ways.includes("retry") ? (
            <Action busy={retrying.isPending} onClick={() => retrying.mutate()}>
              {t(retrying.isPending ? "secrets.retrying" : "page.retry")}
            </Action>
          ) : null}
          {ways.includes("file") ? <Action onClick={() => setAsking(true)}>{t("secrets.useFile")}</Action> : null}
          {ways.includes("keychain") ? (
            <Action busy={moving.isPending} onClick={() => moving.mutate("keychain")}>
              {t(moving.isPending ? "secrets.moving" : "secrets.useKeychain")}
            </Action>
          ) : null}
        </div>
      ) : null}
      {!asking && moving.error ? <ProblemLine thrown={moving.error} /> : null}
      {asking ? (
        <Question
          title={t("secrets.fileTitle")}
          confirm={t(moving.isPending ? "secrets.moving" : "secrets.fileConfirm")}
          busy={moving.isPending}
          error={moving.error}
          onConfirm={() => moving.mutate("file")}
          onCancel={() => setAsking(false)}
        >
          <p>{t("secrets.fileText")}</p>
          {secrets.new_key ? <p>{t("secrets.newKey")}</p> : null}
        </Question>
      ) : null}
    </>
  );
}

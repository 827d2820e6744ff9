import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAdminToken, usePageState } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { CopyText } from "../parts/copy-text.tsx";
import { Icon } from "../parts/icon.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { Question } from "../parts/question.tsx";

const BYTES = 32;

/** The admin token: whether there is one and where, a new one, and none. It is shown once, by the page that made it. */
export function AdminToken(): ReactNode {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { connection, notices } = usePageState();
  const { data, error, refetch } = useAdminToken();
  const [made, setMade] = useState<string>();
  const [asking, setAsking] = useState<"replace" | "remove">();

  const making = useMutation({
    mutationFn: async (token: string) => answerTo(connection.api.saveAdminToken({ admin_token: token })),
    onSuccess(now, token) {
      setAsking(undefined);
      setMade(token);
      client.setQueryData(["settings", "admin-token"], now);
      // In a browser this page is a caller like any other.
      connection.enterToken?.(token);
      notices.say("unseen", t("adminToken.made"));
    },
  });
  const removing = useMutation({
    mutationFn: async () => answerTo(connection.api.removeAdminToken({})),
    onSuccess(now) {
      setAsking(undefined);
      setMade(undefined);
      client.setQueryData(["settings", "admin-token"], now);
      notices.say("unseen", t("adminToken.removed"));
    },
  });
  const make = (): void => making.mutate(hexOf(crypto.getRandomValues(new Uint8Array(BYTES))));

  return (
    <section className="settings-group" aria-labelledby="admin-token-heading">
      <h3 id="admin-token-heading">{t("adminToken.heading")}</h3>
      {error ? <ProblemLine thrown={error} onRetry={() => void refetch()} /> : null}
      {data ? (
        <>
          <p>{t(data.locked ? "adminToken.locked" : data.set ? `adminToken.savedIn.${data.kept_in}` : "adminToken.none")}</p>
          {made === undefined ? null : (
            <div className="made-token">
              <label htmlFor="made-token" className="check with-icon">
                <Icon name="warning" />
                <span>{t("adminToken.copyNow")}</span>
              </label>
              <div className="with-back">
                <input id="made-token" readOnly dir="ltr" spellCheck={false} value={made} onFocus={({ target }) => target.select()} />
                <CopyText text={made} label={t("adminToken.copy")} name={(label) => label} refusedLabel={t("adminToken.copyFailed")} />
              </div>
            </div>
          )}
          {data.locked ? null : (
            <div className="actions">
              <Action busy={making.isPending} onClick={() => (data.set ? setAsking("replace") : make())}>
                {t(data.set ? "adminToken.replace" : "adminToken.make")}
              </Action>
              {data.set ? (
                <Action variant="quiet" onClick={() => setAsking("remove")}>
                  {t("adminToken.remove")}
                </Action>
              ) : null}
            </div>
          )}
          {asking === undefined && making.error ? <ProblemLine thrown={making.error} /> : null}
          {asking === undefined ? null : (
            <Question
              title={t(`adminToken.${asking}Title`)}
              confirm={t(`adminToken.${asking}`)}
              busy={making.isPending || removing.isPending}
              error={asking === "replace" ? making.error : removing.error}
              onConfirm={asking === "replace" ? make : () => removing.mutate()}
              onCancel={() => {
                making.reset();
                removing.reset();
                setAsking(undefined);
              }}
            >
              <p>{t("adminToken.former")}</p>
            </Question>
          )}
        </>
      ) : null}
    </section>
  );
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

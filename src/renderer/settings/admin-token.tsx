import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAdminToken, usePageState } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { CopyText } from "../parts/copy-text.tsx";
import { Icon } from "../parts/icon.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { Question } from "../parts/question.tsx";

const TOKEN_BYTES = 32;

/** Makes, replaces and removes the admin token. A token is shown once, by the page that made it. */
export function AdminToken(): ReactNode {
  const { t } = useTranslation();
  const { data, error, refetch } = useAdminToken();
  const { made, making, removing } = useTokenChanges();
  const [asking, setAsking] = useState<"replace" | "remove">();
  const close = (): void => setAsking(undefined);
  const make = (): void => making.mutate(hexOf(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES))), { onSuccess: close });

  return (
    <section className="settings-group" aria-labelledby="admin-token-heading">
      <h3 id="admin-token-heading">{t("adminToken.heading")}</h3>
      {error ? <ProblemLine thrown={error} onRetry={() => void refetch()} /> : null}
      {data ? (
        <>
          <p>{t(data.locked ? "adminToken.locked" : data.set ? `adminToken.savedIn.${data.kept_in}` : "adminToken.none")}</p>
          {made === undefined ? null : <MadeToken token={made} />}
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
              onConfirm={asking === "replace" ? make : () => removing.mutate(undefined, { onSuccess: close })}
              onCancel={() => {
                making.reset();
                removing.reset();
                close();
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

function useTokenChanges() {
  const { t } = useTranslation();
  const { client, connection, notices } = usePageState();
  const [made, setMade] = useState<string>();
  const making = useMutation({
    mutationFn: async (token: string) => answerTo(connection.api.saveAdminToken({ admin_token: token })),
    onSuccess(now, token) {
      setMade(token);
      client.setQueryData(["settings", "admin-token"], now);
      // In a browser this page needs the token as every other caller does.
      connection.enterToken?.(token);
      notices.say("unseen", t("adminToken.made"));
    },
  });
  const removing = useMutation({
    mutationFn: async () => answerTo(connection.api.removeAdminToken({})),
    onSuccess(now) {
      setMade(undefined);
      client.setQueryData(["settings", "admin-token"], now);
      notices.say("unseen", t("adminToken.removed"));
    },
  });
  return { made, making, removing };
}

function MadeToken({ token }: { readonly token: string }): ReactNode {
  const { t } = useTranslation();
  return (
    <div className="made-token">
      <label htmlFor="made-token" className="check with-icon">
        <Icon name="warning" />
        <span>{t("adminToken.copyNow")}</span>
      </label>
      <div className="with-back">
        <input id="made-token" readOnly dir="ltr" spellCheck={false} value={token} onFocus={({ target }) => target.select()} />
        <CopyText text={token} label={t("adminToken.copy")} name={(label) => label} refusedLabel={t("adminToken.copyFailed")} />
      </div>
    </div>
  );
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

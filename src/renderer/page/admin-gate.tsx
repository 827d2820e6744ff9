import { type ReactNode, type SubmitEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { usePageState } from "../data/page-state.ts";
import type { Rejection } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { SecretInput } from "../parts/secret-input.tsx";

/** Shown instead of the page while the server asks for its token. The token leaves this form for the transport's memory only. */
export function AdminGate({ rejection, checking }: { readonly rejection: Rejection; readonly checking: boolean }): ReactNode {
  const { t } = useTranslation();
  const { client, connection } = usePageState();
  const { enterToken } = connection;
  const [empty, setEmpty] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const wrong = rejection.problem.code === "admin_token_invalid";

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const token = field.current?.value.trim() ?? "";
    setEmpty(token === "");
    if (token === "") {
      field.current?.focus();
      return;
    }
    enterToken?.(token);
    void client.invalidateQueries();
  };

  return (
    <section className="card gate" aria-labelledby="gate-heading">
      <h2 id="gate-heading">
        <Icon name="lock" />
        {t("gate.heading")}
      </h2>
      {enterToken ? (
        <form onSubmit={submit} noValidate>
          <p id="gate-reason" className={wrong ? "wrong" : undefined} role={wrong ? "alert" : undefined}>
            {wrong ? t("gate.wrong") : t("gate.required")}
          </p>
          <div className="field">
            <label htmlFor="token">{t("gate.label")}</label>
            <SecretInput
              ref={field}
              id="token"
              show={t("gate.show")}
              hide={t("gate.hide")}
              aria-describedby="gate-reason gate-hint gate-empty"
              aria-invalid={wrong || empty || undefined}
            />
          </div>
          <p id="gate-empty" role="status" className="wrong">
            {empty ? t("gate.empty") : ""}
          </p>
          <p id="gate-hint" className="quiet-text">
            {t("gate.hint")}
          </p>
          <Action type="submit" variant="primary" busy={checking}>
            {t("gate.submit")}
          </Action>
        </form>
      ) : (
        <p>{t("gate.desktop")}</p>
      )}
    </section>
  );
}

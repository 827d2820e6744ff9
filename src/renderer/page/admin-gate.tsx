import { type ReactNode, type SubmitEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { usePageState } from "../data/page-state.ts";
import type { Rejection } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { SecretInput } from "../parts/secret-input.tsx";

/** The sentences where the server asks for its admin token, and where any window will do. */
const TEXTS = {
  token: {
    heading: "gate.heading",
    required: "gate.required",
    wrong: "gate.wrong",
    label: "gate.label",
    hint: "gate.hint",
    show: "gate.show",
    hide: "gate.hide",
    submit: "gate.submit",
    empty: "gate.empty",
  },
  link: {
    heading: "gate.linkHeading",
    required: "gate.linkRequired",
    wrong: "gate.linkWrong",
    label: "gate.linkLabel",
    hint: "gate.linkHint",
    show: "gate.linkShow",
    hide: "gate.linkHide",
    submit: "gate.linkSubmit",
    empty: "gate.linkEmpty",
  },
} as const;

/**
 * Shown instead of the page while the server does not know it: asks for the server's link, or for its admin token. What is typed leaves
 * this form for the transport only.
 */
export function AdminGate({ rejection, checking }: { readonly rejection: Rejection; readonly checking: boolean }): ReactNode {
  const { t } = useTranslation();
  const { client, connection } = usePageState();
  const { enterToken } = connection;
  const [empty, setEmpty] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const { code, params } = rejection.problem;
  const texts = code === "window_required" || code === "local_key_required" ? TEXTS.link : TEXTS.token;
  const wrong = code === "admin_token_invalid" || params?.["reason"] === "former_link";

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
        {t(texts.heading)}
      </h2>
      {enterToken ? (
        <form onSubmit={submit} noValidate>
          <p id="gate-reason" className={wrong ? "wrong" : undefined} role={wrong ? "alert" : undefined}>
            {wrong ? t(texts.wrong) : t(texts.required)}
          </p>
          <div className="field">
            <label htmlFor="token">{t(texts.label)}</label>
            <SecretInput
              ref={field}
              id="token"
              show={t(texts.show)}
              hide={t(texts.hide)}
              aria-describedby="gate-reason gate-hint gate-empty"
              aria-invalid={wrong || empty || undefined}
            />
          </div>
          <p id="gate-empty" role="status" className="wrong">
            {empty ? t(texts.empty) : ""}
          </p>
          <p id="gate-hint" className="quiet-text">
            {t(texts.hint)}
          </p>
          <Action type="submit" variant="primary" busy={checking}>
            {t(texts.submit)}
          </Action>
        </form>
      ) : (
        <p>{t("gate.desktop")}</p>
      )}
    </section>
  );
}

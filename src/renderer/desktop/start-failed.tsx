import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, type SubmitEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ServerState } from "../../contract/window-request-schemas.ts";
import { Action } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { usePageTitle } from "../parts/page-title.ts";
import { ProblemLine } from "../parts/problem-line.tsx";
import type { Connection } from "../transport/connection.ts";

interface StartFailedProps {
  readonly failure: Extract<ServerState, { readonly kind: "failed" }>;
  readonly desktop: NonNullable<Connection["desktop"]>;
}

/** Why the server does not run, and what to do: try again, or choose another port or folder. */
export function StartFailed({ failure, desktop }: StartFailedProps): ReactNode {
  const { t } = useTranslation();
  const client = useQueryClient();
  const heading = useRef<HTMLHeadingElement>(null);
  const trying = useMutation({
    mutationFn: async (start: () => Promise<ServerState>) => start(),
    onSuccess(state) {
      client.setQueryData(["server-state"], state);
      heading.current?.focus();
    },
  });
  usePageTitle(t("start.heading"));

  return (
    <div className="frame-less">
      <header>
        <h1>{t("page.title")}</h1>
      </header>
      <main>
        <section className="card gate" aria-labelledby="start-heading">
          <h2 id="start-heading" ref={heading} tabIndex={-1}>
            <Icon name="error" />
            {t("start.heading")}
          </h2>
          <p role="alert">{failure.sentence}</p>
          {failure.fixed && failure.fault !== "other" ? <p className="quiet-text">{t("start.fixed")}</p> : null}
          {!failure.fixed && (failure.fault === "local-port" || failure.fault === "phone-port") ? (
            <PortForm
              door={failure.fault === "phone-port" ? "phone_port" : "local_port"}
              busy={trying.isPending}
              onChoose={(choice) => trying.mutate(async () => desktop.startServer(choice))}
            />
          ) : null}
          <div className="actions">
            {!failure.fixed && failure.fault === "folder" ? (
              <Action variant="primary" busy={trying.isPending} onClick={() => trying.mutate(async () => desktop.chooseFolder({}))}>
                {t("start.chooseFolder")}
              </Action>
            ) : null}
            {failure.way_back === undefined ? null : (
              <Action busy={trying.isPending} onClick={() => trying.mutate(async () => desktop.goBack({}))}>
                {t(`start.waysBack.${failure.way_back}`)}
              </Action>
            )}
            <Action busy={trying.isPending} onClick={() => trying.mutate(async () => desktop.startServer({}))}>
              {trying.isPending ? t("start.trying") : t("page.retry")}
            </Action>
          </div>
          {trying.error ? <ProblemLine thrown={trying.error} /> : null}
        </section>
      </main>
    </div>
  );
}

interface PortFormProps {
  readonly door: "local_port" | "phone_port";
  readonly busy: boolean;
  readonly onChoose: (choice: { readonly local_port?: number; readonly phone_port?: number }) => void;
}

function PortForm({ door, busy, onChoose }: PortFormProps): ReactNode {
  const { t } = useTranslation();
  const [wrong, setWrong] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const typed = field.current?.value.trim() ?? "";
    const fits = /^\d{1,5}$/.test(typed) && Number(typed) <= 65535;
    setWrong(!fits);
    if (fits) onChoose({ [door]: Number(typed) });
    else field.current?.focus();
  };
  return (
    <form onSubmit={submit} noValidate>
      <div className="field">
        <label htmlFor="port">{t("start.port")}</label>
        <input
          ref={field}
          id="port"
          inputMode="numeric"
          autoComplete="off"
          dir="ltr"
          aria-describedby="port-hint port-wrong"
          aria-invalid={wrong || undefined}
        />
      </div>
      <p id="port-hint" className="quiet-text">
        {t("start.portHint")}
      </p>
      <p id="port-wrong" role="status" className="wrong">
        {wrong ? t("start.portWrong") : ""}
      </p>
      <Action type="submit" variant="primary" busy={busy}>
        {t("start.usePort")}
      </Action>
    </form>
  );
}

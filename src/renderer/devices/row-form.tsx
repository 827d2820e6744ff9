import { useMutation } from "@tanstack/react-query";
import type { KeyboardEvent, ReactNode, SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Level } from "../../contract/levels.ts";
import type { Device } from "../data/follow-devices.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { phoneNameIn } from "../parts/sentence.tsx";

interface RowFormProps {
  readonly className: string;
  readonly label?: string;
  readonly changing: { readonly isPending: boolean; readonly error: unknown };
  readonly onSave: () => void;
  readonly onEnd: () => void;
  readonly children: ReactNode;
  /** Below the buttons. */
  readonly note?: ReactNode;
}

/** In place of a part of a phone's row. Nothing changes before Save or Enter; Escape cancels. */
export function RowForm({ className, label, changing, onSave, onEnd, children, note }: RowFormProps): ReactNode {
  const { t } = useTranslation();
  return (
    <form
      className={`row-form ${className}`}
      aria-label={label}
      noValidate
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault();
        if (!changing.isPending) onSave();
      }}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onEnd();
      }}
    >
      {children}
      <Action type="submit" variant="primary" busy={changing.isPending}>
        {t("devices.save")}
      </Action>
      <Action variant="quiet" onClick={onEnd}>
        {t("page.cancel")}
      </Action>
      {note}
      {changing.error ? <ProblemLine thrown={changing.error} /> : null}
    </form>
  );
}

interface Change {
  readonly device_name?: string;
  readonly level?: Level;
}

/** Changes a phone; `notice` is what the page reports then. */
export function useDeviceChange(
  { device_id, user_id }: Device,
  notice: "devices.renamed" | "devices.permissionsChanged",
  onDone: () => void,
) {
  const { connection, notices, refresh } = usePageState();
  return useMutation({
    mutationFn: async (change: Change) => answerTo(connection.api.changeDevice({ device_id, user_id, ...change })),
    async onSuccess({ device_name }) {
      await refresh("devices");
      notices.say("devices", phoneNameIn(notice, device_name));
      onDone();
    },
  });
}

import { useMutation } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, type SubmitEvent, useCallback, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Device } from "../data/follow-devices.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { phoneNameIn } from "../parts/sentence.tsx";

const MAX_NAME_LENGTH = 40;

interface RenameFormProps {
  readonly device: Device;
  readonly nameTaken: (name: string) => boolean;
  readonly onEnd: () => void;
}

/** In place of the name. Enter saves, Escape cancels. */
export function RenameForm({ device, nameTaken, onEnd }: RenameFormProps): ReactNode {
  const { t } = useTranslation();
  const [name, setName] = useState(device.device_name);
  const [empty, setEmpty] = useState(false);
  const note = useId();
  const begin = useCallback((input: HTMLInputElement | null) => input?.select(), []);
  const renaming = useRename(device, onEnd);

  const save = (event: SubmitEvent): void => {
    event.preventDefault();
    const wanted = name.trim();
    if (renaming.isPending) return;
    if (wanted === "") setEmpty(true);
    else if (wanted === device.device_name) onEnd();
    else renaming.mutate(wanted);
  };

  return (
    <form className="rename" onSubmit={save} noValidate>
      <input
        ref={begin}
        dir="auto"
        value={name}
        maxLength={MAX_NAME_LENGTH}
        aria-label={t("devices.name")}
        aria-describedby={note}
        aria-invalid={empty || undefined}
        autoComplete="off"
        onChange={(event) => {
          setName(event.target.value);
          setEmpty(false);
        }}
        onKeyDown={(event: KeyboardEvent) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          onEnd();
        }}
      />
      <Action type="submit" variant="primary" busy={renaming.isPending}>
        {t("devices.save")}
      </Action>
      <Action variant="quiet" onClick={onEnd}>
        {t("page.cancel")}
      </Action>
      <span id={note} role="status" className={empty ? "wrong" : "quiet-text"}>
        {empty ? t("devices.nameEmpty") : nameTaken(name.trim()) ? t("devices.nameTwice") : ""}
      </span>
      {renaming.error ? <ProblemLine thrown={renaming.error} /> : null}
    </form>
  );
}

function useRename({ device_id, user_id }: Device, onDone: () => void) {
  const { connection, notices, refresh } = usePageState();
  return useMutation({
    mutationFn: async (device_name: string) => answerTo(connection.api.renameDevice({ device_id, user_id, device_name })),
    async onSuccess(renamed) {
      await refresh("devices");
      notices.say("devices", phoneNameIn("devices.renamed", renamed.device_name));
      onDone();
    },
  });
}

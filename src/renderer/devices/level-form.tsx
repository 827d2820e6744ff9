import { useMutation } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, type SubmitEvent, useCallback, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Level } from "../../contract/levels.ts";
import type { Device } from "../data/follow-devices.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { LevelChoice } from "../parts/level-choice.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { phoneNameIn } from "../parts/sentence.tsx";

/** In place of the actions. Nothing changes before Save; Escape cancels. */
export function LevelForm({ device, onEnd }: { readonly device: Device; readonly onEnd: () => void }): ReactNode {
  const { t } = useTranslation();
  const [level, setLevel] = useState(device.level);
  const begin = useCallback((select: HTMLSelectElement | null) => select?.focus(), []);
  const changing = useLevelChange(device, onEnd);
  return (
    <form
      className="level-form"
      aria-label={t("devices.about", { action: t("devices.permissions"), name: device.device_name || t("devices.nameless") })}
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault();
        if (changing.isPending) return;
        if (level === device.level) onEnd();
        else changing.mutate(level);
      }}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onEnd();
      }}
    >
      <LevelChoice id={useId()} level={level} onChoose={setLevel} selectRef={begin} />
      <div className="actions">
        <Action type="submit" variant="primary" busy={changing.isPending}>
          {t("devices.save")}
        </Action>
        <Action variant="quiet" onClick={onEnd}>
          {t("page.cancel")}
        </Action>
      </div>
      {changing.error ? <ProblemLine thrown={changing.error} /> : null}
    </form>
  );
}

function useLevelChange({ device_id, user_id }: Device, onDone: () => void) {
  const { connection, notices, refresh } = usePageState();
  return useMutation({
    mutationFn: async (level: Level) => answerTo(connection.api.changeDevice({ device_id, user_id, level })),
    async onSuccess({ device_name }) {
      await refresh("devices");
      notices.say("devices", phoneNameIn("devices.permissionsChanged", device_name));
      onDone();
    },
  });
}

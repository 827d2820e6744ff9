import { type ReactNode, useCallback, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Device } from "../data/follow-devices.ts";
import { LevelChoice } from "../parts/level-choice.tsx";
import { RowForm, useDeviceChange } from "./row-form.tsx";

/** In place of the actions. */
export function LevelForm({ device, onEnd }: { readonly device: Device; readonly onEnd: () => void }): ReactNode {
  const { t } = useTranslation();
  const [level, setLevel] = useState(device.level);
  const begin = useCallback((select: HTMLSelectElement | null) => select?.focus(), []);
  const changing = useDeviceChange(device, "devices.permissionsChanged", onEnd);
  return (
    <RowForm
      className="level-form"
      label={t("devices.about", { action: t("devices.permissions"), name: device.device_name || t("devices.nameless") })}
      changing={changing}
      onSave={() => (level === device.level ? onEnd() : changing.mutate({ level }))}
      onEnd={onEnd}
    >
      <LevelChoice id={useId()} level={level} onChoose={setLevel} selectRef={begin} />
    </RowForm>
  );
}

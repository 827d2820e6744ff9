import { type ReactNode, useCallback, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Device } from "../data/follow-devices.ts";
import { RowForm, useDeviceChange } from "./row-form.tsx";

const MAX_NAME_LENGTH = 40;

interface RenameFormProps {
  readonly device: Device;
  readonly nameTaken: (name: string) => boolean;
  readonly onEnd: () => void;
}

/** In place of the name. */
export function RenameForm({ device, nameTaken, onEnd }: RenameFormProps): ReactNode {
  const { t } = useTranslation();
  const [name, setName] = useState(device.device_name);
  const [empty, setEmpty] = useState(false);
  const note = useId();
  const begin = useCallback((input: HTMLInputElement | null) => input?.select(), []);
  const renaming = useDeviceChange(device, "devices.renamed", onEnd);
  const wanted = name.trim();

  const save = (): void => {
    if (wanted === "") setEmpty(true);
    else if (wanted === device.device_name) onEnd();
    else renaming.mutate({ device_name: wanted });
  };

  return (
    <RowForm
      className="rename"
      changing={renaming}
      onSave={save}
      onEnd={onEnd}
      note={
        <span id={note} role="status" className={empty ? "wrong" : "quiet-text"}>
          {empty ? t("devices.nameEmpty") : nameTaken(wanted) ? t("devices.nameTwice") : ""}
        </span>
      }
    >
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
      />
    </RowForm>
  );
}

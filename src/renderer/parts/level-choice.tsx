import type { ReactNode, Ref } from "react";
import { useTranslation } from "react-i18next";
import { LEVELS, type Level } from "../../contract/levels.ts";

interface LevelChoiceProps {
  readonly id: string;
  readonly level: Level;
  readonly onChoose: (level: Level) => void;
  readonly selectRef?: Ref<HTMLSelectElement>;
}

/** What a phone may do. */
export function LevelChoice({ id, level, onChoose, selectRef }: LevelChoiceProps): ReactNode {
  const { t } = useTranslation();
  return (
    <div className="level">
      <label htmlFor={id}>{t("devices.permissions")}</label>
      <select
        id={id}
        ref={selectRef}
        value={level}
        onChange={({ target }) => onChoose(LEVELS.find((known) => known === target.value) ?? level)}
      >
        {LEVELS.toReversed().map((known) => (
          <option key={known} value={known}>
            {t(`devices.levels.${known}`)}
          </option>
        ))}
      </select>
    </div>
  );
}

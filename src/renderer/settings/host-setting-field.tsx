import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { HostSetting } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { Ltr } from "../parts/sentence.tsx";
import { isOn, labelOf, type SettingsDraft, textOf } from "./settings-draft.ts";

interface HostSettingFieldProps {
  readonly setting: HostSetting;
  readonly draft: SettingsDraft;
  /** The rule that the text breaks. */
  readonly fault: string | undefined;
  readonly onChange: (text: string) => void;
  readonly onLeave: () => void;
}

/** A setting by its human name, with what it means, what stands without it, and who rules it. */
export function HostSettingField({ setting, draft, fault, onChange, onLeave }: HostSettingFieldProps): ReactNode {
  const { t } = useTranslation();
  const { name, kind, description, locked, restart, waiting } = setting;
  const id = `setting-${name}`;
  const label = labelOf(name);
  const text = textOf(setting, draft);
  const defaultValue = kind === "flag" ? t(isOn(setting.default ?? "") ? "settings.on" : "settings.off") : setting.default;
  const about = {
    id,
    "aria-describedby": `${id}-note ${id}-hint`,
    "aria-invalid": fault === undefined ? undefined : (true as const),
  };
  return (
    <div className="setting" data-faulty={fault === undefined ? undefined : ""}>
      {kind === "flag" ? (
        <label className="toggle" htmlFor={id}>
          <input
            {...about}
            type="checkbox"
            checked={isOn(text === "" ? (setting.default ?? "") : text)}
            aria-disabled={locked || undefined}
            onChange={({ target }) => {
              if (!locked) onChange(target.checked === isOn(setting.default ?? "") ? "" : target.checked ? "1" : "0");
            }}
            onBlur={onLeave}
          />
          <span>{label}</span>
        </label>
      ) : (
        <>
          <label htmlFor={id}>{label}</label>
          <div className="with-back">
            <input
              {...about}
              value={text}
              placeholder={locked ? undefined : setting.default}
              readOnly={locked}
              dir={kind === "number" || kind === "list" ? "ltr" : "auto"}
              inputMode={kind === "number" ? (setting.from === undefined ? "decimal" : "numeric") : undefined}
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              maxLength={4096}
              onChange={({ target }) => onChange(target.value)}
              onBlur={onLeave}
            />
            {locked || text === "" ? null : (
              <Action variant="quiet" aria-label={t("settings.backOf", { field: label })} onClick={() => onChange("")}>
                {t("settings.back")}
              </Action>
            )}
          </div>
        </>
      )}
      <div id={`${id}-note`}>
        {fault === undefined ? null : (
          <p className="wrong with-icon">
            <Icon name="error" />
            <span>{t("settings.mustBe", { field: label, rule: fault.replace(/\.$/, "") })}</span>
          </p>
        )}
        {waiting ? (
          <p className="check with-icon">
            <Icon name="waiting" />
            <span>{t("settings.waiting")}</span>
          </p>
        ) : null}
      </div>
      <div id={`${id}-hint`} className="quiet-text">
        <p>
          {description}
          {defaultValue === undefined ? null : ` ${t("settings.default", { text: defaultValue })}`}
          {restart && !waiting && !locked ? ` ${t("settings.needsRestart")}` : null}
        </p>
        {locked ? (
          <p className="in-line">
            <Icon name="lock" /> {t("page.lockedBy", { variable: name })}
          </p>
        ) : null}
      </div>
      <code className="variable">
        <Ltr>{name}</Ltr>
      </code>
    </div>
  );
}

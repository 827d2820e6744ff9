import { type ReactNode, useCallback } from "react";
import { useTranslation } from "react-i18next";
import { type HostSetting, usePageState } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { IconText } from "../parts/icon-text.tsx";
import { Ltr } from "../parts/sentence.tsx";
import { Locked } from "../parts/setting-field.tsx";
import { VERBATIM } from "../parts/verbatim.ts";
import { choiceLabelOf, defaultTextOf, isOn, labelOf, type SettingsDraft, textOf } from "./settings-draft.ts";

interface HostSettingFieldProps {
  readonly setting: HostSetting;
  readonly draft: SettingsDraft;
  /** The rule that the text breaks. */
  readonly fault: string | undefined;
  readonly onChange: (text: string) => void;
  readonly onLeave: () => void;
}

/** A setting by its label, with its description, its default, and the variable that sets it. */
export function HostSettingField(props: HostSettingFieldProps): ReactNode {
  const { t } = useTranslation();
  const { setting, fault } = props;
  const { name, kind, description, locked, restart, waiting, fault: unusable } = setting;
  const id = `setting-${name}`;
  const defaultText = defaultTextOf(setting);
  const Input = INPUTS[kind];
  const { places } = usePageState();
  /** Its control takes the focus when the setting is opened. */
  const mark = useCallback(
    (row: HTMLElement | null) => places.mark(`setting:${name}`)(row?.querySelector<HTMLElement>("input, select") ?? null),
    [places, name],
  );
  return (
    <div ref={mark} className="setting" data-faulty={fault === undefined ? undefined : ""}>
      <Input {...props} />
      <div id={`${id}-note`}>
        {fault === undefined ? null : (
          <IconText icon="error" className="wrong with-icon">
            {t("settings.mustBe", { field: labelOf(name), rule: fault.replace(/\.$/, "") })}
          </IconText>
        )}
        {unusable === undefined || fault !== undefined ? null : (
          <IconText icon="error" className="wrong with-icon">
            {t("settings.unusable", { rule: unusable.replace(/\.$/, "") })}
          </IconText>
        )}
        {waiting ? (
          <IconText icon="waiting" className="check with-icon">
            {t("settings.waiting")}
          </IconText>
        ) : null}
      </div>
      <div id={`${id}-hint`} className="quiet-text">
        <p>
          {description}
          {defaultText === undefined ? null : ` ${t("settings.default", { text: defaultText })}`}
          {restart && !waiting && !locked ? ` ${t("settings.needsRestart")}` : null}
        </p>
        {locked ? (
          <p>
            <Locked variable={name} />
          </p>
        ) : null}
      </div>
      <code className="variable">
        <Ltr>{name}</Ltr>
      </code>
    </div>
  );
}

function FlagInput({ setting, draft, fault, onChange, onLeave }: HostSettingFieldProps): ReactNode {
  const { name, locked } = setting;
  const text = textOf(setting, draft);
  const isDefaultOn = isOn(setting.default ?? "");
  return (
    <label className="toggle" htmlFor={`setting-${name}`}>
      <input
        {...attributesOf(name, fault)}
        type="checkbox"
        checked={text === "" ? isDefaultOn : isOn(text)}
        aria-disabled={locked || undefined}
        onChange={({ target }) => {
          if (!locked) onChange(target.checked === isDefaultOn ? "" : target.checked ? "1" : "0");
        }}
        onBlur={onLeave}
      />
      <span>{labelOf(name)}</span>
    </label>
  );
}

function TextInput({ setting, draft, fault, onChange, onLeave }: HostSettingFieldProps): ReactNode {
  const { t } = useTranslation();
  const { name, kind, locked } = setting;
  const label = labelOf(name);
  const text = textOf(setting, draft);
  return (
    <>
      <label htmlFor={`setting-${name}`}>{label}</label>
      <div className="with-back">
        <input
          {...attributesOf(name, fault)}
          {...VERBATIM}
          value={text}
          placeholder={locked ? undefined : setting.default}
          readOnly={locked}
          dir={kind === "number" || kind === "list" ? "ltr" : "auto"}
          inputMode={kind === "number" ? (setting.from === undefined ? "decimal" : "numeric") : undefined}
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
  );
}

function ChoiceInput({ setting, draft, fault, onChange, onLeave }: HostSettingFieldProps): ReactNode {
  const { name, locked, choices = [] } = setting;
  const text = textOf(setting, draft);
  return (
    <>
      <label htmlFor={`setting-${name}`}>{labelOf(name)}</label>
      <select
        {...attributesOf(name, fault)}
        value={text === "" ? setting.default : text}
        aria-disabled={locked || undefined}
        onChange={({ target }) => {
          if (!locked) onChange(target.value === setting.default ? "" : target.value);
        }}
        onBlur={onLeave}
      >
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {choiceLabelOf(name, choice)}
          </option>
        ))}
      </select>
    </>
  );
}

const INPUTS: Readonly<Record<HostSetting["kind"], (props: HostSettingFieldProps) => ReactNode>> = {
  flag: FlagInput,
  choice: ChoiceInput,
  text: TextInput,
  number: TextInput,
  list: TextInput,
};

/** These connect an input with its label, hint and fault. */
function attributesOf(name: string, fault: string | undefined) {
  const id = `setting-${name}`;
  return { id, "aria-describedby": `${id}-note ${id}-hint`, "aria-invalid": fault === undefined ? undefined : (true as const) };
}

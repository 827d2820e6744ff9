import { useMutation } from "@tanstack/react-query";
import { type ReactNode, type SubmitEvent, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { type HostSetting, usePageState } from "../data/page-state.ts";
import { answerTo, rejectionOf } from "../data/rejection.ts";
import { NoticeLine } from "../parts/notice-line.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { SaveRow } from "../parts/save-row.tsx";
import { useStep } from "../parts/step-forms.ts";
import { RestartLine } from "./restart-line.tsx";
import { SettingField } from "./setting-field.tsx";
import { changeOf, groupsOf, type SettingsDraft, type SettingsFaults, textOf, withoutSaved } from "./settings-draft.ts";

interface SettingsFormProps {
  readonly settings: readonly HostSetting[];
  /** Absent: a person looks for one of many. Else the few that are there are told by this heading. */
  readonly labelledBy?: string;
}

/** What is typed stays typed until it is saved or discarded, whatever news arrives meanwhile. */
export function SettingsForm({ settings, labelledBy }: SettingsFormProps): ReactNode {
  const { t } = useTranslation();
  const { client, connection, notices, refresh } = usePageState();
  const [draft, setDraft] = useState<SettingsDraft>({});
  const [faults, setFaults] = useState<SettingsFaults>({});
  const [words, setWords] = useState("");
  const busy = useRef(false);
  const fields = useRef<HTMLFormElement>(null);
  const saveButton = useRef<HTMLButtonElement>(null);
  const change = changeOf(settings, draft);
  const dirty = Object.keys(change).length > 0;
  const groups = groupsOf(settings, words);
  const shown = groups.reduce((sum, group) => sum + group.settings.length, 0);

  const saving = useMutation({
    mutationFn: async (values: Record<string, string | null>) => answerTo(connection.api.saveHostSettings({ values })),
    onSuccess(saved, asked) {
      client.setQueryData(["settings"], saved);
      setDraft((now) => withoutSaved(now, asked));
      setFaults({});
      notices.say("settings", t(saved.settings.some(({ waiting }) => waiting) ? "settings.savedWaiting" : "settings.saved"));
      void refresh("invites");
      void refresh("sms");
    },
    onError(thrown) {
      const found = faultsIn(thrown);
      if (Object.keys(found).length === 0) return;
      // The sentences are on the screen before the focus moves, and nothing hides the field.
      flushSync(() => {
        setWords("");
        setFaults(found);
      });
      fields.current?.querySelector<HTMLElement>("[data-faulty] input")?.focus();
    },
    onSettled() {
      busy.current = false;
    },
  });

  /** Whether all that was typed is saved now. */
  const save = async (): Promise<boolean> => {
    if (busy.current) return false;
    if (!dirty) return true;
    busy.current = true;
    notices.clear("settings");
    return saving.mutateAsync(change).then(
      () => true,
      // Its sentence stands at the button, and beside the fields at fault.
      () => false,
    );
  };
  const inStep = useStep(save);

  /** Asks the server whether it would take what stands in the field: it knows the rules, and this page does not repeat them. */
  const look = async (setting: HostSetting): Promise<void> => {
    const text = textOf(setting, draft);
    if (changeOf([setting], draft)[setting.name] === undefined || busy.current) return;
    const reply = await connection.api.saveHostSettings({ values: change, check_only: true });
    const rule = reply.ok ? undefined : reply.problem.errors?.find(({ field }) => nameIn(field) === setting.name)?.message;
    if (rule === undefined) return;
    // It may have been typed on meanwhile.
    setDraft((now) => {
      if (textOf(setting, now) === text) setFaults((before) => ({ ...before, [setting.name]: rule }));
      return now;
    });
  };

  return (
    <>
      {labelledBy === undefined ? (
        <div className="find">
          <label htmlFor="settings-find">{t("settings.find")}</label>
          <input
            id="settings-find"
            type="search"
            value={words}
            autoComplete="off"
            spellCheck={false}
            aria-describedby="settings-found"
            onChange={({ target }) => setWords(target.value)}
          />
          <p id="settings-found" role="status" className="quiet-text">
            {words.trim() === "" ? "" : shown === 0 ? t("settings.foundNone") : t("settings.found", { count: shown })}
          </p>
        </div>
      ) : null}
      <form
        ref={fields}
        noValidate
        onSubmit={(event: SubmitEvent) => {
          event.preventDefault();
          if (dirty) void save();
          else notices.say("settings", t("settings.unchanged"));
        }}
      >
        {groups.map(({ group, label, settings: own }) => (
          <fieldset key={group} className="settings-group" aria-labelledby={labelledBy ?? `settings-${group}`}>
            {labelledBy === undefined ? <h3 id={`settings-${group}`}>{label}</h3> : null}
            {own.map((setting) => (
              <SettingField
                key={setting.name}
                setting={setting}
                draft={draft}
                fault={faults[setting.name]}
                onChange={(text) => {
                  setDraft((now) => ({ ...now, [setting.name]: text }));
                  setFaults((now) => Object.fromEntries(Object.entries(now).filter(([name]) => name !== setting.name)));
                }}
                onLeave={() => void look(setting)}
              />
            ))}
          </fieldset>
        ))}
        <SaveRow
          words="settings"
          saveButton={saveButton}
          inStep={inStep}
          dirty={dirty}
          saving={saving.isPending}
          onDiscard={() => {
            setDraft({});
            setFaults({});
            saving.reset();
            notices.say("settings", t("settings.discarded"));
            saveButton.current?.focus();
          }}
        />
      </form>
      {saving.error ? <ProblemLine thrown={saving.error} title={t("settings.notSaved")} /> : null}
      <NoticeLine place="settings" />
      <RestartLine waiting={settings.filter(({ waiting }) => waiting)} onRestarted={() => saveButton.current?.focus()} />
    </>
  );
}

/** The faults of a refusal, by the name of the setting. */
function faultsIn(thrown: unknown): SettingsFaults {
  const faults: Record<string, string> = {};
  for (const { field, message } of rejectionOf(thrown).problem.errors ?? []) {
    const name = nameIn(field);
    if (name !== undefined) faults[name] = message;
  }
  return faults;
}

function nameIn(field: string): string | undefined {
  return /^values\.(\w+)$/.exec(field)?.[1];
}

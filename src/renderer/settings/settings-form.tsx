import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import type { ServerState } from "../../contract/window-request-schemas.ts";
import { type HostSetting, useOpenedPlaces, usePageState } from "../data/page-state.ts";
import type { Refused } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { IconText } from "../parts/icon-text.tsx";
import { NoticeLine } from "../parts/notice-line.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { SaveRow } from "../parts/save-row.tsx";
import { type FaultsOf, useDraftForm } from "../parts/use-draft-form.ts";
import { HostSettingField } from "./host-setting-field.tsx";
import { changeOf, groupsOf, labelOf, type SettingsDraft, type SettingsGroup, textOf } from "./settings-draft.ts";

interface SettingsFormProps {
  readonly settings: readonly HostSetting[];
  /** The id of the heading of a short form, which has no search. */
  readonly labelledBy?: string;
}

export function SettingsForm({ settings, labelledBy }: SettingsFormProps): ReactNode {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const { formRef, saveButton, ...form } = useSettingsForm(settings, () => setSearch(""));
  // A search might hide the setting that is opened.
  useOpenedPlaces((place) => {
    if (place.startsWith("setting:")) flushSync(() => setSearch(""));
  });
  const groups = groupsOf(settings, search);
  return (
    <>
      {labelledBy === undefined ? <SettingsSearch search={search} onSearch={setSearch} groups={groups} /> : null}
      <form ref={formRef} noValidate onSubmit={form.submit}>
        {groups.map(({ group, label, settings: own }) => (
          <fieldset key={group} className="settings-group" aria-labelledby={labelledBy ?? `settings-${group}`}>
            {labelledBy === undefined ? <h3 id={`settings-${group}`}>{label}</h3> : null}
            {own.map((setting) => (
              <HostSettingField
                key={setting.name}
                setting={setting}
                draft={form.draft}
                fault={form.faults[setting.name]}
                onChange={(text) => form.edit({ [setting.name]: text })}
                onLeave={() => void form.checkField(setting)}
              />
            ))}
          </fieldset>
        ))}
        <SaveRow {...form} saveButton={saveButton} />
      </form>
      {form.error ? <ProblemLine thrown={form.error} title={t("form.notSaved")} /> : null}
      <NoticeLine place="settings" />
      <RestartLine waiting={settings.filter(({ waiting }) => waiting)} onRestarted={() => saveButton.current?.focus()} />
    </>
  );
}

function useSettingsForm(settings: readonly HostSetting[], showAll: () => void) {
  const { t } = useTranslation();
  const { client, connection, notices, refresh } = usePageState();
  const form = useDraftForm({
    place: "settings",
    changeOf: (draft: SettingsDraft) => changeOf(settings, draft),
    send: async (values) => connection.api.saveHostSettings({ values }),
    onSaved(saved) {
      client.setQueryData(["settings"], saved);
      notices.say("settings", t(saved.settings.some(({ waiting }) => waiting) ? "settings.savedWaiting" : "settings.saved"));
      void refresh("invites");
      void refresh("sms");
    },
    faultsIn,
    onFaults: showAll,
  });
  const { draft, isSaving, addFault } = form;
  return {
    ...form,
    /** Asks the server whether it would take the text of a field. The server knows the rules, and this page does not repeat them. */
    async checkField(setting: HostSetting) {
      const text = textOf(setting, draft);
      if (changeOf([setting], draft)[setting.name] === undefined || isSaving) return;
      const reply = await connection.api.saveHostSettings({ values: changeOf(settings, draft), check_only: true });
      if (!reply.ok) addFault(setting.name, faultsIn(reply.problem)[setting.name], (now) => textOf(setting, now) === text);
    },
  };
}

interface SettingsSearchProps {
  readonly search: string;
  readonly onSearch: (search: string) => void;
  readonly groups: readonly SettingsGroup[];
}

function SettingsSearch({ search, onSearch, groups }: SettingsSearchProps): ReactNode {
  const { t } = useTranslation();
  const count = groups.reduce((sum, group) => sum + group.settings.length, 0);
  return (
    <div className="find">
      <label htmlFor="settings-find">{t("settings.find")}</label>
      <input
        id="settings-find"
        type="search"
        value={search}
        autoComplete="off"
        spellCheck={false}
        aria-describedby="settings-found"
        onChange={({ target }) => onSearch(target.value)}
      />
      <p id="settings-found" role="status" className="quiet-text">
        {search.trim() === "" ? "" : count === 0 ? t("settings.foundNone") : t("settings.found", { count })}
      </p>
    </div>
  );
}

/** The rules that a problem names, by setting. */
function faultsIn({ errors = [] }: Refused): FaultsOf<string> {
  return Object.fromEntries(
    errors.flatMap(({ field, message }) => {
      const [, name] = /^values\.(\w+)$/.exec(field) ?? [];
      return name === undefined ? [] : [[name, message]];
    }),
  );
}

/** The settings that are saved and not in use yet, by name. The desktop app can restart the server to use them. */
function RestartLine({ waiting, onRestarted }: { readonly waiting: readonly HostSetting[]; readonly onRestarted: () => void }): ReactNode {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { connection, notices } = usePageState();
  const { desktop } = connection;
  const restarting = useMutation({
    mutationFn: async (): Promise<ServerState | undefined> => desktop?.restartServer({}),
    async onSuccess(state) {
      if (state?.kind === "failed") {
        client.setQueryData(["server-state"], state);
        return;
      }
      notices.say("settings", t("settings.restarted"));
      onRestarted();
      // The server is another process: everything is read again.
      await client.invalidateQueries();
    },
  });
  if (waiting.length === 0) return null;
  return (
    <div className="restart">
      <IconText icon="waiting" className="check with-icon">
        {t("settings.restartFor", { list: waiting.map(({ name }) => labelOf(name)).join("; ") })}
        {desktop ? null : ` ${t("settings.restartServer")}`}
      </IconText>
      {desktop ? (
        <div className="actions">
          <Action busy={restarting.isPending} aria-describedby="restart-hint" onClick={() => restarting.mutate()}>
            {t(restarting.isPending ? "settings.restarting" : "settings.restart")}
          </Action>
          <span id="restart-hint" className="quiet-text">
            {t("settings.restartHint")}
          </span>
        </div>
      ) : null}
      {restarting.error ? <ProblemLine thrown={restarting.error} title={t("settings.restartFailed")} /> : null}
    </div>
  );
}

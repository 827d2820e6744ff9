import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { InvitesView, Overview } from "../data/follow-invites.ts";
import { usePageState, useReach } from "../data/page-state.ts";
import { isOnlyHere } from "../pair/only-here.tsx";
import { Icon, type IconName } from "../parts/icon.tsx";
import { timeOfDay } from "../parts/times.ts";
import { providerName } from "../words/words.ts";

interface Status {
  readonly icon: IconName;
  readonly tone: "good" | "check" | "wrong" | "";
  readonly word: string;
  /** Shown where there is room. */
  readonly detail?: string;
}

/** Whether phones can reach this computer, who sends text messages, and where the key is. Each opens its settings. */
export function StatusBar({ view: { overview } }: { readonly view: InvitesView }): ReactNode {
  const { t } = useTranslation();
  const { places, views } = usePageState();
  return (
    <footer className="status-bar">
      <ul aria-label={t("statusBar.label")}>
        <StatusItem name={t("statusBar.address")} status={useAddressStatus(overview)} onOpen={() => places.open("reachability")} />
        <StatusItem name={t("statusBar.sms")} status={useSmsStatus(overview)} onOpen={() => places.open("sms")} />
        <StatusItem name={t("statusBar.secrets")} status={useSecretsStatus(overview)} onOpen={() => views.show("settings")} />
      </ul>
    </footer>
  );
}

interface StatusItemProps {
  readonly name: string;
  readonly status: Status;
  readonly onOpen: () => void;
}

function StatusItem({ name, status: { icon, tone, word, detail }, onOpen }: StatusItemProps): ReactNode {
  return (
    <li>
      <button type="button" onClick={onOpen}>
        <span className={`in-line ${tone}`}>
          <Icon name={icon} />
        </span>
        <span>
          <span className="status-name">{name}</span> <span>{word}</span>
          {detail === undefined ? null : <bdi className="status-detail">{detail}</bdi>}
        </span>
      </button>
    </li>
  );
}

function useAddressStatus(overview: Overview): Status {
  const { t } = useTranslation();
  const { base_url } = overview;
  const { data, error, isFetching, dataUpdatedAt } = useReach(overview);
  const host = URL.parse(base_url)?.host ?? base_url;
  if (base_url === "") return { icon: "warning", tone: "check", word: t("connectivity.noAddress") };
  if (isOnlyHere(base_url)) return { icon: "warning", tone: "check", word: t("connectivity.thisComputer"), detail: host };
  if (isFetching) return { icon: "globe", tone: "", word: t("connectivity.checking"), detail: host };
  if (error || !data) return { icon: "globe", tone: "", word: t("connectivity.unchecked"), detail: host };
  if (!data.reachable) return { icon: "error", tone: "wrong", word: t("connectivity.unreachable"), detail: host };
  const near = data.result === "this_computer_only" ? "thisComputer" : data.result === "this_network_only" ? "thisNetwork" : "reachable";
  const detail = `${host}, ${t("connectivity.checkedAt", { time: timeOfDay(dataUpdatedAt) })}`;
  return { icon: "pass", tone: "good", word: t(`connectivity.${near}`), detail };
}

function useSmsStatus({ sms_provider }: Overview): Status {
  const { t } = useTranslation();
  if (sms_provider === "mock") return { icon: "beaker", tone: "check", word: t("statusBar.mock") };
  return { icon: "pass", tone: "good", word: providerName(sms_provider, t) };
}

function useSecretsStatus({ secrets: { kind, state } }: Overview): Status {
  const { t } = useTranslation();
  if (state === "ready") return { icon: "pass", tone: "good", word: t(`statusBar.kinds.${kind}`) };
  if (state === "opening") return { icon: "lock", tone: "", word: t("connectivity.checking") };
  return { icon: "lock", tone: "wrong", word: t("statusBar.unusable") };
}

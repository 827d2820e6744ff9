import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Device, keyOf } from "../data/follow-devices.ts";
import { useDevices } from "../data/lists.ts";
import { usePageState } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { LongList, useSearch } from "../parts/long-list.tsx";
import { NoticeLine } from "../parts/notice-line.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { DeviceFacts, KIND_ICON } from "./device-facts.tsx";
import { DeviceRow } from "./device-row.tsx";
import { RevokeDialog } from "./revoke-dialog.tsx";
import { RevokeOthersDialog } from "./revoke-others-dialog.tsx";

type Asked = { readonly kind: "one"; readonly device: Device } | { readonly kind: "others" } | undefined;

interface DeviceListProps {
  readonly clockOffset: number;
  readonly userId: string | undefined;
}

/** Phones that are let in, above those that no longer are. */
export function DeviceList({ clockOffset, userId }: DeviceListProps): ReactNode {
  const { t } = useTranslation();
  const { places, refresh } = usePageState();
  const { counts, error, isPending } = useDevices();
  const search = useSearch();
  const list = useDevices("live", search.text);
  const [asked, setAsked] = useState<Asked>();
  const live = list.items;
  const count = (counts?.active ?? 0) + (counts?.suspended ?? 0);

  /** The row of a revoked phone goes: the next row takes the focus, or the heading when there is none. */
  const focusAfter = (gone: Device): void => {
    const place = live.findIndex((device) => keyOf(device) === keyOf(gone));
    const next = live[place + 1] ?? live[place - 1];
    const button = next && document.querySelector<HTMLElement>(`[data-revoke="${CSS.escape(keyOf(next))}"]`);
    (button ?? document.getElementById("devices-heading"))?.focus();
  };

  return (
    <section className="card" aria-labelledby="devices-heading" aria-busy={isPending}>
      <div className="card-head">
        <h2 id="devices-heading" tabIndex={-1} ref={places.mark("devices")}>
          {t("devices.heading")}
        </h2>
        {count > 0 ? <span className="quiet-text">{t("devices.count", { count })}</span> : null}
      </div>
      <NoticeLine place="devices" />
      {(error ?? list.error) ? <ProblemLine thrown={error ?? list.error} onRetry={() => void refresh("devices")} /> : null}
      {isPending ? <Skeleton /> : null}
      {counts && count === 0 ? (
        <div className="empty">
          <p>{t("devices.empty")}</p>
          <Action variant="primary" onClick={() => places.open("pair")}>
            {t("devices.pairFirst")}
          </Action>
        </div>
      ) : null}
      <LongList list={list} idOf={keyOf} label={t("devices.heading")} total={count} search={search} searchLabel={t("devices.search")}>
        {(device) => (
          <DeviceRow
            device={device}
            clockOffset={clockOffset}
            foreign={userId !== undefined && device.user_id !== userId}
            nameTaken={(name) => live.some((other) => other !== device && other.device_name === name)}
            onRevoke={() => setAsked({ kind: "one", device })}
          />
        )}
      </LongList>
      {counts && counts.active >= 2 ? (
        <Action variant="quiet" className="danger-text" onClick={() => setAsked({ kind: "others" })}>
          {t("devices.revokeOthers")}
        </Action>
      ) : null}
      {counts && counts.revoked > 0 ? <RevokedPhones count={counts.revoked} clockOffset={clockOffset} userId={userId} /> : null}
      {asked?.kind === "one" ? (
        <RevokeDialog device={asked.device} onClose={() => setAsked(undefined)} onDone={() => focusAfter(asked.device)} />
      ) : null}
      {asked?.kind === "others" ? (
        <RevokeOthersDialog
          count={count}
          clockOffset={clockOffset}
          onClose={() => setAsked(undefined)}
          onDone={() => document.getElementById("devices-heading")?.focus()}
        />
      ) : null}
    </section>
  );
}

interface RevokedPhonesProps extends DeviceListProps {
  readonly count: number;
}

/** Read when somebody wants to know. */
function RevokedPhones({ count, clockOffset, userId }: RevokedPhonesProps): ReactNode {
  const { t } = useTranslation();
  const { refresh } = usePageState();
  const [open, setOpen] = useState(false);
  const search = useSearch();
  const list = useDevices("revoked", search.text, open);
  return (
    <details className="revoked" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("devices.revokedList", { count })}</summary>
      {open && list.isPending && !list.error ? <p>{t("page.loading")}</p> : null}
      {list.error ? <ProblemLine thrown={list.error} onRetry={() => void refresh("devices")} /> : null}
      {open ? (
        <LongList
          list={list}
          idOf={idOfRevoked}
          label={t("devices.revokedName")}
          total={count}
          search={search}
          searchLabel={t("devices.searchRevoked")}
        >
          {(device) => (
            <li className="row">
              <div className="row-head">
                <span className="badge">
                  <Icon name={KIND_ICON[device.device_type]} />
                </span>
                <DeviceFacts device={device} clockOffset={clockOffset} foreign={userId !== undefined && device.user_id !== userId} />
              </div>
            </li>
          )}
        </LongList>
      ) : null}
    </details>
  );
}

/** A phone may have been paired and revoked more than once. */
function idOfRevoked(device: Device): string {
  return `${keyOf(device)}${device.paired_at}`;
}

function Skeleton(): ReactNode {
  const { t } = useTranslation();
  return (
    <>
      <span className="unseen">{t("devices.loading")}</span>
      <div className="skeleton" aria-hidden="true">
        <span />
        <span />
      </div>
    </>
  );
}

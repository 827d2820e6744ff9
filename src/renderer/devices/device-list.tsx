import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useDesk, useDevices } from "../data/desk.ts";
import { type Device, keyOf } from "../data/follow-devices.ts";
import { Action } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
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
  const { places, refresh } = useDesk();
  const { data, error, isPending } = useDevices();
  const [asked, setAsked] = useState<Asked>();

  const newestFirst = [...(data ?? [])].sort((a, b) => b.paired_at.localeCompare(a.paired_at));
  const live = newestFirst.filter(({ status }) => status !== "revoked");
  const revoked = newestFirst.filter(({ status }) => status === "revoked");
  const active = live.filter(({ status }) => status === "active");

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
        {live.length > 0 ? <span className="quiet-text">{t("devices.count", { count: live.length })}</span> : null}
      </div>
      <NoticeLine place="devices" />
      {error ? <ProblemLine thrown={error} onRetry={() => void refresh("devices")} /> : null}
      {isPending ? <Skeleton /> : null}
      {data && live.length === 0 ? (
        <div className="empty">
          <p>{t("devices.empty")}</p>
          <Action look="primary" onClick={() => places.open("pair")}>
            {t("devices.pairFirst")}
          </Action>
        </div>
      ) : null}
      {live.length > 0 ? (
        <ul className="rows">
          {live.map((device) => (
            <DeviceRow
              key={keyOf(device)}
              device={device}
              clockOffset={clockOffset}
              foreign={userId !== undefined && device.user_id !== userId}
              nameTaken={(name) => live.some((other) => other !== device && other.device_name === name)}
              onRevoke={() => setAsked({ kind: "one", device })}
            />
          ))}
        </ul>
      ) : null}
      {active.length >= 2 ? (
        <Action look="quiet" className="danger-text" onClick={() => setAsked({ kind: "others" })}>
          {t("devices.revokeOthers")}
        </Action>
      ) : null}
      {revoked.length > 0 ? (
        <details className="revoked">
          <summary>{t("devices.revokedList", { count: revoked.length })}</summary>
          <ul className="rows">
            {revoked.map((device) => (
              <li key={`${keyOf(device)}${device.paired_at}`} className="row">
                <div className="row-head">
                  <span className="badge">
                    <Icon name={KIND_ICON[device.device_type]} />
                  </span>
                  <DeviceFacts device={device} clockOffset={clockOffset} foreign={userId !== undefined && device.user_id !== userId} />
                </div>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
      {asked?.kind === "one" ? (
        <RevokeDialog device={asked.device} onClose={() => setAsked(undefined)} onDone={() => focusAfter(asked.device)} />
      ) : null}
      {asked?.kind === "others" ? (
        <RevokeOthersDialog
          devices={live}
          clockOffset={clockOffset}
          onClose={() => setAsked(undefined)}
          onDone={() => document.getElementById("devices-heading")?.focus()}
        />
      ) : null}
    </section>
  );
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

import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { type Device, keyOf, pairingKeyOf } from "../data/follow-devices.ts";
import { useDevices } from "../data/lists.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { LongList, useSearch } from "../parts/long-list.tsx";
import { NoticeLine } from "../parts/notice-line.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { Question } from "../parts/question.tsx";
import { RowHead } from "../parts/row-head.tsx";
import { phoneNameIn } from "../parts/sentence.tsx";
import { Skeleton } from "../parts/skeleton.tsx";
import { DeviceFacts, KIND_ICON } from "./device-facts.tsx";
import { DeviceRow } from "./device-row.tsx";
import { RevokeOthersDialog } from "./revoke-others-dialog.tsx";

interface DeviceListProps {
  readonly clockOffset: number;
  readonly userId: string | undefined;
}

/** Phones with access, above the revoked ones. */
export function DeviceList({ clockOffset, userId }: DeviceListProps): ReactNode {
  const { t } = useTranslation();
  const { places, refresh } = usePageState();
  const { counts, error, isPending } = useDevices();
  const search = useSearch();
  const list = useDevices("live", search.text);
  /** What a dialog asks to revoke. */
  const [revoking, setRevoking] = useState<Device | "others">();
  const closeDialog = (): void => setRevoking(undefined);
  const live = list.items;
  const count = (counts?.active ?? 0) + (counts?.suspended ?? 0);

  return (
    <section className="card" aria-labelledby="devices-heading" aria-busy={isPending}>
      <div className="card-head">
        <h2 id="devices-heading" tabIndex={-1} ref={places.mark("devices")}>
          {t("devices.heading")}
        </h2>
      </div>
      <NoticeLine place="devices" />
      {(error ?? list.error) ? <ProblemLine thrown={error ?? list.error} onRetry={() => void refresh("devices")} /> : null}
      {isPending ? <Skeleton label={t("devices.loading")} /> : null}
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
            onRevoke={() => setRevoking(device)}
          />
        )}
      </LongList>
      {counts && counts.active >= 2 ? (
        <Action variant="quiet" className="danger-text" onClick={() => setRevoking("others")}>
          {t("devices.revokeOthers")}
        </Action>
      ) : null}
      {counts && counts.revoked > 0 ? <RevokedPhones count={counts.revoked} clockOffset={clockOffset} userId={userId} /> : null}
      {revoking === "others" ? (
        <RevokeOthersDialog count={count} clockOffset={clockOffset} onClose={closeDialog} onDone={() => focusRow(undefined)} />
      ) : revoking ? (
        <RevokeDialog device={revoking} onClose={closeDialog} onDone={() => focusRow(neighborOf(revoking, live))} />
      ) : null}
    </section>
  );
}

/** The row that takes the focus when this one is gone. */
function neighborOf(device: Device, devices: readonly Device[]): Device | undefined {
  const place = devices.findIndex((other) => keyOf(other) === keyOf(device));
  return devices[place + 1] ?? devices[place - 1];
}

/** Focuses a row's button; the heading where there is no row. */
function focusRow(device: Device | undefined): void {
  const button = device && document.querySelector<HTMLElement>(`[data-revoke="${CSS.escape(keyOf(device))}"]`);
  (button ?? document.getElementById("devices-heading"))?.focus();
}

interface RevokedPhonesProps extends DeviceListProps {
  readonly count: number;
}

/** Nothing is read until the list is opened. */
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
          idOf={pairingKeyOf}
          label={t("devices.revokedName")}
          total={count}
          search={search}
          searchLabel={t("devices.searchRevoked")}
        >
          {(device) => (
            <li className="row">
              <RowHead icon={KIND_ICON[device.device_type]}>
                <DeviceFacts device={device} clockOffset={clockOffset} foreign={userId !== undefined && device.user_id !== userId} />
              </RowHead>
            </li>
          )}
        </LongList>
      ) : null}
    </details>
  );
}

interface RevokeDialogProps {
  readonly device: Device;
  readonly onClose: () => void;
  /** The phone is revoked and the dialog is gone. */
  readonly onDone: () => void;
}

function RevokeDialog({ device, onClose, onDone }: RevokeDialogProps): ReactNode {
  const { t } = useTranslation();
  const { connection, notices, refresh } = usePageState();
  const revoking = useMutation({
    mutationFn: async () => answerTo(connection.api.revokeDevice({ device_id: device.device_id, user_id: device.user_id })),
    onSuccess() {
      // The dialog would give the focus back to a row that is about to go.
      flushSync(onClose);
      onDone();
      notices.say("devices", phoneNameIn("devices.revoked_done", device.device_name));
    },
    onSettled: () => refresh("devices"),
  });
  return (
    <Question
      title={phoneNameIn("devices.revokeTitle", device.device_name)}
      confirm={revoking.isPending ? t("devices.revoking") : t("devices.revoke")}
      busy={revoking.isPending}
      error={revoking.error}
      onConfirm={() => revoking.mutate()}
      onCancel={onClose}
    >
      <p>{phoneNameIn("devices.revokeText", device.device_name)}</p>
    </Question>
  );
}

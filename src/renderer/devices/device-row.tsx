import { useMutation } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, type Ref, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import type { AnswerOf } from "../../contract/operations.ts";
import { type Device, keyOf } from "../data/follow-devices.ts";
import { useNotification } from "../data/lists.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { RowHead } from "../parts/row-head.tsx";
import { phoneNameIn } from "../parts/sentence.tsx";
import { DeviceFacts, KIND_ICON } from "./device-facts.tsx";
import { LevelForm } from "./level-form.tsx";
import { RenameForm } from "./rename-form.tsx";

interface DeviceRowProps {
  readonly device: Device;
  readonly clockOffset: number;
  readonly foreign: boolean;
  readonly nameTaken: (name: string) => boolean;
  readonly onRevoke: () => void;
}

export function DeviceRow({ device, clockOffset, foreign, nameTaken, onRevoke }: DeviceRowProps): ReactNode {
  const { places } = usePageState();
  const [editing, setEditing] = useState<"name" | "level">();
  const renameButton = useRef<HTMLButtonElement>(null);
  const levelButton = useRef<HTMLButtonElement>(null);
  const { testing, switching } = useDeviceActions(device);
  const endEditing = (): void => {
    const button = editing === "level" ? levelButton : renameButton;
    flushSync(() => setEditing(undefined));
    button.current?.focus();
  };
  return (
    <li
      className="row device"
      tabIndex={-1}
      ref={places.mark(`device:${device.device_id}`)}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key !== "F2") return;
        event.preventDefault();
        setEditing("name");
      }}
    >
      <RowHead icon={KIND_ICON[device.device_type]} status={device.status}>
        <DeviceFacts device={device} clockOffset={clockOffset} foreign={foreign}>
          {editing === "name" ? <RenameForm device={device} nameTaken={nameTaken} onEnd={endEditing} /> : undefined}
        </DeviceFacts>
      </RowHead>
      {device.confirmed === false && device.status === "active" ? <ConfirmPhone device={device} /> : null}
      {editing === "level" ? <LevelForm device={device} onEnd={endEditing} /> : null}
      {editing ? null : (
        <DeviceActions
          device={device}
          testing={testing}
          switching={switching}
          renameButton={renameButton}
          levelButton={levelButton}
          onEdit={setEditing}
          onRevoke={onRevoke}
        />
      )}
      <TestResult device={device} tested={testing.data} />
      {testing.error ? <ProblemLine thrown={testing.error} /> : null}
      {switching.error ? <ProblemLine thrown={switching.error} /> : null}
    </li>
  );
}

/** For a phone whose invite no person at this computer made. */
function ConfirmPhone({ device }: { readonly device: Device }): ReactNode {
  const { t } = useTranslation();
  const { connection, notices, refresh } = usePageState();
  const { device_id, user_id, device_name } = device;
  const confirming = useMutation({
    mutationFn: async () => answerTo(connection.api.confirmDevice({ device_id, user_id })),
    onSuccess: () => notices.say("devices", phoneNameIn("devices.confirmed_done", device_name)),
    onSettled: () => refresh("devices"),
  });
  return (
    <div className="confirm-phone">
      <p>{t("devices.confirmWhy")}</p>
      <Action
        variant="primary"
        busy={confirming.isPending}
        aria-label={t("devices.about", { action: t("devices.confirm"), name: device_name || t("devices.nameless") })}
        onClick={() => confirming.mutate()}
      >
        {t("devices.confirm")}
      </Action>
      {confirming.error ? <ProblemLine thrown={confirming.error} /> : null}
    </div>
  );
}

function useDeviceActions({ device_id, user_id, device_name, status }: Device) {
  const { connection, notices, refresh } = usePageState();
  const { api } = connection;
  const choice = { device_id, user_id };
  const suspended = status === "suspended";
  const switching = useMutation({
    mutationFn: async () => answerTo(suspended ? api.reactivateDevice(choice) : api.suspendDevice(choice)),
    onSuccess: () => notices.say("devices", phoneNameIn(suspended ? "devices.reactivated_done" : "devices.suspended_done", device_name)),
    onSettled: () => refresh("devices"),
  });
  const testing = useMutation({
    mutationFn: async () => answerTo(api.testDevice(choice)),
    onSettled: () => refresh("messages"),
  });
  return { switching, testing };
}

interface DeviceActionsProps extends ReturnType<typeof useDeviceActions> {
  readonly device: Device;
  readonly renameButton: Ref<HTMLButtonElement>;
  readonly levelButton: Ref<HTMLButtonElement>;
  readonly onEdit: (what: "name" | "level") => void;
  readonly onRevoke: () => void;
}

function DeviceActions({ device, testing, switching, renameButton, levelButton, onEdit, onRevoke }: DeviceActionsProps): ReactNode {
  const { t } = useTranslation();
  const suspended = device.status === "suspended";
  const switchLabel = t(suspended ? "devices.reactivate" : "devices.suspend");
  const about = (action: string): string => t("devices.about", { action, name: device.device_name || t("devices.nameless") });
  return (
    <div className="actions">
      <Action
        ref={renameButton}
        variant="quiet"
        title={t("devices.renameTitle")}
        aria-label={about(t("devices.rename"))}
        onClick={() => onEdit("name")}
      >
        {t("devices.rename")}
      </Action>
      <Action ref={levelButton} variant="quiet" aria-label={about(t("devices.permissions"))} onClick={() => onEdit("level")}>
        {t("devices.permissions")}
      </Action>
      <Action variant="quiet" busy={switching.isPending} aria-label={about(switchLabel)} onClick={() => switching.mutate()}>
        {switchLabel}
      </Action>
      {suspended ? null : (
        <Action variant="quiet" busy={testing.isPending} aria-label={about(t("devices.test"))} onClick={() => testing.mutate()}>
          {t("devices.test")}
        </Action>
      )}
      <Action
        variant="quiet"
        className="danger-text"
        data-revoke={keyOf(device)}
        aria-label={about(t("devices.revoke"))}
        onClick={onRevoke}
      >
        {t("devices.revoke")}
      </Action>
    </div>
  );
}

/** The state of the test message. The answer to the test is out of date soon: the history of notifications is followed. */
function TestResult({ device, tested }: { readonly device: Device; readonly tested: AnswerOf<"testDevice"> | undefined }): ReactNode {
  const { t } = useTranslation();
  const deliveries = useNotification(tested?.notification_id)?.deliveries ?? [];
  const delivery = deliveries.find((each) => keyOf(each) === keyOf(device));
  return (
    <p role="status" className="quiet-text">
      {tested ? `${t(`devices.tested.${delivery?.state ?? tested.inbox.state}`)} ${channelsOf(tested)}` : ""}
    </p>
  );
}

/** The result of the push, and of text messages where they are switched on. */
function channelsOf({ push, sms }: AnswerOf<"testDevice">): string {
  return sms.state === "off" ? push.sentence : `${push.sentence} ${sms.sentence}`;
}

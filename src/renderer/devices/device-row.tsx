import { useMutation } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import type { AnswerOf } from "../../contract/operations.ts";
import { type Device, keyOf } from "../data/follow-devices.ts";
import { useNotification } from "../data/lists.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { phoneNameIn } from "../parts/sentence.tsx";
import { DeviceFacts, KIND_ICON } from "./device-facts.tsx";
import { RenameForm } from "./rename-form.tsx";

interface DeviceRowProps {
  readonly device: Device;
  readonly clockOffset: number;
  readonly foreign: boolean;
  readonly nameTaken: (name: string) => boolean;
  readonly onRevoke: () => void;
}

export function DeviceRow({ device, clockOffset, foreign, nameTaken, onRevoke }: DeviceRowProps): ReactNode {
  const { t } = useTranslation();
  const { connection, notices, places, refresh } = usePageState();
  const [renaming, setRenaming] = useState(false);
  const renameButton = useRef<HTMLButtonElement>(null);
  const name = device.device_name === "" ? t("devices.nameless") : device.device_name;
  const choice = { device_id: device.device_id, user_id: device.user_id };
  const suspended = device.status === "suspended";
  const about = (action: string): string => t("devices.about", { action, name });

  const switching = useMutation({
    mutationFn: async () => answerTo(suspended ? connection.api.reactivateDevice(choice) : connection.api.suspendDevice(choice)),
    onSuccess: () =>
      notices.say("devices", phoneNameIn(suspended ? "devices.reactivated_done" : "devices.suspended_done", device.device_name)),
    onSettled: () => refresh("devices"),
  });

  const testing = useMutation({
    mutationFn: async () => answerTo(connection.api.testDevice(choice)),
    onSettled: () => refresh("messages"),
  });

  // The answer to the test is how it stood then; what became of it is in the history of notifications.
  const tested = testing.data;
  const delivery = useNotification(tested?.notification_id)?.deliveries.find(
    ({ device_id, user_id }) => device_id === device.device_id && user_id === device.user_id,
  );

  const endRenaming = (): void => {
    flushSync(() => setRenaming(false));
    renameButton.current?.focus();
  };

  return (
    <li
      className="row device"
      tabIndex={-1}
      ref={places.mark(`device:${device.device_id}`)}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key !== "F2") return;
        event.preventDefault();
        setRenaming(true);
      }}
    >
      <div className="row-head">
        <span className={`badge ${device.status}`}>
          <Icon name={KIND_ICON[device.device_type]} />
        </span>
        <DeviceFacts device={device} clockOffset={clockOffset} foreign={foreign}>
          {renaming ? <RenameForm device={device} nameTaken={nameTaken} onEnd={endRenaming} /> : undefined}
        </DeviceFacts>
      </div>
      {renaming ? null : (
        <div className="actions">
          <Action
            ref={renameButton}
            variant="quiet"
            title={t("devices.renameTitle")}
            aria-label={about(t("devices.rename"))}
            onClick={() => setRenaming(true)}
          >
            {t("devices.rename")}
          </Action>
          <Action
            variant="quiet"
            busy={switching.isPending}
            aria-label={about(t(suspended ? "devices.reactivate" : "devices.suspend"))}
            onClick={() => switching.mutate()}
          >
            {t(suspended ? "devices.reactivate" : "devices.suspend")}
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
      )}
      <p role="status" className="quiet-text">
        {tested ? `${t(`devices.tested.${delivery?.state ?? tested.inbox.state}`)} ${roadsOf(tested)}` : ""}
      </p>
      {testing.error ? <ProblemLine thrown={testing.error} /> : null}
      {switching.error ? <ProblemLine thrown={switching.error} /> : null}
    </li>
  );
}

/** What came of push, and how text messages stand where they are switched on. */
function roadsOf({ push, sms }: AnswerOf<"testDevice">): string {
  return sms.state === "off" ? push.sentence : `${push.sentence} ${sms.sentence}`;
}

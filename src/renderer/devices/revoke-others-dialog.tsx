import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { useDesk } from "../data/desk.ts";
import { type Device, keyOf } from "../data/follow-devices.ts";
import { answerTo } from "../data/refusal.ts";
import { Question } from "../parts/question.tsx";
import { PhoneName } from "../parts/sentence.tsx";

interface RevokeOthersDialogProps {
  /** All that are not revoked. */
  readonly devices: readonly Device[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** A phone is lost: which one is in the hand? The one that was seen last is proposed. */
export function RevokeOthersDialog({ devices, onClose, onDone }: RevokeOthersDialogProps): ReactNode {
  const { t } = useTranslation();
  const { connection, notices, refresh } = useDesk();
  const [kept, setKept] = useState(() => devices.toSorted((a, b) => b.last_seen.localeCompare(a.last_seen))[0]?.device_id);
  const count = devices.filter((device) => device.device_id !== kept).length;

  const revoking = useMutation({
    mutationFn: async () => answerTo(connection.api.revokeAllDevices(kept === undefined ? {} : { except_device_id: kept })),
    onSuccess({ revoked }) {
      flushSync(onClose);
      onDone();
      notices.say("devices", t("devices.othersDone", { count: revoked }));
    },
    onSettled: () => refresh("devices"),
  });

  return (
    <Question
      title={t("devices.othersTitle")}
      confirm={revoking.isPending ? t("devices.revoking") : t("devices.othersButton", { count })}
      busy={revoking.isPending}
      error={revoking.error}
      onConfirm={() => revoking.mutate()}
      onCancel={onClose}
    >
      <p>{t("devices.othersText")}</p>
      <fieldset className="radios">
        <legend>{t("devices.keep")}</legend>
        {devices.map((device) => (
          <label key={keyOf(device)}>
            <input type="radio" name="kept" checked={kept === device.device_id} onChange={() => setKept(device.device_id)} />
            <span>
              <PhoneName name={device.device_name} />
            </span>
          </label>
        ))}
        <label>
          <input type="radio" name="kept" checked={kept === undefined} onChange={() => setKept(undefined)} />
          <span>{t("devices.keepNone")}</span>
        </label>
      </fieldset>
    </Question>
  );
}

import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import type { Device } from "../data/follow-devices.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { Question } from "../parts/question.tsx";
import { phoneNameIn } from "../parts/sentence.tsx";

interface RevokeDialogProps {
  readonly device: Device;
  readonly onClose: () => void;
  /** The phone is revoked and the dialog is gone. */
  readonly onDone: () => void;
}

export function RevokeDialog({ device, onClose, onDone }: RevokeDialogProps): ReactNode {
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

import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { useDesk } from "../data/desk.ts";
import { type Device, keyOf } from "../data/follow-devices.ts";
import { answerTo } from "../data/refusal.ts";
import { Question } from "../parts/question.tsx";
import { fill, Ltr, PhoneName } from "../parts/sentence.tsx";
import { DeviceFacts } from "./device-facts.tsx";

interface RevokeOthersDialogProps {
  /** All that are not revoked. */
  readonly devices: readonly Device[];
  readonly clockOffset: number;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

const NONE = "none";

/**
 * A phone is lost, and the others go with it. Nothing is chosen in advance: after a theft, the phone that was seen last is the thief's.
 */
export function RevokeOthersDialog({ devices, clockOffset, onClose, onDone }: RevokeOthersDialogProps): ReactNode {
  const { t } = useTranslation();
  const { connection, notices, refresh } = useDesk();
  const [kept, setKept] = useState<string>();
  const [typed, setTyped] = useState("");
  const [incomplete, setIncomplete] = useState(false);
  const field = useId();
  const keptDevice = devices.find((device) => keyOf(device) === kept);
  // A phone that somebody else has revoked meanwhile cannot be kept.
  const chosen = kept === NONE || keptDevice !== undefined;
  const confirmed = typed.trim().toLowerCase() === t("devices.othersWord");
  const count = devices.length - (keptDevice ? 1 : 0);
  const missing = !chosen ? t("devices.othersChoose") : confirmed ? "" : t("devices.othersType");

  const revoking = useMutation({
    mutationFn: async () => revokeAllBut(keptDevice),
    onSuccess(revoked) {
      flushSync(onClose);
      onDone();
      notices.say("devices", t("devices.othersDone", { count: revoked }));
    },
    onSettled: () => refresh("devices"),
  });

  async function revokeAllBut(device: Device | undefined): Promise<number> {
    if (!device) return (await answerTo(connection.api.revokeAllDevices({}))).revoked;
    const namesakes = devices.filter((other) => other !== device && other.device_id === device.device_id);
    // Two users may have phones with the same id: sparing the id would spare both.
    let revoked = (await answerTo(connection.api.revokeAllDevices({ except_device_id: device.device_id }))).revoked;
    for (const { device_id, user_id } of namesakes) {
      await answerTo(connection.api.revokeDevice({ device_id, user_id }));
      revoked += 1;
    }
    return revoked;
  }

  return (
    <Question
      title={t("devices.othersTitle")}
      wide
      confirm={revoking.isPending ? t("devices.revoking") : chosen ? t("devices.othersButton", { count }) : t("devices.othersButtonOpen")}
      busy={revoking.isPending}
      error={revoking.error}
      onConfirm={() => {
        setIncomplete(missing !== "");
        if (missing === "") revoking.mutate();
      }}
      onCancel={onClose}
      beforeAnswers={
        <div className="field typed-confirmation">
          <label htmlFor={field}>{fill("devices.othersTypeLabel", { word: <strong>{t("devices.othersWord")}</strong> })}</label>
          <input
            id={field}
            value={typed}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            aria-describedby={`${field}-missing`}
            onChange={(event) => setTyped(event.target.value)}
          />
          <p id={`${field}-missing`} role="status" className="wrong">
            {incomplete ? missing : ""}
          </p>
        </div>
      }
    >
      <p>{t("devices.othersText")}</p>
      <fieldset className="radios phones-to-keep">
        <legend>{t("devices.keep")}</legend>
        {devices.map((device) => (
          <label key={keyOf(device)}>
            <input type="radio" name="kept" checked={kept === keyOf(device)} onChange={() => setKept(keyOf(device))} />
            <DeviceFacts device={device} clockOffset={clockOffset} foreign>
              <strong>
                <PhoneName name={device.device_name} />
              </strong>
              {devices.some((other) => other !== device && other.device_name === device.device_name) ? (
                <span className="facts">
                  <span>{fill("devices.id", { id: <Ltr>{device.device_id}</Ltr> })}</span>
                </span>
              ) : null}
            </DeviceFacts>
          </label>
        ))}
        <label>
          <input type="radio" name="kept" checked={kept === NONE} onChange={() => setKept(NONE)} />
          <strong>{t("devices.keepNone")}</strong>
        </label>
      </fieldset>
    </Question>
  );
}

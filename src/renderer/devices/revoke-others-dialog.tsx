import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { type Device, keyOf } from "../data/follow-devices.ts";
import { readNamesakes, useDevices, useNamesakes } from "../data/lists.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { LongList, useSearch } from "../parts/long-list.tsx";
import { Question } from "../parts/question.tsx";
import { fill, Ltr, PhoneName } from "../parts/sentence.tsx";
import { DeviceFacts } from "./device-facts.tsx";

interface RevokeOthersDialogProps {
  /** How many are not revoked. */
  readonly count: number;
  readonly clockOffset: number;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

const NONE = "none";

/**
 * A phone is lost, and the others go with it. Nothing is chosen in advance: after a theft, the phone that was seen last is the thief's.
 */
export function RevokeOthersDialog({ count: all, clockOffset, onClose, onDone }: RevokeOthersDialogProps): ReactNode {
  const { t } = useTranslation();
  const { connection, notices, refresh } = usePageState();
  const search = useSearch();
  const list = useDevices("live", search.text);
  const devices = list.items;
  const [kept, setKeptDevice] = useState<Device | typeof NONE>();
  const [typed, setTyped] = useState("");
  const [incomplete, setIncomplete] = useState(false);
  const field = useId();
  // It may be on no page that is shown any more, and two users may have phones with the same id.
  const namesakes = useNamesakes(kept === NONE ? undefined : kept).data;
  const isSaved = (device: Device): boolean => kept !== undefined && kept !== NONE && keyOf(device) === keyOf(kept);
  // A phone that somebody else has revoked meanwhile cannot be kept.
  const keptDevice = kept === undefined || kept === NONE ? undefined : namesakes ? namesakes.find(isSaved) : kept;
  const chosen = kept === NONE || keptDevice !== undefined;
  const confirmed = typed.trim().toLowerCase() === t("devices.othersWord");
  const count = all - (keptDevice ? 1 : 0);
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
    let revoked = (await answerTo(connection.api.revokeAllDevices({ except_device_id: device.device_id }))).revoked;
    // Sparing the id spares those of other users as well.
    for (const { device_id, user_id } of await readNamesakes(connection, device)) {
      if (user_id === device.user_id) continue;
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
        <LongList
          list={list}
          idOf={keyOf}
          rows="div"
          label={t("devices.keep")}
          total={all}
          search={search}
          searchLabel={t("devices.search")}
        >
          {(device) => (
            <label>
              <input type="radio" name="kept" checked={isSaved(device)} onChange={() => setKeptDevice(device)} />
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
          )}
        </LongList>
        <label>
          <input type="radio" name="kept" checked={kept === NONE} onChange={() => setKeptDevice(NONE)} />
          <strong>{t("devices.keepNone")}</strong>
        </label>
      </fieldset>
    </Question>
  );
}

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
import { VERBATIM } from "../parts/verbatim.ts";
import type { Connection } from "../transport/connection.ts";
import { DeviceFacts } from "./device-facts.tsx";

interface RevokeOthersDialogProps {
  /** How many are not revoked. */
  readonly count: number;
  readonly clockOffset: number;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** The phone to keep, or none. `undefined`: nothing is chosen yet. */
type Choice = Device | "none" | undefined;

/**
 * Revokes all phones but one, after a phone was lost. Nothing is chosen in advance: after a theft, the phone that was seen last is the
 * thief's.
 */
export function RevokeOthersDialog({ count: all, clockOffset, onClose, onDone }: RevokeOthersDialogProps): ReactNode {
  const { t } = useTranslation();
  const [choice, setChoice] = useState<Choice>();
  const [typed, setTyped] = useState("");
  const [incomplete, setIncomplete] = useState(false);
  const spared = useSpared(choice);
  const chosen = choice === "none" || spared !== undefined;
  const confirmed = typed.trim().toLowerCase() === t("devices.othersWord");
  const count = all - (spared ? 1 : 0);
  const missing = !chosen ? t("devices.othersChoose") : confirmed ? "" : t("devices.othersType");
  const { connection, notices, refresh } = usePageState();
  const revoking = useMutation({
    mutationFn: async () => revokeAllBut(spared, connection),
    onSuccess(revoked) {
      flushSync(onClose);
      onDone();
      notices.say("devices", t("devices.othersDone", { count: revoked }));
    },
    onSettled: () => refresh("devices"),
  });

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
      beforeAnswers={<TypedConfirmation typed={typed} onType={setTyped} missing={incomplete ? missing : ""} />}
    >
      <p>{t("devices.othersText")}</p>
      <PhoneChoice choice={choice} onChoose={setChoice} count={all} clockOffset={clockOffset} />
    </Question>
  );
}

/** The chosen phone, unless somebody else has revoked it meanwhile. It may no longer be on a page of the list. */
function useSpared(choice: Choice): Device | undefined {
  const device = choice === "none" ? undefined : choice;
  const namesakes = useNamesakes(device).data;
  return device && namesakes ? namesakes.find((other) => keyOf(other) === keyOf(device)) : device;
}

async function revokeAllBut(device: Device | undefined, { api }: Pick<Connection, "api">): Promise<number> {
  if (!device) return (await answerTo(api.revokeAllDevices({}))).revoked;
  let { revoked } = await answerTo(api.revokeAllDevices({ except_device_id: device.device_id }));
  // The exception covers phones of other users that have the same id.
  for (const { device_id, user_id } of await readNamesakes({ api }, device)) {
    if (user_id === device.user_id) continue;
    await answerTo(api.revokeDevice({ device_id, user_id }));
    revoked += 1;
  }
  return revoked;
}

interface PhoneChoiceProps {
  readonly choice: Choice;
  readonly onChoose: (choice: Choice) => void;
  readonly count: number;
  readonly clockOffset: number;
}

function PhoneChoice({ choice, onChoose, count, clockOffset }: PhoneChoiceProps): ReactNode {
  const { t } = useTranslation();
  const search = useSearch();
  const list = useDevices("live", search.text);
  const isChosen = (device: Device): boolean => typeof choice === "object" && keyOf(device) === keyOf(choice);
  return (
    <fieldset className="radios phones-to-keep">
      <legend>{t("devices.keep")}</legend>
      <LongList
        list={list}
        idOf={keyOf}
        rows="div"
        label={t("devices.keep")}
        total={count}
        search={search}
        searchLabel={t("devices.search")}
      >
        {(device) => (
          <label>
            <input type="radio" name="spared" checked={isChosen(device)} onChange={() => onChoose(device)} />
            <DeviceFacts device={device} clockOffset={clockOffset} foreign>
              <strong>
                <PhoneName name={device.device_name} />
              </strong>
              {list.items.some((other) => other !== device && other.device_name === device.device_name) ? (
                <span className="facts">
                  <span>{fill("devices.id", { id: <Ltr>{device.device_id}</Ltr> })}</span>
                </span>
              ) : null}
            </DeviceFacts>
          </label>
        )}
      </LongList>
      <label>
        <input type="radio" name="spared" checked={choice === "none"} onChange={() => onChoose("none")} />
        <strong>{t("devices.keepNone")}</strong>
      </label>
    </fieldset>
  );
}

interface TypedConfirmationProps {
  readonly typed: string;
  readonly onType: (text: string) => void;
  readonly missing: string;
}

/** Nobody types this word by accident. */
function TypedConfirmation({ typed, onType, missing }: TypedConfirmationProps): ReactNode {
  const { t } = useTranslation();
  const field = useId();
  return (
    <div className="field typed-confirmation">
      <label htmlFor={field}>{fill("devices.othersTypeLabel", { word: <strong>{t("devices.othersWord")}</strong> })}</label>
      <input
        id={field}
        value={typed}
        {...VERBATIM}
        aria-describedby={`${field}-missing`}
        onChange={(event) => onType(event.target.value)}
      />
      <p id={`${field}-missing`} role="status" className="wrong">
        {missing}
      </p>
    </div>
  );
}

import type { ParseKeys, TFunction } from "i18next";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Device } from "../data/follow-devices.ts";
import { useServerTime } from "../data/page-state.ts";
import type { IconName } from "../parts/icon.tsx";
import { fill, PhoneName } from "../parts/sentence.tsx";
import { ago, day, dayAndTime } from "../parts/times.ts";

export const KIND_ICON: Readonly<Record<Device["device_type"], IconName>> = {
  ios: "phone",
  android: "phone",
  web: "browser",
  unknown: "question",
};

/** "iOS 18.6"; "Android, 16" for a phone that only says "16". */
export function systemOf({ device_type, os_version }: Pick<Device, "device_type" | "os_version">, t: TFunction): string {
  const kind = t(`devices.${device_type}`);
  return /^\d/.test(os_version) ? `${kind}, ${os_version}` : os_version || kind;
}

interface DeviceFactsProps {
  readonly device: Device;
  readonly clockOffset: number;
  /** It belongs to another user than the page's own. */
  readonly foreign: boolean;
  /** In place of the name, while it is edited. */
  readonly children?: ReactNode;
}

export function DeviceFacts({ device, clockOffset, foreign, children }: DeviceFactsProps): ReactNode {
  const { t } = useTranslation();
  const now = useServerTime(clockOffset);
  const ended = device.status === "active" && Date.parse(device.expires_at) <= now;
  const state = ended ? "ended" : device.status === "active" && device.confirmed === false ? "unconfirmed" : device.status;
  const seen = Date.parse(device.last_seen);

  return (
    <div className="row-text">
      {children ?? (
        <h3>
          <PhoneName name={device.device_name} />
          <span className={`state pill ${state}`}>{t(`devices.${state}`)}</span>
        </h3>
      )}
      <p className="facts">
        <span>
          <bdi>{systemOf(device, t)}</bdi>
        </span>
        {foreign ? <span>{fill("devices.user", { user: <bdi>{device.user_id}</bdi> })}</span> : null}
        <span>{t(`devices.via_${device.paired_via}`)}</span>
      </p>
      {device.status === "revoked" ? null : (
        <p className="facts">
          <span>{t("devices.may", { level: t(`devices.levels.${device.level}`) })}</span>
        </p>
      )}
      <p className="facts">
        <At sentence="devices.pairedOn" iso={device.paired_at} gap="date" text={day(Date.parse(device.paired_at))} />
        {device.status === "revoked" ? null : (
          <>
            <At sentence="devices.lastSeen" iso={device.last_seen} gap="ago" text={ago(seen, now) ?? t("devices.now")} />
            <At
              sentence={ended ? "devices.endedOn" : "devices.expires"}
              iso={device.expires_at}
              gap="date"
              text={day(Date.parse(device.expires_at))}
            />
          </>
        )}
      </p>
    </div>
  );
}

interface AtProps {
  readonly sentence: ParseKeys;
  readonly gap: string;
  readonly iso: string;
  readonly text: string;
}

/** The exact time is in the tooltip. */
function At({ sentence, gap, iso, text }: AtProps): ReactNode {
  return (
    <span>
      {fill(sentence, {
        [gap]: (
          <time dateTime={iso} title={dayAndTime(Date.parse(iso))}>
            {text}
          </time>
        ),
      })}
    </span>
  );
}

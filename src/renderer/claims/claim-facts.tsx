import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Claim } from "../data/claims.ts";
import { useServerTime } from "../data/page-state.ts";
import { KIND_ICON, systemOf } from "../devices/device-facts.tsx";
import { RowHead } from "../parts/row-head.tsx";
import { fill, Ltr, PhoneName } from "../parts/sentence.tsx";
import { clockTime, minutesAndSeconds } from "../parts/times.ts";

interface ClaimFactsProps {
  readonly claim: Claim;
  readonly clockOffset: number;
  /** It would belong to another user than the page's own. */
  readonly foreign: boolean;
}

/** What is known of a phone that waits. Its digits are not: only the phone shows them. */
export function ClaimFacts({ claim, clockOffset, foreign }: ClaimFactsProps): ReactNode {
  const { t } = useTranslation();
  const { device_name, browser, network, user_id, method, claimed_at, level } = claim;
  const time = <time dateTime={claimed_at}>{clockTime(Date.parse(claimed_at) - clockOffset)}</time>;
  return (
    <RowHead icon={KIND_ICON[claim.device_type]} status="pending">
      <div className="row-text">
        <h3>
          <PhoneName name={device_name} />
          <TimeLeft claim={claim} clockOffset={clockOffset} />
        </h3>
        <p className="facts">
          <span>
            <bdi>{systemOf(claim, t)}</bdi>
          </span>
          {browser === undefined ? null : (
            <span>
              <bdi>{browser}</bdi>
            </span>
          )}
          {foreign ? <span>{fill("devices.user", { user: <bdi>{user_id}</bdi> })}</span> : null}
        </p>
        <p className="facts">
          <span>{fill(method === "sms" ? "claims.viaSms" : "claims.viaQr", { time })}</span>
          {network === undefined ? null : <span>{fill("claims.network", { network: <Ltr>{network}</Ltr> })}</span>}
        </p>
        <p className="facts">
          <span>{t("devices.may", { level: t(`devices.levels.${level}`) })}</span>
        </p>
      </div>
    </RowHead>
  );
}

const SHORT_MS = 30_000;

function TimeLeft({ claim: { expires_at }, clockOffset }: Pick<ClaimFactsProps, "claim" | "clockOffset">): ReactNode {
  const left = Date.parse(expires_at) - useServerTime(clockOffset);
  return (
    <span role="timer" aria-live="off" className={left < SHORT_MS ? "pill timer short" : "pill timer"}>
      {fill("claims.left", { left: <Ltr>{minutesAndSeconds(left)}</Ltr> })}
    </span>
  );
}

import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Overview } from "../data/follow-invites.ts";
import { usePageState } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { Dismiss } from "../parts/dismiss.tsx";
import { IconText } from "../parts/icon-text.tsx";
import { dayAndTime } from "../parts/times.ts";

interface AlertLinesProps {
  readonly alerts: Overview["alerts"];
  readonly clockOffset: number;
}

/** What may be the work of somebody else, until it is dismissed on this page. Takes no room while there is nothing. */
export function AlertLines({ alerts, clockOffset }: AlertLinesProps): ReactNode {
  const { t } = useTranslation();
  const { places } = usePageState();
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  return (
    <>
      {alerts
        .filter(({ alert_id }) => !dismissed.has(alert_id))
        .map(({ alert_id, at, sentence, device_id }) => (
          <div key={alert_id} role="alert" className="notice check">
            <IconText icon="warning">
              {sentence} <time dateTime={at}>{dayAndTime(Date.parse(at) - clockOffset)}</time>
            </IconText>
            {device_id === undefined ? null : (
              <Action className="small" onClick={() => places.open(`device:${device_id}`)}>
                {t("alerts.showPhone")}
              </Action>
            )}
            <Dismiss name={t("alerts.dismiss")} onDismiss={() => setDismissed(new Set([...dismissed, alert_id]))} />
          </div>
        ))}
    </>
  );
}

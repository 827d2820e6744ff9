import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { audit } from "../../words/en/settings-page/audit.ts";
import { fill, Ltr } from "../parts/sentence.tsx";
import { dayAndTime } from "../parts/times.ts";
import type { AuditLineBody } from "./audit-filter.ts";

type KnownEvent = keyof typeof audit.events;

interface AuditLineProps {
  readonly line: AuditLineBody;
  /** The current name of its phone, if that is still listed. */
  readonly phoneName: string | undefined;
}

/** One line of the trail as a sentence. An event that this page does not know is shown by its name. */
export function AuditLine({ line, phoneName }: AuditLineProps): ReactNode {
  const { t } = useTranslation();
  const phone = phoneName || line.device_id;
  return (
    <li className="row audit-line">
      <p>
        {isKnown(line.event) ? (
          fill(`audit.events.${line.event}`, { phone: <bdi>{phone ?? t("audit.aPhone")}</bdi> })
        ) : (
          <Ltr>{line.event}</Ltr>
        )}
      </p>
      <p className="facts">
        <time dateTime={line.ts}>{dayAndTime(Date.parse(line.ts))}</time>
        {line.phone_number === undefined ? null : <Ltr>{line.phone_number}</Ltr>}
        {line.user_id === undefined ? null : <span>{fill("audit.user", { user: <bdi>{line.user_id}</bdi> })}</span>}
        {line.ip === undefined ? null : <span>{fill("audit.from", { address: <Ltr>{line.ip}</Ltr> })}</span>}
        {line.reason === undefined ? null : <bdi>{line.reason.replaceAll("_", " ")}</bdi>}
        <span>{t("audit.number", { number: line.seq })}</span>
      </p>
      {line.ua === undefined ? null : (
        <p className="quiet-text agent" dir="ltr" title={line.ua}>
          {line.ua}
        </p>
      )}
    </li>
  );
}

function isKnown(event: string): event is KnownEvent {
  return Object.hasOwn(audit.events, event);
}

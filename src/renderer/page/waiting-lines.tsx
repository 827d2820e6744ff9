import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useClaims } from "../data/claims.ts";
import type { InvitesView } from "../data/follow-invites.ts";
import { usePageState, useView } from "../data/page-state.ts";
import type { PagePlace } from "../data/places.ts";
import { viewOf } from "../data/views.ts";
import { useWaitingApprovalCount } from "../data/waiting.ts";
import { Action } from "../parts/button.tsx";
import { IconText } from "../parts/icon-text.tsx";

/** What waits for the person in another view than the one that is shown. */
export function WaitingLines({ view: { clockOffset } }: { readonly view: InvitesView }): ReactNode {
  const { t } = useTranslation();
  const claims = useClaims(clockOffset).claims.length;
  const approvals = useWaitingApprovalCount(clockOffset);
  return (
    <>
      <WaitingLine place="claims" text={claims > 0 ? t("views.phonesWait", { count: claims }) : ""} action={t("views.confirmPhone")} />
      <WaitingLine
        place="approvals"
        text={approvals > 0 ? t("views.approvalsWait", { count: approvals }) : ""}
        action={t("views.showApprovals")}
      />
    </>
  );
}

interface WaitingLineProps {
  readonly place: PagePlace;
  readonly text: string;
  readonly action: string;
}

function WaitingLine({ place, text, action }: WaitingLineProps): ReactNode {
  const { places } = usePageState();
  const shown = useView();
  if (text === "" || viewOf(place) === shown) return null;
  return (
    <div className="notice waits">
      <IconText icon="waiting">{text}</IconText>
      <Action className="small" onClick={() => places.open(place)}>
        {action}
      </Action>
    </div>
  );
}

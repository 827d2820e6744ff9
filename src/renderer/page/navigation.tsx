import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useClaims } from "../data/claims.ts";
import type { InvitesView } from "../data/follow-invites.ts";
import { usePageState, useView } from "../data/page-state.ts";
import { VIEWS, type View } from "../data/views.ts";
import { useWaitingApprovalCount } from "../data/waiting.ts";
import { Icon, type IconName } from "../parts/icon.tsx";

const ICONS: Readonly<Record<View, IconName>> = { phones: "phone", approvals: "pass", activity: "waiting", settings: "gear" };

interface NavigationProps {
  /** Absent while it is not known what waits. */
  readonly view: InvitesView | undefined;
}

/** The page's views. Each has a count of what waits there for an answer. */
export function Navigation({ view }: NavigationProps): ReactNode {
  const { t } = useTranslation();
  const { views } = usePageState();
  const shown = useView();
  return (
    <nav aria-label={t("page.title")}>
      <ul>
        {VIEWS.map((each) => (
          <li key={each}>
            <a
              href={`#${each}`}
              aria-current={each === shown ? "page" : undefined}
              onClick={(event) => {
                // Where the page is a panel, its address belongs to the host.
                event.preventDefault();
                views.show(each);
              }}
            >
              <Icon name={ICONS[each]} />
              <span>{t(`views.${each}`)}</span>
              {view && each === "phones" ? <ClaimCount clockOffset={view.clockOffset} /> : null}
              {view && each === "approvals" ? <ApprovalCount clockOffset={view.clockOffset} /> : null}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function ClaimCount({ clockOffset }: { readonly clockOffset: number }): ReactNode {
  return <Count count={useClaims(clockOffset).claims.length} />;
}

function ApprovalCount({ clockOffset }: { readonly clockOffset: number }): ReactNode {
  return <Count count={useWaitingApprovalCount(clockOffset)} />;
}

function Count({ count }: { readonly count: number }): ReactNode {
  const { t } = useTranslation();
  if (count === 0) return null;
  return (
    <>
      <span className="count" aria-hidden="true">
        {count}
      </span>
      <span className="unseen">{t("views.waiting", { count })}</span>
    </>
  );
}

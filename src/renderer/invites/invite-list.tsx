import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { InvitesView } from "../data/follow-invites.ts";
import { NoticeLine } from "../parts/notice-line.tsx";
import { InviteRow } from "./invite-row.tsx";

/** The invites that wait, and those that ended while this page was open. */
export function InviteList({ view }: { readonly view: InvitesView }): ReactNode {
  const { t } = useTranslation();
  return (
    <section className="card" aria-labelledby="invites-heading">
      <h2 id="invites-heading" tabIndex={-1}>
        {t("invites.heading")}
      </h2>
      <NoticeLine place="invites" />
      {view.shown.length === 0 ? (
        <p className="quiet-text">{t("invites.none")}</p>
      ) : (
        <ul className="rows">
          {view.shown.map((invite) => (
            <InviteRow key={invite.session_id} invite={invite} clockOffset={view.clockOffset} overview={view.overview} />
          ))}
        </ul>
      )}
    </section>
  );
}

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Invite, InvitesView } from "../data/follow-invites.ts";
import { type ListPart, useWaitingInvites } from "../data/lists.ts";
import { usePageState } from "../data/page-state.ts";
import { LongList, useSearch } from "../parts/long-list.tsx";
import { NoticeLine } from "../parts/notice-line.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { InviteRow } from "./invite-row.tsx";

/** The most invites that the overview has. When it has as many, there may be more. */
const MAX_IN_OVERVIEW = 50;

const NO_MORE = {
  hasMore: false,
  readMore: async () => undefined,
  isPending: false,
  isFetching: false,
  isStale: false,
  error: null,
  moreError: null,
} as const;

const idOf = ({ session_id }: Invite): string => session_id;

/** The pending invites, and those that ended while this page was open. */
export function InviteList({ view }: { readonly view: InvitesView }): ReactNode {
  const { t } = useTranslation();
  const { refresh } = usePageState();
  const search = useSearch();
  const isFull = view.overview.invites.length >= MAX_IN_OVERVIEW;
  const waiting = useWaitingInvites(search.text, isFull || search.text !== "");
  const list = search.text === "" ? withFurther(view.shown, isFull ? waiting : undefined) : waiting;
  return (
    <section className="card" aria-labelledby="invites-heading">
      <h2 id="invites-heading" tabIndex={-1}>
        {t("invites.heading")}
      </h2>
      <NoticeLine place="invites" />
      {list.error ? <ProblemLine thrown={list.error} onRetry={() => void refresh("invites")} /> : null}
      {list.items.length === 0 && search.text === "" ? <p className="quiet-text">{t("invites.none")}</p> : null}
      <LongList list={list} idOf={idOf} label={t("invites.heading")} search={search} searchLabel={t("invites.search")}>
        {(invite) => <InviteRow invite={invite} clockOffset={view.clockOffset} overview={view.overview} />}
      </LongList>
    </section>
  );
}

/** The invites of the overview, which are followed to their end, and the other pending ones. */
function withFurther(shown: readonly Invite[], waiting: ListPart<Invite> | undefined): ListPart<Invite> {
  if (!waiting || waiting.isStale) return { ...NO_MORE, items: shown };
  const known = new Set(shown.map(idOf));
  const further = waiting.items.filter((invite) => !known.has(idOf(invite)));
  return { ...waiting, items: [...shown, ...further].toSorted((one, other) => other.created_at.localeCompare(one.created_at)) };
}

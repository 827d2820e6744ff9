import { type ReactNode, useRef } from "react";
import { useTranslation } from "react-i18next";
import { type Claim, useClaims } from "../data/claims.ts";
import type { InvitesView } from "../data/follow-invites.ts";
import { usePageState } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { NoticeLine } from "../parts/notice-line.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { ClaimFacts } from "./claim-facts.tsx";
import { ConfirmForm } from "./confirm-form.tsx";
import { type ClaimedInvite, NotMine, notMineKey } from "./not-mine.tsx";
import { useClaimFocus, useClaimNews } from "./use-claim-news.ts";
import { useConfirmClaim } from "./use-confirm-claim.ts";

/** The first card of the page while a phone waits for its digits; without one, it takes no room. */
export function ClaimsCard({ view }: { readonly view: InvitesView }): ReactNode {
  const { t } = useTranslation();
  const { places, refresh } = usePageState();
  const { claims, error } = useClaims(view.clockOffset);
  const count = claims.length;
  const invites = byInvite(claims);
  const field = useRef<HTMLInputElement>(null);
  const confirming = useConfirmClaim(invites, field);
  // The phones may leave the list before the answer is there.
  const isWaiting = count > 0 || confirming.isPending;
  const mayTry = isWaiting || confirming.mayTryAgain;
  const isShown = isWaiting || confirming.error !== null;
  useClaimNews(claims, view.clockOffset, field, confirming.forget);
  const { section, heading } = useClaimFocus(field);
  const [only, ...others] = invites;
  const beside = isWaiting ? (
    only && others.length === 0 && <NotMine claims={only} className="apart" />
  ) : (
    <Action variant="quiet" className={mayTry ? "apart" : ""} onClick={confirming.forget}>
      {t("page.dismiss")}
    </Action>
  );

  if (error && !isShown) return <ProblemLine thrown={error} onRetry={() => void refresh("invites")} />;
  return (
    <section {...section} className={isShown ? "card claims" : "card bare"} aria-labelledby="claims-heading">
      <h2 id="claims-heading" tabIndex={-1} className={isShown ? "" : "unseen"} ref={heading}>
        {/* The field takes the focus where there is one. */}
        <span ref={mayTry ? undefined : places.mark("claims")} tabIndex={-1}>
          {count > 0 ? t("claims.heading", { count }) : t("claims.none")}
        </span>
      </h2>
      <NoticeLine place="claims" />
      {only ? <ClaimedInvites invites={[only, ...others]} view={view} /> : null}
      <div id="claim-problem">{confirming.error ? <ProblemLine thrown={confirming.error} /> : null}</div>
      {mayTry ? (
        <ConfirmForm {...confirming} fieldRef={field} mark={places.mark("claims")} problemId="claim-problem">
          {beside}
        </ConfirmForm>
      ) : isShown ? (
        beside
      ) : null}
      {only ? <p className="quiet-text">{t("claims.stranger", { action: t(notMineKey(only)) })}</p> : null}
    </section>
  );
}

/** Claims of one invite stand together: with it, all of them are turned away. */
function byInvite(claims: readonly Claim[]): readonly ClaimedInvite[] {
  const invites = new Map<string, ClaimedInvite>();
  for (const claim of claims) {
    const before = invites.get(claim.session_id);
    invites.set(claim.session_id, before ? [...before, claim] : [claim]);
  }
  return [...invites.values()];
}

interface ClaimedInvitesProps {
  readonly invites: readonly ClaimedInvite[];
  readonly view: InvitesView;
}

function ClaimedInvites({ invites, view: { clockOffset, overview } }: ClaimedInvitesProps): ReactNode {
  const { t } = useTranslation();
  const isForeign = ({ user_id }: Claim): boolean => user_id !== overview.user.user_id;
  return (
    <>
      <p className="quiet-text">{t("claims.intro", { count: invites.flat().length })}</p>
      <ul className="rows">
        {invites.map((claims) => (
          <li key={claims[0].session_id} className="row">
            {claims.map((claim) => (
              <ClaimFacts key={claim.claim_id} claim={claim} clockOffset={clockOffset} foreign={isForeign(claim)} />
            ))}
            {invites.length > 1 ? (
              <div className="actions">
                <NotMine claims={claims} />
              </div>
            ) : null}
          </li>
        ))}
      </ul>
    </>
  );
}

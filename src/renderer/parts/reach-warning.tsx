import { type ReactNode, type Ref, useId } from "react";
import { useTranslation } from "react-i18next";
import type { Overview } from "../data/follow-invites.ts";
import { usePageState, useReach } from "../data/page-state.ts";
import { rejectionOf } from "../data/rejection.ts";
import { Action } from "./button.tsx";
import { Icon } from "./icon.tsx";

interface ReachWarningProps {
  readonly overview: Overview;
  readonly firstRef: Ref<HTMLButtonElement>;
  readonly onAnyway: () => void;
  /** The address was checked again, and phones can reach it now. */
  readonly onFine: () => void;
}

/** Shown before a text message that is paid for and whose link phones cannot open. The person may know better and send it. */
export function ReachWarning({ overview, firstRef, onAnyway, onFine }: ReachWarningProps): ReactNode {
  const { t } = useTranslation();
  const { places } = usePageState();
  const { data, error, isFetching, refetch } = useReach(overview);
  const id = useId();
  const again = async (): Promise<void> => {
    const found = await refetch();
    if (found.isSuccess && found.data.reachable) onFine();
  };
  return (
    <section className="reach-warning" aria-labelledby={id}>
      <p className="with-icon" role="alert">
        <Icon name="warning" />
        <span>
          <strong id={id}>{t(error ? "reach.unknown" : "reach.title")}.</strong>{" "}
          {error ? rejectionOf(error).problem.detail : data?.sentence}
        </span>
      </p>
      <div className="actions">
        <Action ref={firstRef} busy={isFetching} onClick={() => void again()}>
          {t(isFetching ? "reach.checkingAgain" : "reach.again")}
        </Action>
        <Action onClick={() => places.open("qr")}>{t("reach.qr")}</Action>
        <Action variant="quiet" onClick={onAnyway}>
          {t("reach.anyway")}
        </Action>
      </div>
    </section>
  );
}

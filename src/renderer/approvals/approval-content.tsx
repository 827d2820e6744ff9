import { type ReactNode, useEffect, useEffectEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Approval } from "../data/approval.ts";
import { Action } from "../parts/button.tsx";
import { AffectedFiles } from "./affected-files.tsx";

interface ApprovalContentProps {
  readonly approval: Pick<Approval, "plan" | "affected_files">;
  /** The ends of the plan and of the files were in view. */
  readonly onRead: () => void;
}

/** As on the phone. */
const MAX_LINES_SHOWN = 16;
const MAX_CHARACTERS_SHOWN = 1200;

/** The plan and the affected files, in a part of the dialog that scrolls by itself. A long plan is folded at first. */
export function ApprovalContent({ approval: { plan, affected_files: files }, onRead }: ApprovalContentProps): ReactNode {
  const { t } = useTranslation();
  const lines = plan.split("\n").length;
  const isLong = lines > MAX_LINES_SHOWN || plan.length > MAX_CHARACTERS_SHOWN;
  const [folded, setFolded] = useState(isLong);
  const scroller = useRef<HTMLDivElement>(null);
  const planEnd = useRef<HTMLParagraphElement>(null);
  const filesEnd = useRef<HTMLParagraphElement>(null);
  const read = useEffectEvent(onRead);

  useEffect(() => {
    const unseen = new Set<Element>([planEnd.current, filesEnd.current].filter((end) => end !== null));
    const observer = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) unseen.delete(target);
      if (unseen.size > 0) return;
      observer.disconnect();
      read();
    });
    for (const end of unseen) observer.observe(end);
    return () => observer.disconnect();
  }, []);

  const unfold = (): void => {
    setFolded(false);
    // The button disappears: the arrow keys scroll on from where the fold was.
    scroller.current?.focus({ preventScroll: true });
  };

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by the keyboard
    <section className="approval-content" aria-label={t("approvals.content")} tabIndex={0} ref={scroller}>
      <div className={folded ? "plan folded" : "plan"}>
        <pre dir="auto">{plan}</pre>
        <p className="end hint" ref={planEnd}>
          {isLong ? t("approvals.endOfPlan") : null}
        </p>
      </div>
      {folded ? (
        <Action onClick={unfold}>{lines > MAX_LINES_SHOWN ? t("approvals.showAllLines", { lines }) : t("approvals.showAll")}</Action>
      ) : null}
      <p>{t("approvals.files", { count: files.length })}</p>
      <AffectedFiles files={files} />
      <p className="end" ref={filesEnd} />
    </section>
  );
}

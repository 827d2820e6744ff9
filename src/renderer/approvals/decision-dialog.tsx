import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useEffect, useEffectEvent, useId, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { present } from "../../base/present.ts";
import { contentSha256 } from "../../contract/content-sha256.ts";
import type { Approval } from "../data/approval.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo, Rejection } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { Question } from "../parts/question.tsx";
import { fill, Ltr } from "../parts/sentence.tsx";

interface ApprovalContentProps {
  readonly approval: Pick<Approval, "plan" | "affected_files">;
  /** The ends of the plan and of the files were in view. */
  readonly onRead: () => void;
}

/** As on the phone. */
const MAX_LINES_SHOWN = 16;
const MAX_CHARACTERS_SHOWN = 1200;

/** The plan and the affected files, in a part of the dialog that scrolls by itself. A long plan is folded at first. */
function ApprovalContent({ approval: { plan, affected_files: files }, onRead }: ApprovalContentProps): ReactNode {
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

export function AffectedFiles({ files }: { readonly files: readonly string[] }): ReactNode {
  return (
    <ul className="files">
      {files.map((file, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes, and may hold the same name twice
        <li key={place}>
          <Ltr>{file}</Ltr>
        </li>
      ))}
    </ul>
  );
}

interface DecisionDialogProps {
  readonly approval: Approval;
  readonly decision: "approve" | "reject";
  readonly onClose: () => void;
  /** It is decided and the dialog is gone. */
  readonly onDone: () => void;
}

/** Somebody else decided before, or it expired. */
const OVER: ReadonlySet<string> = new Set(["already_decided", "approval_expired", "approval_cancelled", "approval_not_found"]);

/** Asks for a confirmation before an IDE continues, and for a comment to the requester. */
export function DecisionDialog(props: DecisionDialogProps): ReactNode {
  const { approval, decision, onClose } = props;
  const { t } = useTranslation();
  const [comment, setComment] = useState("");
  const commentId = useId();
  // From what this page shows, never from what the server says of it.
  const digest = useMemo(() => contentSha256(approval), [approval]);
  const [readDigest, setReadDigest] = useState<string>();
  const deciding = useDecision(props);
  const toRead = {
    content: <ApprovalContent key={digest} approval={approval} onRead={() => setReadDigest(digest)} />,
    notYet: readDigest === digest ? undefined : t("approvals.readFirst"),
  };

  return (
    <Question
      title={fill(`approvals.${decision}Title`, { project: <bdi>{approval.project_name}</bdi> })}
      confirm={t(deciding.isPending ? "approvals.deciding" : `approvals.${decision}`)}
      variant={decision === "approve" ? "primary" : "danger"}
      busy={deciding.isPending}
      error={deciding.error}
      onConfirm={() => deciding.mutate({ content_sha256: digest, ...present({ comment: comment.trim() || undefined }) })}
      onCancel={onClose}
      {...(decision === "approve" ? toRead : {})}
    >
      <p>{t(`approvals.${decision}Text`)}</p>
      <label htmlFor={commentId}>{t("approvals.comment")}</label>
      <input
        id={commentId}
        type="text"
        dir="auto"
        maxLength={1000}
        autoComplete="off"
        value={comment}
        onChange={(event) => setComment(event.target.value)}
      />
    </Question>
  );
}

interface Decision {
  readonly content_sha256: string;
  readonly comment?: string;
}

function useDecision({ approval: { approval_id, project_name }, decision, onClose, onDone }: DecisionDialogProps) {
  const { connection, notices, refresh } = usePageState();
  const close = (notice: ReactNode): void => {
    // The dialog would give the focus back to a row that is about to go.
    flushSync(onClose);
    onDone();
    notices.say("approvals", notice);
  };
  return useMutation({
    mutationFn: async (decided: Decision) => answerTo(connection.api.decideAtComputer({ approval_id, decision, ...decided })),
    onSuccess() {
      close(fill(decision === "approve" ? "approvals.approved_done" : "approvals.rejected_done", { project: <bdi>{project_name}</bdi> }));
    },
    onError(thrown) {
      // The next reading removes the row and this dialog: the notice above the list stays.
      if (thrown instanceof Rejection && OVER.has(thrown.problem.code)) close(thrown.problem.detail);
    },
    onSettled: () => refresh("approvals"),
  });
}

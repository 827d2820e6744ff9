import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useId, useMemo, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { contentSha256 } from "../../contract/content-sha256.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo, Rejection } from "../data/rejection.ts";
import { Question } from "../parts/question.tsx";
import { fill } from "../parts/sentence.tsx";
import { ApprovalContent } from "./approval-content.tsx";
import type { Approval } from "./approval-words.ts";

interface DecisionDialogProps {
  readonly approval: Approval;
  readonly decision: "approve" | "reject";
  readonly onClose: () => void;
  /** It is decided and the dialog is gone. */
  readonly onDone: () => void;
}

/** Somebody, or the clock, was first. */
const OVER: ReadonlySet<string> = new Set(["already_decided", "approval_expired", "approval_cancelled", "approval_not_found"]);

/** The second look before an IDE goes on, and the place for a word to whoever asked. */
export function DecisionDialog({ approval, decision, onClose, onDone }: DecisionDialogProps): ReactNode {
  const { t } = useTranslation();
  const { connection, notices, refresh } = usePageState();
  const [comment, setComment] = useState("");
  const commentId = useId();
  const digest = useMemo(() => contentSha256(approval), [approval]);
  const [readDigest, setReadDigest] = useState<string>();
  const project = { project: <bdi>{approval.project_name}</bdi> };

  const deciding = useMutation({
    mutationFn: async () =>
      answerTo(
        connection.api.decideAtComputer({
          approval_id: approval.approval_id,
          decision,
          // From what this page shows, never from what the server says of it.
          content_sha256: digest,
          ...(comment.trim() === "" ? {} : { comment: comment.trim() }),
        }),
      ),
    onSuccess() {
      // The dialog would give the focus back to a row that is about to go.
      flushSync(onClose);
      onDone();
      notices.say("approvals", fill(decision === "approve" ? "approvals.approved_done" : "approvals.rejected_done", project));
    },
    onError(thrown) {
      if (!(thrown instanceof Rejection) || !OVER.has(thrown.problem.code)) return;
      // The row goes with the next reading, and the dialog with it: what happened is said where it stays.
      flushSync(onClose);
      onDone();
      notices.say("approvals", thrown.problem.detail);
    },
    onSettled: () => refresh("approvals"),
  });

  return (
    <Question
      title={fill(`approvals.${decision}Title`, project)}
      confirm={t(deciding.isPending ? "approvals.deciding" : `approvals.${decision}`)}
      variant={decision === "approve" ? "primary" : "danger"}
      busy={deciding.isPending}
      error={deciding.error}
      onConfirm={() => deciding.mutate()}
      onCancel={onClose}
      {...(decision === "approve"
        ? {
            content: <ApprovalContent key={digest} approval={approval} onRead={() => setReadDigest(digest)} />,
            notYet: readDigest === digest ? undefined : t("approvals.readFirst"),
          }
        : {})}
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

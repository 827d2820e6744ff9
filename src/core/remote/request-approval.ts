import { present } from "../../base/present.ts";
import type { Caller } from "../audit.ts";
import { PairingError } from "../errors.ts";
import { cleanName, shownText } from "../names.ts";
import type { Ports } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";
import { DAY, type Instant } from "../time.ts";
import { type Approval, approvalContent, type NumberMatch, type Risk } from "./approval.ts";
import { APPROVAL_CAPS, checkRejections, tooManyPending } from "./approval-caps.ts";
import { MAX_APPROVAL, MESSAGE_DAYS } from "./outbox.ts";
import { chosenPhones, type PhoneChoice } from "./recipients.ts";

type Deps = Pick<Ports, "clock" | "random" | "digest" | "store" | "changeEvents" | "inboxSignals">;

export interface ApprovalQuestion
  extends Pick<Approval, "buildId" | "projectName" | "plan" | "affectedFiles" | "estimatedDuration" | "expiresAt"> {
  /** As typed. */
  readonly requestedBy?: string | undefined;
  readonly risk?: Risk | undefined;
}

/** Sends an approval request to the addressed phones and the computer. Resolves once it is stored. */
export async function requestApproval(
  deps: Deps,
  settings: Pick<PairingSettings, "userId">,
  choice: PhoneChoice,
  { requestedBy: typedName = "", risk = "normal", ...asked }: ApprovalQuestion,
  caller: Caller,
): Promise<Pick<Approval, "approvalId" | "messageId" | "contentSha256"> & { readonly matchNumber: string | undefined }> {
  const now = deps.clock.now();
  checkEnd(asked.expiresAt, now);
  const requestedBy = cleanName(typedName);
  const phones = await chosenPhones(deps, settings, choice, "answer");
  const question = {
    ...asked,
    projectName: shownText(asked.projectName),
    plan: shownText(asked.plan),
    affectedFiles: asked.affectedFiles.map(shownText),
    estimatedDuration: typeof asked.estimatedDuration === "string" ? shownText(asked.estimatedDuration) : asked.estimatedDuration,
  };
  const userIds = [...new Set(phones.map(({ userId }) => userId))];
  const contentSha256 = deps.digest.contentSha256(approvalContent(question));
  checkRejections(await deps.store.listApprovals(), { projectName: question.projectName, contentSha256 }, userIds, now);
  const [approvalId, messageId] = [deps.random.token(16), deps.random.token(16)];
  const match = risk === "high" ? numberMatch(deps) : undefined;
  const added = await deps.store.addApproval({
    approval: {
      ...question,
      ...present({ requestedBy: requestedBy === "" ? undefined : requestedBy, risk: risk === "normal" ? undefined : risk, match }),
      contentSha256,
      approvalId,
      messageId,
      requestedAt: now,
      status: "pending",
    },
    message: {
      messageId,
      content: { type: "approval_request", approvalId },
      sentAt: now,
      expiresAt: now + MESSAGE_DAYS * DAY,
    },
    to: phones,
    caps: APPROVAL_CAPS,
    at: now,
    audit: [
      {
        event: "approval_requested",
        approval_id: approvalId,
        content_sha256: contentSha256,
        ...present({ user_id: userIds.length === 1 ? userIds[0] : undefined }),
        ...caller,
      },
    ],
  });
  if (added.kind === "too-many") throw tooManyPending(added.retryAt, now);
  if (added.to.length === 0) throw nobodyAnswers(choice);
  deps.inboxSignals.emit(added.to);
  deps.changeEvents.emit("approvals");
  return { approvalId, messageId, contentSha256, matchNumber: match?.number };
}

const CHOICES = 3;

/** All of them are as likely, so in ascending order each place is as likely to have the number. */
function numberMatch({ random }: Pick<Deps, "random">): NumberMatch {
  const number = random.digits(2);
  const choices = new Set([number]);
  while (choices.size < CHOICES) choices.add(random.digits(2));
  return { number, choices: [...choices].sort(), wrong: 0 };
}

function nobodyAnswers({ userId }: PhoneChoice): PairingError {
  return new PairingError("device_not_found", {
    params: userId === undefined ? { reason: "none_active" } : { reason: "none_of_user", user: userId },
  });
}

function checkEnd(expiresAt: Instant, now: Instant): void {
  if (expiresAt <= now) throw new PairingError("invalid_request", { params: { reason: "time_in_past" } });
  if (expiresAt > now + MAX_APPROVAL) {
    throw new PairingError("invalid_request", { params: { reason: "time_too_far", days: MESSAGE_DAYS } });
  }
}

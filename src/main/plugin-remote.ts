import { present } from "../base/present.ts";
import { isReserved } from "../contract/fields.ts";
import { ApprovalRequest, NotificationRequest } from "../contract/remote.ts";
import { type Approval, MINUTE, type Pairing, PairingError } from "../core/index.ts";
import { checked } from "./checked.ts";
import type { ServerSupervisor } from "./server-supervisor.ts";

/** Without it the phones of PAIRING_USER_ID are meant or, if that user has none, those of the only user that has some. */
export interface PhoneChoice {
  readonly deviceId?: string;
  readonly userId?: string;
  /** Everybody's, where neither is named. */
  readonly all?: boolean;
}

export interface BuildNotification {
  readonly buildId: string;
  readonly projectName: string;
  readonly status: "initiated" | "in_progress" | "success" | "failure" | "approval_pending" | "cancelled";
  readonly message: string;
  readonly priority?: "low" | "normal" | "high" | "critical";
  readonly actionRequired?: boolean;
}

export interface SentNotification {
  readonly notificationId: string;
  /** The phones that it is kept for, by `deviceId`. */
  readonly phones: readonly string[];
}

export interface ApprovalQuestion {
  readonly buildId: string;
  readonly projectName: string;
  /** Who asks, shown with the question. */
  readonly requestedBy?: string;
  /** What will be done, word for word: this is what is approved. */
  readonly plan: string;
  readonly affectedFiles?: readonly string[];
  readonly estimatedDuration?: string | number;
  /** `high`: a phone approves only with the number that `onAsked` gets. */
  readonly risk?: "low" | "normal" | "high";
  /** Milliseconds. */
  readonly within?: number;
}

export interface AskedApproval {
  readonly approvalId: string;
  /** For a high risk: two digits, to be shown to the person who decides. */
  readonly matchNumber?: string;
}

export interface ApprovalOutcome {
  readonly approvalId: string;
  readonly status: "approved" | "rejected" | "expired" | "cancelled";
  /** The phone's name, or `desk` for the computer; absent where nobody answered. A phone that is named like the computer is `phone "desk"`. */
  readonly by?: string;
  /** Where it was answered; `admin`: at the computer, with the admin token. */
  readonly via?: "phone" | "computer" | "admin";
  readonly comment?: string;
  /** What was answered: SHA-256 of the RFC 8785 form of `{project_name, plan, affected_files}`, as in the audit log. */
  readonly contentSha256: string;
}

export interface PluginRemote {
  /** Sends a build notification to phones. Resolves when it is stored for them. Rejects with a sentence if there is no active phone. */
  readonly notify: (news: BuildNotification, phone?: PhoneChoice) => Promise<SentNotification>;
  /**
   * Asks phones and the computer. Resolves with an answer, or when the time is up (`within`, milliseconds; default ten minutes).
   * `onAsked` is called once the phones have the question; `signal` cancels it.
   */
  readonly requestApproval: (
    question: ApprovalQuestion,
    phone?: PhoneChoice & { readonly signal?: AbortSignal; readonly onAsked?: (asked: AskedApproval) => void },
  ) => Promise<ApprovalOutcome>;
}

const CALLER = { ua: "plugin" };
const WITHIN = 10 * MINUTE;

/** What an IDE says to its phones, in its own process: checked as if it had come over HTTP. While no server runs, it waits for one. */
export function remoteFor(supervisor: Pick<ServerSupervisor, "server" | "onServer">): PluginRemote {
  return {
    async notify(news, phone = {}) {
      const { pairing } = await supervisor.server();
      const asked = checked(NotificationRequest, {
        device_id: phone.deviceId,
        user_id: phone.userId,
        all: phone.all,
        build_id: news.buildId,
        project_name: news.projectName,
        status: news.status,
        message: news.message,
        priority: news.priority,
        action_required: news.actionRequired,
      });
      const { notificationId, to } = await pairing.notify(phone, {
        buildId: asked.build_id,
        projectName: asked.project_name,
        status: asked.status,
        message: asked.message,
        priority: asked.priority,
        actionRequired: asked.action_required,
      });
      return { notificationId, phones: to.map(({ deviceId }) => deviceId) };
    },

    async requestApproval(question, { signal, onAsked, ...phone } = {}) {
      signal?.throwIfAborted();
      const { pairing } = await supervisor.server();
      const expiresAt = pairing.now() + (question.within ?? WITHIN);
      const asked = checkedQuestion(question, phone, expiresAt);
      const { approvalId, matchNumber } = await pairing.requestApproval(
        phone,
        {
          requestedBy: asked.requested_by,
          buildId: asked.build_id,
          projectName: asked.project_name,
          plan: asked.plan,
          affectedFiles: asked.affected_files,
          estimatedDuration: asked.estimated_duration,
          risk: asked.risk,
          expiresAt,
        },
        CALLER,
      );
      onAsked?.({ approvalId, ...present({ matchNumber }) });
      return outcomeOf(await settled(supervisor, approvalId, expiresAt, signal));
    },
  };
}

function checkedQuestion(question: ApprovalQuestion, phone: PhoneChoice, expiresAt: number) {
  return checked(ApprovalRequest, {
    device_id: phone.deviceId,
    user_id: phone.userId,
    all: phone.all,
    requested_by: question.requestedBy,
    build_id: question.buildId,
    project_name: question.projectName,
    plan: question.plan,
    affected_files: question.affectedFiles ?? [],
    estimated_duration: question.estimatedDuration ?? "",
    risk: question.risk,
    requires_approval_by: new Date(expiresAt).toISOString(),
  });
}

/** Waits for an answer, for the end of the time, or for the IDE to take its question back, whichever comes first. */
async function settled(
  supervisor: Pick<ServerSupervisor, "server" | "onServer">,
  approvalId: string,
  expiresAt: number,
  signal: AbortSignal | undefined,
): Promise<Approval> {
  const ends: (() => void)[] = [];
  const left = Math.max(0, expiresAt - (await supervisor.server()).pairing.now());
  const mayHaveEnded = new Promise<void>((resolve, reject) => {
    const check = (pairing: Pairing): void => {
      pairing.findApproval(approvalId).then((approval) => {
        if (approval.status !== "pending") resolve();
      }, reject);
    };
    // The approval is on disk: a server that starts meanwhile has it, with its answer.
    const stopFollowing = supervisor.onServer(({ pairing }) => {
      const stop = pairing.listen((item) => item === "approvals" && check(pairing));
      // It may have been answered before this listened.
      check(pairing);
      return stop;
    });
    ends.push(stopFollowing);
    const takeBack = async (): Promise<void> => {
      const { pairing } = await supervisor.server();
      await pairing.cancelApproval(approvalId, CALLER).catch((cause: unknown) => {
        // A phone that was faster has the last word.
        if (!(cause instanceof PairingError) || cause.code !== "already_decided") throw cause;
      });
    };
    const abortListener = (): void => void takeBack().then(resolve, reject);
    signal?.addEventListener("abort", abortListener, { once: true });
    ends.push(() => signal?.removeEventListener("abort", abortListener));
    if (signal?.aborted) abortListener();
    // Only the server's clock decides. Should it think otherwise than this timer, its sweep is news.
    const timer = setTimeout(() => void supervisor.server().then(({ pairing }) => check(pairing), reject), left + 5);
    ends.push(() => clearTimeout(timer));
  });
  try {
    await mayHaveEnded;
    const { pairing } = await supervisor.server();
    return await pairing.findApproval(approvalId);
  } finally {
    for (const end of ends) end();
  }
}

function outcomeOf({ approvalId, status, decidedBy, comment, contentSha256 }: Approval): ApprovalOutcome {
  if (status === "pending") throw new Error("An approval that is over cannot be pending.");
  return {
    approvalId,
    status,
    contentSha256,
    ...(decidedBy ? { by: decidedBy.kind === "phone" ? phoneNamed(decidedBy.deviceName) : "desk", via: decidedBy.kind } : {}),
    ...present({ comment }),
  };
}

/** People choose their phones' names: none must pass for the computer. */
function phoneNamed(name: string): string {
  return isReserved(name) ? `phone ${JSON.stringify(name)}` : name;
}

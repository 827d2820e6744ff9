import { messageOf } from "../../base/message-of.ts";
import { once } from "../../base/once.ts";
import type { HostOptions } from "../../host/host-options.ts";
import type { Settings } from "../../settings/read-settings.ts";
import { say } from "../../words/say.ts";
import { Interrupted } from "../interruptions.ts";
import { checkAdminGating } from "./check-admin.ts";
import { auditSource, checkAuditLog } from "./check-audit.ts";
import { checkEnvironment } from "./check-environment.ts";
import {
  checkExpiryByWaiting,
  checkExpiryOnCopy,
  checkLifetimes,
  checkRateLimiting,
  createWaitingInvite,
  type WaitingInvite,
} from "./check-invites.ts";
import {
  checkConfirmation,
  checkPersistence,
  checkQrPassword,
  checkRevocation,
  type PhoneAnswers,
  pairAndRevoke,
  type RestartedServer,
} from "./check-phone.ts";
import { type CopiedServer, NoCopy, startOnCopy } from "./copied-server.ts";
import { RowFailure, restartServer, type VerifiedServer } from "./server.ts";
import type { Traces } from "./traces.ts";

/** One checked line of the checklist. */
export interface Row {
  readonly number: number;
  readonly name: string;
  readonly passed: boolean;
  /** What was found. */
  readonly reason: string;
  /** What to do about it; there when the row failed. */
  readonly todo?: string;
}

export interface Run {
  readonly server: VerifiedServer;
  readonly traces: Traces;
  readonly env: NodeJS.ProcessEnv;
  readonly settings: Settings;
  /** What is wrong with the environment. */
  readonly faults: readonly string[];
  /** The command that restarts the server; without one, a second server is started on a copy of its storage folder, or of its database's records. */
  readonly restart: string | undefined;
  /** Wait until an invite expires instead of moving the second server's clock. */
  readonly wait: boolean;
  readonly interrupted: AbortSignal;
  /** Shows what the run is waiting for; a terminal can show a line that changes. */
  readonly report: (progress: string, onTerminal?: string) => void;
  readonly host: Pick<HostOptions, "distFolder" | "appVersion">;
}

/** What was found of the guide's rows, in order, and of what is recommended beyond them. */
export interface Checklist {
  readonly rows: readonly Row[];
  readonly recommended: readonly Recommended[];
}

export type Recommended = Omit<Row, "number">;

/** Closes everything that it started, also when it is interrupted. */
export async function runChecklist(run: Run): Promise<Checklist> {
  const { server, settings } = run;
  const { adminToken } = settings;
  const audit = auditSource(settings, server);
  const endBefore = await audit.end();
  const steps = sharedSteps(run);
  const checks: readonly (readonly [name: string, check: () => Promise<string>])[] = [
    [say("verify.rateLimiting"), () => checkRateLimiting(server)],
    [
      say("verify.persistence"),
      async () => {
        await steps.phone();
        return checkPersistence(server, settings, steps.afterRestart);
      },
    ],
    [say("verify.revocation"), async () => checkRevocation(await steps.phone(), server, steps.afterRestart)],
    [say("verify.adminGating"), () => checkAdminGating(server, adminToken)],
    [
      say("verify.auditLog"),
      async () => {
        await steps.phone();
        return checkAuditLog(audit, endBefore);
      },
    ],
    [say("verify.qrPassword"), async () => checkQrPassword(await steps.phone())],
    [say("verify.expiry"), () => checkExpiry(run, steps)],
    [say("verify.environment"), () => checkEnvironment(run.env, run, server)],
  ];
  const rows: Row[] = [];
  try {
    for (const [name, check] of checks) rows.push({ number: rows.length + 1, name, ...(await outcomeOf(check)) });
    const recommended = [{ name: say("verify.confirmation"), ...(await outcomeOf(async () => checkConfirmation(await steps.phone()))) }];
    return { rows, recommended };
  } finally {
    await steps.close();
  }
}

/** A check resolves with what it found, or throws. A check that could not be made has not passed. */
async function outcomeOf(check: () => Promise<string>): Promise<Pick<Row, "passed" | "reason" | "todo">> {
  try {
    return { passed: true, reason: await check() };
  } catch (cause) {
    if (cause instanceof Interrupted) throw cause;
    return { passed: false, reason: messageOf(cause), todo: cause instanceof RowFailure ? cause.todo : say("verify.fixAndRun") };
  }
}

/** Steps that several rows need. Each runs once, when the first row asks for it. */
interface SharedSteps {
  phone(): Promise<PhoneAnswers>;
  invite(): Promise<WaitingInvite>;
  copy(): Promise<CopiedServer>;
  afterRestart(): Promise<RestartedServer>;
  close(): Promise<void>;
}

function sharedSteps({ server, traces, settings, restart, interrupted, report, host }: Run): SharedSteps {
  let started: CopiedServer | undefined;
  const phone = once(() => pairAndRevoke(server, traces));
  const invite = once(() => createWaitingInvite(server, traces));
  const copy = once(async () => {
    await invite();
    // Row 6 reports its error.
    await phone().catch(() => undefined);
    started = await startOnCopy(settings, host, () => interrupted.throwIfAborted());
    return started;
  });
  const afterRestart = once(async () => {
    if (restart === undefined) {
      const { server: copied } = await orTodo(copy(), say("verify.atServerOrRestart"));
      const { storageFolder: folder, databaseUrl } = settings;
      return { server: copied, name: databaseUrl === undefined ? say("verify.copiedServer", { folder }) : say("verify.copiedDatabase") };
    }
    await invite();
    report(say("verify.restarting"));
    await restartServer(server, restart, interrupted);
    return { server, name: say("verify.restartedServer") };
  });
  return { phone, invite, copy, afterRestart, close: async () => started?.close() };
}

async function checkExpiry({ server, settings, wait, interrupted, report }: Run, steps: SharedSteps): Promise<string> {
  const invite = await steps.invite();
  const lifetimes = await checkLifetimes(server, settings, invite);
  if (wait) {
    await checkExpiryByWaiting(server, invite, interrupted, report);
    return say("verify.expiryOkWait", lifetimes);
  }
  await checkExpiryOnCopy(await orTodo(steps.copy(), say("verify.atServerOrWait")), invite, settings.inviteMinutes);
  return say("verify.expiryOkCopy", lifetimes);
}

async function orTodo<Result>(work: Promise<Result>, todo: string): Promise<Result> {
  return work.catch((cause: unknown) => {
    throw cause instanceof NoCopy ? new RowFailure(cause.message, todo) : cause;
  });
}

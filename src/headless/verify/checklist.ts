import type { HostOptions } from "../../host/host-options.ts";
import type { Settings } from "../../settings/read-settings.ts";
import { checkAdminGating } from "./admin-gating.ts";
import { checkAuditLog, endOfAudit } from "./audit-log.ts";
import { type CopiedServer, startOnCopy } from "./copied-server.ts";
import { checkEnvironment } from "./environment.ts";
import { checkExpiryByWaiting, checkExpiryOnCopy, checkWindows } from "./expiry.ts";
import { checkPersistence } from "./persistence.ts";
import { liveAsPhone } from "./phones-life.ts";
import { checkQrPassword } from "./qr-password.ts";
import { checkRateLimiting } from "./rate-limiting.ts";
import { restartServer } from "./restart-server.ts";
import { checkRevocation, type Restarted } from "./revocation.ts";
import { judge, type Row, RowFault } from "./row.ts";
import { NoCopy } from "./storage-copy.ts";
import type { Traces } from "./traces.ts";
import type { VerifiedServer } from "./verified-server.ts";
import { leaveInvite } from "./waiting-invite.ts";

export interface Run {
  readonly server: VerifiedServer;
  readonly traces: Traces;
  readonly env: NodeJS.ProcessEnv;
  readonly settings: Settings;
  /** What is wrong with the environment. */
  readonly faults: readonly string[];
  /** The command that restarts the server; without one, a copy is started beside it. */
  readonly restart: string | undefined;
  /** Wait for an invite's end instead of moving a copy's clock. */
  readonly wait: boolean;
  readonly interrupted: AbortSignal;
  /** Hears what the run is waiting for. */
  readonly report: (progress: string) => void;
  readonly host: Pick<HostOptions, "distFolder" | "appVersion">;
}

const HERE = "Run verify where the server runs, under its account and with its environment (for example by kubectl exec)";

/** The guide's eight rows, in order. Whatever was started on the way is closed in every case. */
export async function runChecklist(run: Run): Promise<readonly Row[]> {
  const { server, traces, settings, interrupted, report } = run;
  const { storageFolder, adminToken } = settings;
  let copy: CopiedServer | undefined;
  try {
    const endBefore = await endOfAudit(storageFolder);
    const life = once(() => liveAsPhone(server, traces));
    const waiting = once(() => leaveInvite(server, traces));
    const copied = once(async () => {
      await waiting();
      // What it met is row 6's to say.
      await life().catch(() => undefined);
      copy = await startOnCopy(settings, run.host, () => interrupted.throwIfAborted());
      return copy;
    });
    const afterRestart = once(async (): Promise<Restarted> => {
      if (run.restart === undefined) {
        const { server: started } = await orWayOut(copied(), `${HERE}, or give --restart "<the command that restarts the server>".`);
        return { server: started, name: `a server started on a copy of ${storageFolder}` };
      }
      const { code } = await waiting();
      report("Restarting the server …");
      await restartServer(server, run.restart, code, interrupted);
      return { server, name: "the restarted server" };
    });
    const expiry = async (): Promise<string> => {
      const invite = await waiting();
      const windows = await checkWindows(server, settings, invite);
      if (!run.wait) {
        const started = await orWayOut(copied(), `${HERE}, or give --wait.`);
        return `${windows}; ${await checkExpiryOnCopy(started, invite, settings.inviteMinutes)}`;
      }
      const reportWait = (left: number): void =>
        report(`Waiting for the QR code to end: ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`);
      return `${windows}; ${await checkExpiryByWaiting(server, invite, interrupted, reportWait)}`;
    };

    return await inOrder([
      () => judge(1, "Rate limiting", () => checkRateLimiting(server)),
      () =>
        judge(2, "Session persistence", async () => {
          await life();
          return checkPersistence(server, storageFolder, afterRestart);
        }),
      () => judge(3, "Revocation", async () => checkRevocation(await life(), server, afterRestart)),
      () => judge(4, "Admin gating", () => checkAdminGating(server, adminToken)),
      () =>
        judge(5, "Audit log", async () => {
          await life();
          return checkAuditLog(storageFolder, endBefore);
        }),
      () => judge(6, "QR one-time password", async () => checkQrPassword(await life())),
      () => judge(7, "Pairing expiry", expiry),
      () => judge(8, "ConfigMap and Secret", () => checkEnvironment(run.env, run, server)),
    ]);
  } finally {
    await copy?.close();
  }
}

async function inOrder<Answer>(works: readonly (() => Promise<Answer>)[]): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const work of works) answers.push(await work());
  return answers;
}

/** The same answer, or the same refusal, to everybody who asks. */
function once<Answer>(work: () => Promise<Answer>): () => Promise<Answer> {
  let answer: Promise<Answer> | undefined;
  return () => (answer ??= work());
}

async function orWayOut<Answer>(work: Promise<Answer>, todo: string): Promise<Answer> {
  return work.catch((cause: unknown) => {
    throw cause instanceof NoCopy ? new RowFault(cause.message, todo) : cause;
  });
}

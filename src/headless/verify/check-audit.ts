import { constants } from "node:fs";
import { open, stat } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import type { Settings } from "../../settings/read-settings.ts";
import { say } from "../../words/say.ts";
import { errorCodeOf, RowFailure, type VerifiedServer } from "./server.ts";
import { OWN_DEVICE } from "./traces.ts";

const AuditLine = z.object({ seq: z.number().int(), event: z.string(), device_id: z.string().optional() });
type AuditLine = z.output<typeof AuditLine>;

/** Where the audit log is read. */
export interface AuditSource {
  /** For sentences. */
  readonly name: string;
  /** What to do where lines are missing. */
  readonly missingTodo: string;
  /** Its end before the run: the run's own lines begin there. */
  end(): Promise<number>;
  /** The lines from such an end on, in order; `undefined` for one that cannot be read. Rejects with a {@link RowFailure}. */
  linesFrom(end: number): Promise<readonly (AuditLine | undefined)[]>;
}

/** The file in the storage folder, which no server stands in front of; where the records are in a database, what the server answers. */
export function auditSource({ storageFolder, databaseUrl }: Settings, server: VerifiedServer): AuditSource {
  return databaseUrl === undefined ? auditInFile(path.join(storageFolder, "pairing_audit.jsonl")) : auditAtServer(server);
}

/** Row 5: whether pairing and revoking a phone wrote lines that are numbered without a gap. */
export async function checkAuditLog({ name: file, missingTodo, linesFrom }: AuditSource, from: number): Promise<string> {
  const lines = await linesFrom(from);
  const paired = lines.findIndex((line) => line?.event === "pair_device" && line.device_id === OWN_DEVICE);
  const revoked = lines.findIndex((line, at) => at > paired && line?.event === "revoke_device" && line.device_id === OWN_DEVICE);
  const events = [...(paired < 0 ? ["pair_device"] : []), ...(revoked < 0 ? ["revoke_device"] : [])].join(", ");
  if (events !== "") throw new RowFailure(say("verify.auditMissing", { file, events }), missingTodo);
  const between = lines.slice(paired, revoked + 1);
  const [first, last] = [between.at(0)?.seq ?? 0, between.at(-1)?.seq ?? 0];
  if (between.every((line, at) => line?.seq === first + at)) return say("verify.auditOk", { first, last });
  const numbers = between.map((line) => line?.seq ?? say("verify.unreadableLine")).join(", ");
  throw new RowFailure(say("verify.auditGap", { file, first, last, numbers }), say("verify.auditGapTodo"));
}

/** Its ends are sizes in bytes. */
function auditInFile(file: string): AuditSource {
  return {
    name: file,
    missingTodo: say("verify.auditMissingTodo"),
    end: async () =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    async linesFrom(start) {
      const lines: (AuditLine | undefined)[] = [];
      try {
        // O_NONBLOCK, so that a pipe in the file's place cannot block the run. Windows has no such flag, and needs none.
        const log = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
        for await (const line of log.readLines({ start })) lines.push(readLine(line));
      } catch (cause) {
        throw new RowFailure(say("verify.cannotRead", { file, code: errorCodeOf(cause) }), say("verify.atServer"));
      }
      return lines;
    },
  };
}

function readLine(line: string): AuditLine | undefined {
  try {
    return AuditLine.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

const PAGE = 1000;

/** Its ends are the lines' numbers. */
function auditAtServer({ call }: VerifiedServer): AuditSource {
  return {
    name: say("verify.databaseAudit"),
    missingTodo: say("verify.databaseTodo"),
    async end() {
      // The row itself reports why the server does not answer.
      const newest = await call("listAudit", { limit: 1 }).catch(() => undefined);
      return newest?.lines[0]?.seq ?? 0;
    },
    async linesFrom(end) {
      const newestFirst: AuditLine[] = [];
      for (let before: number | undefined; ; ) {
        const { lines, next } = await call("listAudit", { limit: PAGE, ...(before === undefined ? {} : { before }) });
        const own = lines.filter(({ seq }) => seq > end);
        newestFirst.push(...own.map((line) => AuditLine.parse(line)));
        if (next === undefined || own.length < lines.length) break;
        before = next;
      }
      return newestFirst.reverse();
    },
  };
}

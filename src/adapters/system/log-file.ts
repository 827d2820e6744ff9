import { lstatSync, mkdirSync } from "node:fs";
import path from "node:path";
import type { DestinationStream, Logger } from "pino";
import { messageOf } from "../../base/message-of.ts";
import type { Log } from "../../core/index.ts";
import { say } from "../../words/say.ts";

export interface LogFile extends Log {
  /** Written where the level is `debug` alone. */
  debug(message: string, facts?: Readonly<Record<string, unknown>>): void;
  /** Lines as they are, for what people look for by eye (mock text messages). */
  block(text: string): void;
  /** Starts writing, earlier lines first. */
  begin(): void;
  close(): Promise<void>;
}

type Level = "debug" | "info" | "warn" | "error";
type Line =
  | { readonly level: Level; readonly message: string; readonly facts: Readonly<Record<string, unknown>> }
  | { readonly block: string };

const FILE = "Top Dog-topdog.log";
const HISTORY = "history.txt";

/** Where the log goes. */
export interface LogTargets {
  /** Its file is in the subfolder `logs`; absent: there is none. */
  readonly folder?: string | undefined;
  /** Receives the same lines; absent: nothing does. */
  readonly output?: { write(text: string): unknown } | undefined;
  /** The least that is written. */
  readonly level: "debug" | "info";
  /** Receives errors as plain text, at once. */
  readonly echo: (line: string) => void;
}

/** Writes one line, or refuses it silently. */
interface Target {
  readonly write: (line: Line) => void;
  readonly finish: () => Promise<void>;
}

/**
 * The log, one JSON object a line: in `logs/Top Dog-topdog.log`, mode 0600, rotated at 10 MB, five kept, and on an output. Nothing touches
 * the disk before `begin`. A log that cannot be written never stops the product: it reports that on stderr.
 */
export function createLogFile({ folder, output, level: least, echo }: LogTargets): LogFile {
  const waiting: Line[] = [];
  let write = (line: Line): void => void waiting.push(line);
  let finish = async (): Promise<unknown> => undefined;
  let begun: Promise<void> | undefined;

  const open = async (): Promise<void> => {
    const opening = [...(folder === undefined ? [] : [openFile(folder, echo)]), ...(output ? [openOutput(output)] : [])];
    const settled = await Promise.allSettled(opening);
    const targets: Target[] = [];
    for (const one of settled) {
      if (one.status === "rejected") echo(say("storage.logUnwritable", { why: messageOf(one.reason) }));
      else targets.push(one.value);
    }
    write = (line) => {
      for (const target of targets) target.write(line);
    };
    finish = async () => Promise.all(targets.map(async (target) => target.finish()));
    for (const line of waiting.splice(0)) write(line);
  };

  const writer =
    (level: Level) =>
    (message: string, facts: Readonly<Record<string, unknown>> = {}) => {
      write({ level, message, facts });
      const { reason } = facts;
      if (level === "error") echo(typeof reason === "string" ? `${message}: ${reason}` : message);
    };
  return {
    debug: least === "debug" ? writer("debug") : () => undefined,
    info: writer("info"),
    warn: writer("warn"),
    error: writer("error"),
    block: (text) => write({ block: text }),
    begin() {
      begun ??= open();
    },
    async close() {
      await begun;
      await finish();
    },
  };
}

async function openFile(folder: string, echo: LogTargets["echo"]): Promise<Target> {
  const [createLogger, { createStream }] = await Promise.all([loadLogger(), import("rotating-file-stream")]);
  const logs = path.join(folder, "logs");
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  for (const name of [FILE, HISTORY]) refuseOddFile(path.join(logs, name));
  const stream = createStream(FILE, { path: logs, size: "10M", maxFiles: 5, mode: 0o600, history: HISTORY });
  stream.on("error", (cause) => echo(say("storage.logUnwritable", { why: cause.message })));
  const logger = createLogger(stream);
  return {
    write: (line) => ("block" in line ? void stream.write(`${line.block}\n`) : logger[line.level](line.facts, line.message)),
    finish: async () => new Promise<void>((resolve) => stream.end(() => resolve())),
  };
}

/** Blocks are for people: who prints them there does so as plain text. */
async function openOutput(output: NonNullable<LogTargets["output"]>): Promise<Target> {
  const logger = (await loadLogger())({ write: (text) => void output.write(text) });
  return {
    write(line) {
      if (!("block" in line)) logger[line.level](line.facts, line.message);
    },
    finish: async () => undefined,
  };
}

async function loadLogger(): Promise<(stream: DestinationStream) => Logger> {
  // pino is CommonJS: bundled, it has a default export and no other.
  const { default: pino } = await import("pino");
  return (stream) =>
    pino(
      {
        level: "debug",
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        redact: ["*.token", "*.secret", "*.password", "*.authorization"],
      },
      stream,
    );
}

/** Opening a pipe would wait for its other end, and block the stop of the product. A link may point to standard output. */
function refuseOddFile(file: string): void {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found && !found.isFile() && !found.isSymbolicLink()) throw new Error(`${file} is not a plain file`);
}

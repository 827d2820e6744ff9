import { lstatSync, mkdirSync } from "node:fs";
import path from "node:path";
import { messageOf } from "../../base/message-of.ts";
import type { Log } from "../../core/index.ts";
import { say } from "../../words/say.ts";

export interface LogFile extends Log {
  /** Lines as they are, for what people look for by eye (mock text messages). */
  block(text: string): void;
  /** Starts writing, earlier lines first. */
  begin(): void;
  close(): Promise<void>;
}

type Level = "info" | "warn" | "error";
type Line =
  | { readonly level: Level; readonly message: string; readonly facts: Readonly<Record<string, unknown>> }
  | { readonly block: string };

const FILE = "Top Dog-topdog.log";
const HISTORY = "history.txt";

/**
 * The log in `logs/Top Dog-topdog.log`, one JSON object a line, mode 0600, rotated at 10 MB, five kept. Nothing touches the disk
 * before `begin`. A log that cannot be written never stops the product: it reports that on stderr.
 */
export function createLogFile(folder: string, echo: (line: string) => void): LogFile {
  const waiting: Line[] = [];
  let write = (line: Line): void => void waiting.push(line);
  let finish = async (): Promise<void> => undefined;
  let begun: Promise<void> | undefined;

  const openStream = async (): Promise<void> => {
    try {
      // pino is CommonJS: bundled, it has a default export and no other.
      const [{ default: pino }, { createStream }] = await Promise.all([import("pino"), import("rotating-file-stream")]);
      const logs = path.join(folder, "logs");
      mkdirSync(logs, { recursive: true, mode: 0o700 });
      for (const name of [FILE, HISTORY]) refuseOddFile(path.join(logs, name));
      const stream = createStream(FILE, { path: logs, size: "10M", maxFiles: 5, mode: 0o600, history: HISTORY });
      stream.on("error", (cause) => echo(say("storage.logUnwritable", { why: cause.message })));
      const logger = pino(
        { base: null, timestamp: pino.stdTimeFunctions.isoTime, redact: ["*.token", "*.secret", "*.password", "*.authorization"] },
        stream,
      );
      write = (line) => ("block" in line ? void stream.write(`${line.block}\n`) : logger[line.level](line.facts, line.message));
      finish = () => new Promise<void>((resolve) => stream.end(() => resolve()));
    } catch (cause) {
      write = () => undefined;
      echo(say("storage.logUnwritable", { why: messageOf(cause) }));
    }
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
    info: writer("info"),
    warn: writer("warn"),
    error: writer("error"),
    block: (text) => write({ block: text }),
    begin() {
      begun ??= openStream();
    },
    async close() {
      await begun;
      await finish();
    },
  };
}

/** Opening a pipe would wait for its other end, and block the stop of the product. A link may point to standard output. */
function refuseOddFile(file: string): void {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found && !found.isFile() && !found.isSymbolicLink()) throw new Error(`${file} is not a plain file`);
}

import { writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { messageOf } from "../base/message-of.ts";
import { assemble } from "../host/assemble.ts";
import { openSettings } from "../host/open-settings.ts";
import { say } from "../words/say.ts";
import { defaultFolder } from "./default-folder.ts";
import { INTERRUPTIONS } from "./interruptions.ts";

const STOP_TIMEOUT_MS = 5000;

/** Runs the server until SIGTERM, SIGINT or SIGHUP. If it can't start, prints one line to stderr and exits with code 1. */
export async function serve(env: NodeJS.ProcessEnv, appVersion: string): Promise<void> {
  const print = linesTo(process.stdout);
  try {
    const server = await assemble(openSettings(env, { storageFolder: defaultFolder() }), {
      distFolder: fileURLToPath(new URL("..", import.meta.url)),
      appVersion,
      askBeforeAws: false,
      print,
      // At a terminal a person reads the start's lines; the log is in its file.
      ...(process.stdout.isTTY ? {} : { logOutput: process.stdout }),
      lost(sentence) {
        // Immediately: any answer that is sent after this may be wrong.
        tryToWrite(`${sentence}\n`);
        process.exit(1);
      },
    });
    print(say("commandLine.settingsPage", { address: server.pageAddress }));

    const close = async (): Promise<void> => {
      setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
      await server.close();
    };
    const stop = (received: NodeJS.Signals): void => {
      // A second signal, or a server that can't stop, exits immediately. The journal holds every confirmed change.
      for (const signal of INTERRUPTIONS) process.once(signal, () => process.exit(1));
      // A person at the terminal does not wait for proxies.
      (received === "SIGTERM" ? server.drain() : Promise.resolve()).then(close).then(
        () => process.exit(0),
        (cause: unknown) => {
          process.stderr.write(`${say("commandLine.stopFailed", { why: messageOf(cause) })}\n`);
          process.exit(1);
        },
      );
    };
    for (const signal of INTERRUPTIONS) process.once(signal, stop);
  } catch (cause) {
    process.stderr.write(`${messageOf(cause)}\n`);
    process.exitCode = 1;
  }
}

/** Synchronously, because the process exits next. A closed standard error is ignored. */
function tryToWrite(text: string): void {
  try {
    writeSync(process.stderr.fd, text);
  } catch {
    return;
  }
}

/** Writing to a pipe blocks the process, so lines that are printed in one turn of the event loop are written together. */
function linesTo(stream: NodeJS.WritableStream): (line: string) => void {
  let waiting = "";
  const flush = (): void => {
    stream.write(waiting);
    waiting = "";
  };
  return (line) => {
    if (waiting === "") setImmediate(flush);
    waiting += `${line}\n`;
  };
}

import { writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { messageOf } from "../base/message-of.ts";
import { assemble } from "../host/assemble.ts";
import { openSettings } from "../host/open-settings.ts";
import { say } from "../words/say.ts";
import { defaultFolder } from "./default-folder.ts";
import { INTERRUPTIONS } from "./interruptions.ts";

const STOP_WITHIN = 5000;

/** Runs the server until SIGTERM, SIGINT or SIGHUP. What keeps it from starting is one clear line on stderr and exit code 1. */
export async function serve(env: NodeJS.ProcessEnv, appVersion: string): Promise<void> {
  const print = linesTo(process.stdout);
  try {
    const server = await assemble(openSettings(env, { storageFolder: defaultFolder() }), {
      distFolder: fileURLToPath(new URL("..", import.meta.url)),
      appVersion,
      askBeforeAws: false,
      print,
      lost(sentence) {
        // At once and at whatever point: an answer that leaves after this may be wrong.
        tryToWrite(`${sentence}\n`);
        process.exit(1);
      },
    });
    print(say("commandLine.settingsPage", { address: `${server.localAddress}/` }));

    const stop = (): void => {
      // Asked twice, or stuck: leave at once. The journal holds everything that was answered.
      for (const signal of INTERRUPTIONS) process.once(signal, () => process.exit(1));
      setTimeout(() => process.exit(1), STOP_WITHIN).unref();
      server.close().then(
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

/** Straight to standard error, before the process ends. Whether anybody reads it changes nothing. */
function tryToWrite(text: string): void {
  try {
    writeSync(process.stderr.fd, text);
  } catch {
    return;
  }
}

/** A pipe takes each write on its own while everybody waits: what is printed in one turn goes out in one. */
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

import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { assemble } from "../assemble.ts";
import { readSettings } from "../settings/read-settings.ts";

const STOP_WITHIN = 5000;

/** Runs the server until SIGTERM or SIGINT. What keeps it from starting is one clear line on stderr and exit code 1. */
export async function serve(env: NodeJS.ProcessEnv, appVersion: string): Promise<void> {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  try {
    const settings = readSettings(env, { storageFolder: path.join(homedir(), ".topdog", "pairing") });
    const server = await assemble(settings, { distFolder: fileURLToPath(new URL("..", import.meta.url)), appVersion, print });
    print(`Settings page   ${server.localAddress}/`);

    const stop = (): void => {
      // Asked twice, or stuck: leave at once. The journal holds everything that was answered.
      process.once("SIGTERM", () => process.exit(1));
      process.once("SIGINT", () => process.exit(1));
      setTimeout(() => process.exit(1), STOP_WITHIN).unref();
      server.close().then(
        () => process.exit(0),
        (cause: unknown) => {
          process.stderr.write(`The server did not stop cleanly: ${sentenceOf(cause)}\n`);
          process.exit(1);
        },
      );
    };
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
  } catch (cause) {
    process.stderr.write(`${sentenceOf(cause)}\n`);
    process.exitCode = 1;
  }
}

function sentenceOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

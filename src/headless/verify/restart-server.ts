import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { RowFault } from "./row.ts";
import type { VerifiedServer } from "./verified-server.ts";

const BACK_WITHIN = 60_000;
const POLL_INTERVAL_MS = 200;

/**
 * Runs the command that restarts the server, and waits until another process answers in the old one's place. `code` is an invite that
 * the server made: only the process that made it still knows the code. What the command prints goes to standard error.
 */
export async function restartServer(server: VerifiedServer, command: string, code: string, interrupted: AbortSignal): Promise<void> {
  const session = (await server.call("overview", {})).invites.find(({ invite_code }) => invite_code === code)?.session_id;
  const ended = await run(command, interrupted);
  if (ended !== undefined)
    throw new RowFault(
      `The command ${JSON.stringify(command)} ${ended}.`,
      "Give --restart a command that restarts the server and ends with 0.",
    );

  /** `undefined` while nobody answers, as between the two processes. */
  const sameProcess = async (): Promise<boolean | undefined> => {
    if ((await server.local("ready", {})).status !== 200) return undefined;
    const invite = (await server.call("overview", {})).invites.find(({ session_id }) => session_id === session);
    return invite?.invite_code !== undefined;
  };
  const until = Date.now() + BACK_WITHIN;
  let same: boolean | undefined;
  do {
    same = await sameProcess().catch(() => undefined);
    interrupted.throwIfAborted();
    if (same === false) return;
    await delay(POLL_INTERVAL_MS);
  } while (Date.now() < until);
  throw new RowFault(
    `The command ${JSON.stringify(command)} ended well, but a minute later ${same ? "the same process answers" : "the server is not ready"}.`,
    "Give --restart the command that restarts this server, and look into its log.",
  );
}

/** How it failed, if it did. */
function run(command: string, interrupted: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, stdio: ["ignore", 2, 2], signal: interrupted });
    child.once("error", (cause) => {
      if (interrupted.aborted) reject(interrupted.reason as Error);
      else resolve(`cannot be run: ${cause.message}`);
    });
    child.once("close", (status, signal) => resolve(status === 0 ? undefined : `ended with ${status ?? signal}`));
  });
}

import { randomBytes } from "node:crypto";
import * as z from "zod";
import { messageOf } from "../base/message-of.ts";
import type { Log } from "../core/index.ts";
import { createSettingsFile, SettingsFileError } from "./settings-file.ts";

const Saved = z.object({ id: z.string().regex(/^[\w-]{8,32}$/) });

/**
 * Distinguishes this server from others on the same host: made once for a storage folder, and kept in its `server.json`. It is
 * no secret. Where it cannot be kept, it is good for this run.
 */
export async function openServerId(folder: string, log: Pick<Log, "warn">): Promise<string> {
  const file = savedId(folder);
  try {
    const saved = file.read();
    if (saved) return saved.id;
  } catch (cause) {
    if (!(cause instanceof SettingsFileError)) throw cause;
    log.warn("the server's id cannot be read: phones that use the inbox in their browser have to pair again", { reason: cause.message });
  }
  const id = newServerId();
  await file
    .update(() => ({ id }))
    .catch((cause: unknown) => {
      log.warn("the server's id cannot be kept: after a restart, phones that use the inbox in their browser have to pair again", {
        reason: messageOf(cause),
      });
    });
  return id;
}

/** The id that a folder has; `undefined` where there is none, or a damaged one: phones would not know it either. */
export function readServerId(folder: string): string | undefined {
  try {
    return savedId(folder).read()?.id;
  } catch (cause) {
    if (!(cause instanceof SettingsFileError)) throw cause;
    return undefined;
  }
}

function savedId(folder: string) {
  return createSettingsFile(folder, "server.json", Saved, "damagedServer");
}

export function newServerId(): string {
  return randomBytes(9).toString("base64url");
}

import { present } from "../base/present.ts";
import type { InputOf } from "../contract/operations.ts";
import { readSettings } from "../settings/read-settings.ts";
import { say } from "../words/say.ts";
import { askLocalDoor } from "./ask-local-door.ts";
import { defaultFolder } from "./default-folder.ts";
import { buildIdOf, type PhoneOptions, whichPhone } from "./which-phone.ts";

export interface NotifyOptions extends PhoneOptions {
  readonly status: string;
  readonly project: string;
  readonly priority?: string;
  readonly actionRequired?: true;
  readonly build?: string;
  readonly json?: true;
}

type Sent = InputOf<"sendNotification">;

/** Sends a build notification. Returns what to print. */
export async function notify(env: NodeJS.ProcessEnv, message: string, options: NotifyOptions): Promise<string> {
  const answer = await askLocalDoor(readSettings(env, { storageFolder: defaultFolder() ?? "." }), "sendNotification", {
    ...whichPhone(options),
    build_id: buildIdOf(options),
    project_name: options.project,
    // The server rejects an unknown status with the list of known ones.
    status: options.status as Sent["status"],
    message,
    ...present({ priority: options.priority as Sent["priority"], action_required: options.actionRequired }),
  });
  if (options.json) return JSON.stringify(answer);
  const { delivered_to: phones } = answer;
  if (phones.length === 0) return say("commandLine.notifiedNobody");
  const [first] = phones;
  return phones.length === 1 && first !== undefined
    ? say("commandLine.notifiedOne", { phone: first })
    : say("commandLine.notifiedMany", { count: phones.length });
}

import { readSettings } from "../settings/read-settings.ts";
import { askLocalDoor } from "./ask-local-door.ts";

export interface InviteOptions {
  readonly user?: string;
  readonly name?: string;
  readonly json?: true;
}

/** Has a pairing link sent. Answers what to print. */
export async function invite(env: NodeJS.ProcessEnv, phoneNumber: string, { user, name, json }: InviteOptions): Promise<string> {
  const settings = readSettings(env, { storageFolder: "." });
  const answer = await askLocalDoor(settings, "sendInvite", {
    phone_number: phoneNumber,
    user_id: user ?? settings.userId,
    // Another user's phone is not greeted by this user's name.
    user_name: name ?? (user === undefined ? settings.userName : ""),
  });
  return json ? JSON.stringify(answer) : `${answer.message} To ${answer.phone_number}.`;
}

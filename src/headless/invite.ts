import type { Level } from "../core/index.ts";
import { readSettings, type Settings } from "../settings/read-settings.ts";
import { say } from "../words/say.ts";
import { askLocalDoor } from "./ask-local-door.ts";
import { defaultFolder } from "./default-folder.ts";

export interface InviteOptions {
  readonly user?: string;
  readonly name?: string;
  readonly level?: Level;
  readonly json?: true;
}

/** Sends a pairing link. Returns what to print. */
export async function invite(env: NodeJS.ProcessEnv, phoneNumber: string, { user, name, level, json }: InviteOptions): Promise<string> {
  const settings = readSettings(env, { storageFolder: defaultFolder() ?? "." });
  const answer = await askLocalDoor(settings, "sendInvite", {
    phone_number: await readNumber(settings, phoneNumber),
    user_id: user ?? settings.userId,
    // Another user's phone is not greeted by this user's name.
    user_name: name ?? (user === undefined ? settings.userName : ""),
    level,
  });
  if (json) return JSON.stringify(answer);
  const unsent = await unsentInvite(settings, answer.invite_code);
  const { phone_number: number } = answer;
  const time = new Date(answer.expires_at).toLocaleTimeString();
  if (!unsent) return say("commandLine.inviteSent", { number, time });
  if (unsent.link === undefined) return say("commandLine.inviteMockElsewhere", { number, time });
  return [say("commandLine.inviteMock", { number, time }), unsent.link].join("\n");
}

/** An invite of a server that sends no text messages. Its link only with the admin token. `undefined`: it sends them, or does not say. */
async function unsentInvite(settings: Settings, code: string): Promise<{ readonly link?: string | undefined } | undefined> {
  try {
    const { sms_provider, invites } = await askLocalDoor(settings, "overview", {});
    return sms_provider === "mock" ? { link: invites.find(({ invite_code }) => invite_code === code)?.link } : undefined;
  } catch {
    // The invite exists: the command has not failed only because its link cannot be read.
    return undefined;
  }
}

/** Strict E.164 goes to the server as it is; the server reads any other spelling first, as in the settings page. */
async function readNumber(settings: Settings, typed: string): Promise<string> {
  if (/^\+[1-9]\d+$/.test(typed)) return typed;
  const { e164, other_reading, warning } = await askLocalDoor(settings, "readPhoneNumber", { typed, country: settings.country });
  // No person checks the number before the message is sent.
  if (other_reading !== undefined) throw new Error(warning);
  // The server rejects an invalid number with the reason.
  return e164 ?? typed;
}

import { present } from "../base/present.ts";
import { readSettings } from "../settings/read-settings.ts";
import { askLocalDoor } from "./ask-local-door.ts";
import { inColumns } from "./columns.ts";

export interface RevokeOptions {
  readonly user?: string;
  readonly json?: true;
}

/** Paired phones. Answers what to print. */
export async function devices(env: NodeJS.ProcessEnv, json: boolean): Promise<string> {
  const answer = await askLocalDoor(readSettings(env, { storageFolder: "." }), "listDevices", {});
  if (json) return JSON.stringify(answer);
  if (answer.length === 0) return "No phone is paired. Pair one: topdog-phone invite +14155551234, or topdog-phone qr";
  const rows = answer.map((device) => [
    device.device_id,
    device.device_name,
    device.status,
    `user ${device.user_id}`,
    `seen ${new Date(device.last_seen).toLocaleString()}`,
  ]);
  return inColumns(rows);
}

/** Takes a phone's access away. Answers what to print. */
export async function revoke(env: NodeJS.ProcessEnv, deviceId: string, { user, json }: RevokeOptions): Promise<string> {
  const answer = await askLocalDoor(readSettings(env, { storageFolder: "." }), "revokeDevice", {
    device_id: deviceId,
    ...present({ user_id: user }),
  });
  return json ? JSON.stringify(answer) : `${answer.device_id} is revoked: it can do nothing any more.`;
}

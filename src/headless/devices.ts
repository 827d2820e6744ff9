import { present } from "../base/present.ts";
import type { Level } from "../contract/levels.ts";
import type { AnswerOf } from "../contract/operations.ts";
import { readSettings } from "../settings/read-settings.ts";
import { say } from "../words/say.ts";
import { adminTokenIn } from "./admin-token-file.ts";
import { askLocalDoor } from "./ask-local-door.ts";
import { inColumns } from "./columns.ts";
import { defaultFolder } from "./default-folder.ts";

export interface RevokeOptions {
  readonly user?: string;
  readonly json?: true;
}

export interface LevelOptions extends RevokeOptions {
  readonly adminTokenFile?: string;
}

/** Paired phones. Returns what to print. */
export async function devices(env: NodeJS.ProcessEnv, json: boolean): Promise<string> {
  const answer = await askLocalDoor(readSettings(env, { storageFolder: defaultFolder() ?? "." }), "listDevices", {});
  if (json) return JSON.stringify(answer);
  if (answer.length === 0) return say("commandLine.noPhones");
  const rows = answer.map((device) => [
    device.device_id,
    device.device_name,
    stateInWords(device),
    say("commandLine.deviceLevel", { level: device.level }),
    say("commandLine.deviceUser", { user: device.user_id }),
    say("commandLine.deviceSeen", { when: new Date(device.last_seen).toLocaleString() }),
  ]);
  return inColumns(rows);
}

/** Revokes a phone's access. Returns what to print. */
export async function revoke(env: NodeJS.ProcessEnv, deviceId: string, { user, json }: RevokeOptions): Promise<string> {
  const answer = await askLocalDoor(readSettings(env, { storageFolder: defaultFolder() ?? "." }), "revokeDevice", {
    device_id: deviceId,
    ...present({ user_id: user }),
  });
  return json ? JSON.stringify(answer) : say("commandLine.revoked", { device: answer.device_id });
}

/** Changes what a phone may do: more than before only with the admin token. Returns what to print. */
export async function changeLevel(
  env: NodeJS.ProcessEnv,
  deviceId: string,
  level: Level,
  { user, adminTokenFile, json }: LevelOptions,
): Promise<string> {
  const settings = readSettings(env, { storageFolder: defaultFolder() ?? "." });
  const adminToken = adminTokenFile === undefined ? settings.adminToken : await adminTokenIn(adminTokenFile);
  const answer = await askLocalDoor({ ...settings, adminToken }, "changeDevice", {
    device_id: deviceId,
    level,
    ...present({ user_id: user }),
  });
  return json ? JSON.stringify(answer) : say("commandLine.levelChanged", { device: answer.device_id, level: answer.level });
}

/** An unconfirmed phone is active, and can do nothing yet. */
function stateInWords({ status, confirmed }: Pick<AnswerOf<"listDevices">[number], "status" | "confirmed">): string {
  const waits = confirmed === false && status !== "revoked";
  return waits ? say("commandLine.deviceUnconfirmed", { status: statusInWords(status) }) : statusInWords(status);
}

function statusInWords(status: "active" | "suspended" | "revoked"): string {
  if (status === "active") return say("commandLine.deviceActive");
  return status === "suspended" ? say("commandLine.deviceSuspended") : say("commandLine.deviceRevoked");
}

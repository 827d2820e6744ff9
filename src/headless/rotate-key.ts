import { openSettings } from "../host/open-settings.ts";
import { askLocalDoor } from "./ask-local-door.ts";
import { defaultFolder } from "./default-folder.ts";

/** Has the running server sign with a new key. Answers what to print. */
export async function rotateKey(env: NodeJS.ProcessEnv, json: boolean): Promise<string> {
  const answer = await askLocalDoor(openSettings(env, { storageFolder: defaultFolder() ?? "." }).inUse(), "rotateKey", {});
  return json ? JSON.stringify(answer) : `Key ${answer.kid} signs from now on. Phones that are paired stay paired.`;
}

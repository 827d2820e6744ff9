import { openSettings } from "../host/open-settings.ts";
import { say } from "../words/say.ts";
import { askLocalDoor } from "./ask-local-door.ts";
import { defaultFolder } from "./default-folder.ts";

/** Makes the running server sign with a new key. Returns what to print. */
export async function rotateKey(env: NodeJS.ProcessEnv, json: boolean): Promise<string> {
  const answer = await askLocalDoor(openSettings(env, { storageFolder: defaultFolder() ?? "." }).inUse(), "rotateKey", {});
  return json ? JSON.stringify(answer) : say("commandLine.keyRotated", { kid: answer.kid });
}

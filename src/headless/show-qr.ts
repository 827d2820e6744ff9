import type { Level } from "../core/index.ts";
import { openSettings } from "../host/open-settings.ts";
import { say } from "../words/say.ts";
import { askLocalDoor } from "./ask-local-door.ts";
import { defaultFolder } from "./default-folder.ts";

export interface QrOptions {
  readonly level?: Level;
  readonly json?: true;
}

/** A QR code of half blocks, with its password and expiry below it. Returns what to print. */
export async function showQr(env: NodeJS.ProcessEnv, { level, json }: QrOptions): Promise<string> {
  const settings = openSettings(env, { storageFolder: defaultFolder() ?? "." }).inUse();
  const answer = await askLocalDoor(settings, "generateQr", { user_id: settings.userId, user_name: settings.userName, level });
  // The picture is for pages: a terminal draws its own.
  if (json) return JSON.stringify({ ...answer, qr_code_base64: undefined });
  const { default: QRCode } = await import("qrcode");
  const code = await QRCode.toString(answer.pairing_link, { type: "utf8", errorCorrectionLevel: "M", margin: 4 });
  return [
    code,
    answer.pairing_link,
    ...(answer.otp_code === undefined
      ? []
      : [say("commandLine.oneTimePassword", { password: `${answer.otp_code.slice(0, 3)} ${answer.otp_code.slice(3)}` })]),
    say("commandLine.scanBefore", { time: new Date(answer.expires_at).toLocaleTimeString() }),
  ].join("\n");
}

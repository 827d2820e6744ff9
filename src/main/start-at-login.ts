import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { app } from "electron";
import { say } from "../words/say.ts";

/** On the command line of a start that nobody asked for just now: the window stays closed. */
export const HIDDEN = "--hidden";

/** Has the system start this app with the session, or no longer. Rejects with one sentence. */
export async function startAtLogin(wanted: boolean): Promise<void> {
  if (process.platform !== "linux") {
    app.setLoginItemSettings({ openAtLogin: wanted, args: [HIDDEN] });
    return;
  }
  // Electron knows macOS and Windows; desktops on Linux agree on a file (freedesktop.org, Autostart).
  const folder = path.join(app.getPath("appData"), "autostart");
  const file = path.join(folder, "topdog-phone.desktop");
  try {
    if (!wanted) {
      await rm(file, { force: true });
      return;
    }
    await mkdir(folder, { recursive: true });
    await writeFile(file, desktopEntry(), { mode: 0o600 });
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? say("desktop.unknownError");
    throw new Error(say("desktop.fileUnwritable", { file, why }), { cause });
  }
}

function desktopEntry(): string {
  const program = process.env["APPIMAGE"] ?? process.execPath;
  const command = [program, ...(app.isPackaged ? [] : [app.getAppPath()]), HIDDEN].map(quoted).join(" ");
  return ["[Desktop Entry]", "Type=Application", `Name=${app.getName()}`, `Exec=${command}`, "Terminal=false", ""].join("\n");
}

/** As the Desktop Entry Specification has it: in double quotes, and a percent sign doubled. */
function quoted(word: string): string {
  return `"${word
    .replace(/["`$\\]/g, "\\$&")
    .replaceAll("\\", "\\\\")
    .replaceAll("%", "%%")}"`;
}

import { constants, type Stats } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import path from "node:path";

/** Where the program is, or why none is used. */
export type Found =
  | { readonly kind: "found"; readonly file: string }
  | { readonly kind: "not_installed" | "not_runnable" | "not_trusted"; readonly file?: string };

type Environment = Readonly<Record<string, string | undefined>>;

const WINDOWS = process.platform === "win32";
const NAME = WINDOWS ? "cloudflared.exe" : "cloudflared";

/** Where installers put it. An app that was started from a dock or a menu does not have the PATH of a terminal. */
const DEFAULT_FOLDERS = WINDOWS
  ? ["C:\\Program Files (x86)\\cloudflared", "C:\\Program Files\\cloudflared"]
  : ["/usr/local/bin", "/opt/homebrew/bin", "/usr/bin", "/snap/bin"];

const GROUP_OR_OTHERS_WRITE = 0o022;
const OTHERS_WRITE = 0o002;
const GROUP_WRITE = 0o020;
const STICKY = 0o1000;

/** Searches PATH first, without relative entries: nobody chose what is in the current folder. */
export async function locateCloudflared(env: Environment): Promise<Found> {
  const folders = [
    ...(env["PATH"] ?? env["Path"] ?? "").split(path.delimiter).filter((folder) => path.isAbsolute(folder)),
    ...DEFAULT_FOLDERS,
  ];
  let unusable: Found | undefined;
  for (const folder of folders) {
    const found = await examine(path.join(folder, NAME));
    if (found.kind === "found") return found;
    if (found.kind === "not_runnable") unusable ??= found;
  }
  return unusable ?? { kind: "not_installed" };
}

/** The file that the environment names: an account that sets it can run anything anyway. */
export async function examine(file: string): Promise<Found> {
  try {
    if (!(await stat(file)).isFile()) return { kind: "not_runnable", file };
  } catch {
    return { kind: "not_installed" };
  }
  return access(file, constants.X_OK).then(
    () => ({ kind: "found", file }),
    () => ({ kind: "not_runnable", file }),
  );
}

/**
 * A file that was chosen in the settings page. Other accounts of this computer may reach the local door, and must not have this one
 * run a program of theirs: it is called cloudflared itself and not only by its link, and nobody but this account and the system can
 * have put it there, or the link to it, or could replace a folder above either.
 */
export async function examineChosen(file: string, env: Environment): Promise<Found> {
  const found = path.isAbsolute(file) ? await examine(file) : ({ kind: "not_installed" } as const);
  if (found.kind !== "found") return found;
  const real = await realpath(file);
  const named = [file, real].every((one) => path.basename(one).toLowerCase() === NAME);
  const trusted = named && (WINDOWS ? isInOwnFolder(real, env) : await isOwn(file, real));
  return { kind: trusted ? "found" : "not_trusted", file: real };
}

async function isOwn(file: string, real: string): Promise<boolean> {
  const program = await stat(real);
  if (!isMine(program) || (program.mode & GROUP_OR_OTHERS_WRITE) !== 0) return false;
  const folders = new Set([...foldersAbove(real), ...foldersAbove(path.resolve(file))]);
  for (const folder of folders) if (!isClosed(await stat(folder))) return false;
  return true;
}

function foldersAbove(file: string): string[] {
  const folder = path.dirname(file);
  return folder === file ? [] : [folder, ...foldersAbove(folder)];
}

function isMine({ uid }: Stats): boolean {
  return uid === 0 || uid === process.getuid?.();
}

/** Nobody else can replace what lies in it. In a sticky folder, as /tmp is, each account replaces only its own. */
function isClosed(folder: Stats): boolean {
  if (!isMine(folder)) return false;
  if ((folder.mode & STICKY) !== 0) return true;
  return (folder.mode & OTHERS_WRITE) === 0 && ((folder.mode & GROUP_WRITE) === 0 || isGroupOfTrust(folder.gid));
}

/** The groups of administrators that systems give their program folders to: staff on Debian, admin on macOS. */
function isGroupOfTrust(gid: number): boolean {
  return gid === 0 || gid === process.getgid?.() || gid === (process.platform === "darwin" ? 80 : 50);
}

/** Windows lets nobody else write there, unless somebody has allowed it. */
function isInOwnFolder(file: string, env: Environment): boolean {
  const own = [env["USERPROFILE"], env["ProgramFiles"], env["ProgramFiles(x86)"]].filter((folder) => folder !== undefined && folder !== "");
  return own.some((folder) => file.toLowerCase().startsWith(`${String(folder).toLowerCase()}\\`));
}

import { hash } from "node:crypto";
import { fstatSync, readdirSync, readFileSync, readSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { vi } from "vitest";
import { files } from "../../../src/adapters/stores/file/storage-file.ts";
import { AUDIT, freshFolder, JOURNAL } from "./folder.ts";

/** What a power cut at one moment can leave of a folder. */
export interface LeftBehind {
  /** The content of each file, by name. */
  readonly contents: ReadonlyMap<string, Buffer>;
  /** How many changes had been answered by then. */
  readonly answered: number;
}

export interface UnsyncedDisk {
  /** Counts a change as answered. */
  answered(): void;
  /** Calls `meanwhile` once, right before the next file of this name takes its place. */
  beforeRename(name: string, meanwhile: () => void): void;
  /** Makes the next sync of the file of this name fail, and not take place. */
  failNextSync(name: string): void;
  /** Stops recording, and returns each different folder that a power cut could have left. */
  stop(): readonly LeftBehind[];
}

/** They say nothing of what was answered. */
const LEFT_OUT: ReadonlySet<string> = new Set(["pairing.lock", "pairing.lock.turn", "pairing.reserve"]);
const EMPTY = Buffer.alloc(0);

/**
 * Follows what the file store does in a folder, as a disk may see it: a file's content is certain once the file was synced, a name
 * once its folder was. Before that a power cut may leave the old or the new, of the names, of the journal, of the trail and of the other
 * files each by itself.
 */
export function watchDisk(folder: string): UnsyncedDisk {
  const synced = new Map<number, Buffer>();
  /** Of files that have lost their name. */
  const last = new Map<number, Buffer>();
  let syncedNames = namesIn(folder);
  const found = new Map<string, LeftBehind>();
  let answered = 0;
  let failing: number | undefined;
  let waiting: { readonly name: string; readonly meanwhile: () => void } | undefined;

  const note = (): void => {
    const names = namesIn(folder);
    for (const [name, inode] of names) last.set(inode, readFileSync(path.join(folder, name)));
    for (const known of [syncedNames, names]) {
      for (const choice of CHOICES) {
        const contents = new Map(
          [...known].map(([name, inode]) => [name, (choice.includes(kindOf(name)) ? last.get(inode) : synced.get(inode)) ?? EMPTY]),
        );
        found.set(`${answered} ${keyOf(contents)}`, { contents, answered });
      }
    }
  };
  const followSync = (call: "fsync" | "fdatasync"): void => {
    const real = files[call];
    vi.spyOn(files, call).mockImplementation((async (fd: number) => {
      const { ino, size } = fstatSync(fd);
      const isFolder = fstatSync(fd).isDirectory();
      const before = isFolder ? EMPTY : contentOf(fd, size);
      const names = namesIn(folder);
      if (ino === failing) {
        failing = undefined;
        throw Object.assign(new Error("sync failed"), { code: "EIO" });
      }
      await real(fd);
      if (isFolder) {
        if (ino === statSync(folder).ino) syncedNames = names;
      } else synced.set(ino, before);
      note();
    }) as never);
  };
  const followChange = (call: "rename" | "unlink" | "ftruncate"): void => {
    const real = files[call] as (...input: unknown[]) => Promise<void>;
    vi.spyOn(files, call).mockImplementation((async (...input: unknown[]) => {
      note();
      if (call === "rename" && waiting?.name === path.basename(input[1] as string)) {
        const { meanwhile } = waiting;
        waiting = undefined;
        meanwhile();
      }
      await real(...input);
      note();
    }) as never);
  };
  for (const call of ["fsync", "fdatasync"] as const) followSync(call);
  for (const call of ["rename", "unlink", "ftruncate"] as const) followChange(call);

  return {
    answered() {
      answered += 1;
      note();
    },
    beforeRename(name, meanwhile) {
      waiting = { name, meanwhile };
    },
    failNextSync(name) {
      failing = namesIn(folder).get(name);
    },
    stop() {
      vi.restoreAllMocks();
      return [...found.values()];
    },
  };
}

/** A folder with this in it. */
export function folderOf({ contents }: LeftBehind): string {
  const folder = freshFolder();
  for (const [name, content] of contents) writeFileSync(path.join(folder, name), content, { mode: 0o600 });
  return folder;
}

type Kind = "journal" | "trail" | "other";

/** Whose latest content reached the disk without having been synced. */
const CHOICES: readonly (readonly Kind[])[] = [
  [],
  ["journal"],
  ["trail"],
  ["other"],
  ["journal", "trail"],
  ["journal", "other"],
  ["trail", "other"],
  ["journal", "trail", "other"],
];

function kindOf(name: string): Kind {
  if (name === JOURNAL) return "journal";
  return name === AUDIT ? "trail" : "other";
}

function namesIn(folder: string): ReadonlyMap<string, number> {
  const names = readdirSync(folder).filter((name) => !LEFT_OUT.has(name) && !name.startsWith("pairing.lock."));
  return new Map(names.map((name) => [name, statSync(path.join(folder, name)).ino]));
}

function contentOf(fd: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  return bytes.subarray(0, readSync(fd, bytes, 0, size, 0));
}

function keyOf(contents: ReadonlyMap<string, Buffer>): string {
  return JSON.stringify([...contents].sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, bytes]) => [name, hash("sha1", bytes)]));
}

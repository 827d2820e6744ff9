import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { messageOf } from "../../base/message-of.ts";
import type { KeychainAnswer, KeychainQuestion, LISTENS } from "./keychain-calls.ts";

/**
 * The process that asks the operating system's keychain, one question after another. A keyring that waits for its password never
 * answers, keeps one of Node's few threads, and keeps a process from ending; a keyring that was started anew is not found again by
 * the process that knew the old one. So this one is there for one errand, and is ended from outside.
 */
const SERVICE = "Top Dog Phone Pairing";

/** What Electron gives a utility process; a process that Node.js forked talks over `process` itself. */
interface ParentPort {
  on(event: "message", listener: (event: { readonly data: unknown }) => void): void;
  postMessage(message: unknown): void;
}
const { parentPort } = process as unknown as { readonly parentPort?: ParentPort };
const reply = (answer: KeychainAnswer | typeof LISTENS): void => {
  if (parentPort) parentPort.postMessage(answer);
  else process.send?.(answer);
};
const answer = (question: KeychainQuestion): void => {
  const asked = performance.now();
  ask(question).then(
    (value) => reply({ ok: true, value, took: performance.now() - asked }),
    (cause: unknown) =>
      reply({
        ok: false,
        message: messageOf(cause),
        noLibrary: cause instanceof LibraryMissing,
        took: performance.now() - asked,
      }),
  );
};
// Only the process that started this one can write here, and it asks what its own types let it ask.
if (parentPort) parentPort.on("message", ({ data }) => answer(data as KeychainQuestion));
else process.on("message", (data) => answer(data as KeychainQuestion));
// The process that started this one is gone. An ordinary end would wait for a keyring that waits for its password.
process.once("disconnect", () => process.kill(process.pid, "SIGKILL"));

class LibraryMissing extends Error {}

/** Loaded before anything is asked: on a busy computer that takes as long as a person, and only a person's time may be measured. */
const library = import("keytar").then(
  ({ default: keytar }) => keytar,
  (cause: unknown) => {
    throw new LibraryMissing(messageOf(cause, "unknown"));
  },
);
library.catch(() => undefined).finally(() => reply("listens"));

async function ask(question: KeychainQuestion): Promise<string | null> {
  if (question.ask === "backend") return backend();
  const keytar = await library;
  switch (question.ask) {
    case "get":
      return keytar.getPassword(SERVICE, question.account);
    case "set":
      await keytar.setPassword(SERVICE, question.account, question.text);
      return null;
    case "delete":
      await keytar.deletePassword(SERVICE, question.account);
      return null;
  }
}

/** The program behind the keychain; `null` where that cannot be known. */
async function backend(): Promise<string | null> {
  if (process.platform === "darwin") return "macOS Keychain";
  if (process.platform === "win32") return "Windows Credential Manager";
  try {
    const asked = ["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.GetConnectionUnixProcessID"];
    const { stdout } = await promisify(execFile)("dbus-send", [...asked, "string:org.freedesktop.secrets"], { timeout: 1000 });
    const pid = /uint32 (\d+)/.exec(stdout)?.[1];
    return pid === undefined ? null : (await readFile(`/proc/${pid}/comm`, "utf8")).trim();
  } catch {
    return null;
  }
}

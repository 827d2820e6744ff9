import { homedir } from "node:os";
import type * as z from "zod";
import { readTextFile } from "../adapters/system/read-text.ts";
import { whyNotRelative } from "../adapters/system/working-folder.ts";
import { say } from "../words/say.ts";
import type { Option } from "./option.ts";
import { ALL_OPTIONS, type OPTIONS, type OptionName } from "./options.ts";

/** The parsed value; `undefined` if it is not set or invalid. */
export type ReadOption = <Name extends OptionName>(name: Name) => z.output<(typeof OPTIONS)[Name]["schema"]> | undefined;
/** The same for a name known only at run time. */
export type ReadNamed = (name: string) => unknown;

/** Reads settings one by one. Each fault is passed to `complain`. */
export function optionReader(env: NodeJS.ProcessEnv, complain: Complain): ReadOption & ReadNamed {
  return ((name: string): unknown => {
    const { schema, secret } = optionOf(name);
    const text = textOf(env, name, complain);
    if (text === undefined) return undefined;
    const read = schema.safeParse(text);
    if (read.success) return read.data;
    for (const { message: rule } of read.error.issues) {
      const sentence = secret
        ? say("settingRules.explained", { name, rule })
        : say("settingRules.explainedWithValue", { name, rule, value: JSON.stringify(text) });
      complain(name, rule, sentence);
    }
    return undefined;
  }) as ReadOption & ReadNamed;
}

function optionOf(name: string): Option {
  const option = ALL_OPTIONS[name];
  if (!option) throw new Error(`there is no setting ${name}`);
  return option;
}

/** `rule` follows the setting's name; `sentence` is the whole line if it is a different one. */
export type Complain = (name: string, rule: string, sentence?: string) => void;

/** An empty or blank variable counts as not set. */
export function isGiven(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== "";
}

/**
 * The variable's text, or that of the file in `<NAME>_FILE`. Surrounding blanks and Windows line ends are removed; an HTTP
 * header could not carry them.
 */
function textOf(env: NodeJS.ProcessEnv, name: string, complain: Complain): string | undefined {
  const { secret, orFile, path } = optionOf(name);
  const text = isGiven(env[name]) ? env[name].trim() : undefined;
  const file = secret || orFile ? env[`${name}_FILE`] : undefined;
  if (!isGiven(file)) return text === undefined || !path ? text : inHome(text, env, (rule) => complain(name, rule));
  if (text !== undefined) {
    complain(name, say("settingRules.bothGiven", { fileVariable: `${name}_FILE` }));
    return undefined;
  }
  return secretInFile(env, name, (rule) => complain(name, rule, say("settingRules.explained", { name: `${name}_FILE`, rule })));
}

/** The text of the file in `<NAME>_FILE`; `undefined` if there is none, or if it cannot be used and `complain` was called. */
export function secretInFile(env: NodeJS.ProcessEnv, name: string, complain: (rule: string) => void): string | undefined {
  const named = env[`${name}_FILE`];
  const file = isGiven(named) ? inHome(named.trim(), env, complain) : undefined;
  if (file === undefined) return undefined;
  try {
    const text = readTextFile(file, { links: true }).trim();
    if (text !== "") return text;
    complain(say("settingRules.fileEmpty", { file: JSON.stringify(file) }));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EOWNER") complain((cause as Error).message);
    else complain(say("settingRules.fileUnreadable", { file: JSON.stringify(file), why: reasonOf(cause) }));
  }
  return undefined;
}

function reasonOf(cause: unknown): string {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === "EILSEQ") return say("settingRules.notText");
  return code === "EFTYPE" ? say("settingRules.notPlainFile") : (code ?? say("settingRules.unknownError"));
}

/** Expands `~` and variables at the start as a shell would: no shell reads the environment of services and containers. */
const SHELL_START = /^(?:~|\$HOME|\$\{HOME\})(?=[\\/]|$)/;

/** Replaces `~` or `$HOME` at the start of a path. Any other shell syntax there is a fault. */
function inHome(file: string, env: NodeJS.ProcessEnv, complain: (rule: string) => void): string | undefined {
  if (!SHELL_START.test(file)) {
    if (!/^[~$]/.test(file)) {
      const nowhere = whyNotRelative(file);
      if (nowhere === undefined) return file;
      complain(nowhere);
      return undefined;
    }
    complain(say("settingRules.shellSyntax", { start: JSON.stringify(/^[^\\/]*/.exec(file)?.[0] ?? "") }));
    return undefined;
  }
  const home = homeOf(env);
  // A function, because `$&` in a folder's name would be a replacement pattern.
  if (home !== undefined) return file.replace(SHELL_START, () => home);
  complain(say("settingRules.noHome"));
  return undefined;
}

function homeOf(env: NodeJS.ProcessEnv): string | undefined {
  const named = [env["HOME"], env["USERPROFILE"]].find(isGiven);
  if (named !== undefined) return named;
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

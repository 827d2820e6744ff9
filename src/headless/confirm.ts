import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { type AnswerOf, type InputOf, OPERATIONS, type OperationName } from "../contract/operations.ts";
import { reachableAddressOf } from "../settings/addresses.ts";
import { readSettings } from "../settings/read-settings.ts";
import { say, sayError } from "../words/say.ts";
import { adminTokenIn } from "./admin-token-file.ts";
import { type Asked, askDoor, NoAnswer, rejectionSentence } from "./ask-door.ts";
import { noServerAt } from "./ask-local-door.ts";
import { inColumns } from "./columns.ts";
import { defaultFolder } from "./default-folder.ts";

export interface ConfirmOptions {
  readonly adminTokenFile?: string;
  readonly level?: InputOf<"confirmClaim">["level"];
  readonly json?: true;
}

/**
 * Types the digits that a phone shows. Returns what to print. The admin token comes from the person or from a file that is named: neither
 * the environment nor the storage folder is read, because a program of this account has both.
 */
export async function confirm(env: NodeJS.ProcessEnv, digits: string | undefined, options: ConfirmOptions): Promise<string> {
  const { localHost, localPort } = readSettings(env, { storageFolder: defaultFolder() ?? "." });
  const adminToken = await adminTokenFrom(options.adminTokenFile);
  const door: Asked = { address: reachableAddressOf(localHost, localPort), adminToken };
  const typed = digits ?? (await askForDigits((await ask(door, "listClaims", {})).claims));
  const answer = await ask(door, "confirmClaim", { digits: typed, level: options.level });
  return options.json ? JSON.stringify(answer) : say("commandLine.confirmed", { phone: answer.device_name });
}

async function ask<N extends OperationName>(door: Asked, name: N, input: InputOf<N>): Promise<AnswerOf<N>> {
  const answer = await askDoor(door, name, input).catch((cause: unknown) => {
    throw cause instanceof NoAnswer ? new Error(noServerAt(door.address)) : cause;
  });
  if (answer.status !== 200) throw new Error(rejectionSentence(door.address, answer));
  return OPERATIONS[name].answer.parse(answer.body) as AnswerOf<N>;
}

async function adminTokenFrom(file: string | undefined): Promise<string> {
  return file === undefined ? question(say("commandLine.typeAdminToken"), { hidden: true }) : adminTokenIn(file);
}

/** Shows who waits, and asks for the digits. */
async function askForDigits(claims: AnswerOf<"listClaims">["claims"]): Promise<string> {
  if (claims.length === 0) throw new Error(sayError("claim_closed", { reason: "none_open" }));
  const rows = claims.map((claim) => [
    claim.device_name,
    [claim.os_version, claim.browser].filter(Boolean).join(", "),
    claim.network ?? "",
    say("commandLine.deviceUser", { user: claim.user_id }),
    say("commandLine.deviceLevel", { level: claim.level }),
  ]);
  process.stderr.write(`${say("commandLine.phonesWait")}\n${inColumns(rows)}\n`);
  return question(say("commandLine.typeDigits"), { hidden: false });
}

/** What a person types at the terminal, without blanks around it. `hidden`: it is not shown. */
async function question(prompt: string, { hidden }: { readonly hidden: boolean }): Promise<string> {
  if (!process.stdin.isTTY) throw new Error(say("commandLine.noTerminal"));
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  // From here on the terminal shows nothing by itself: only then may the person type.
  const terminal = createInterface({ input: process.stdin, output: hidden ? silent : process.stderr, terminal: true });
  try {
    if (hidden) process.stderr.write(prompt);
    return (await terminal.question(hidden ? "" : prompt)).trim();
  } finally {
    terminal.close();
    if (hidden) process.stderr.write("\n");
  }
}

import { randomBytes } from "node:crypto";
import * as z from "zod";
import type { KeychainCalls } from "./keychain-calls.ts";
import { SecretsUnavailable } from "./secrets-unavailable.ts";

/** An item's first piece. Windows keeps 2,560 bytes per item and no more, and a rotated key is longer: the rest is in items of its own. */
const First = z.object({ mark: z.string(), pieces: z.number().int().min(1), text: z.string() });
const PIECE = 2000;

/** A secret as it lies in the keychain: under `account`, further pieces under names that its mark is part of. */
export interface KeychainItem {
  readonly mark: string;
  readonly secret: string;
}

export function newMark(): string {
  return randomBytes(12).toString("base64url");
}

/** `undefined`: the keychain answers that there is none, which a locked one does as well. */
export async function readItem(calls: KeychainCalls, account: string): Promise<KeychainItem | undefined> {
  const text = await calls.get(account);
  if (text === null) return undefined;
  const { mark, pieces, text: first } = firstOf(text);
  const rest: string[] = [];
  for (let piece = 2; piece <= pieces; piece += 1) {
    const more = await calls.get(pieceName(account, mark, piece));
    if (more === null) throw new SecretsUnavailable("other_item");
    rest.push(more);
  }
  return { mark, secret: [first, ...rest].join("") };
}

/** Resolves once it was read back. The first piece is what counts and comes last: a crash leaves the former item whole. */
export async function writeItem(calls: KeychainCalls, account: string, { mark, secret }: KeychainItem): Promise<void> {
  const before = await calls.get(account);
  const [first = "", ...rest] = secret.match(new RegExp(`[^]{1,${PIECE}}`, "g")) ?? [];
  for (const [index, text] of rest.entries()) await calls.set(pieceName(account, mark, index + 2), text);
  await calls.set(account, JSON.stringify({ mark, pieces: rest.length + 1, text: first }));
  const back = await readItem(calls, account);
  if (back?.mark !== mark || back.secret !== secret)
    throw new SecretsUnavailable("failed", { cause: new Error("the keychain gave back something else than it was given") });
  if (before !== null) await deletePieces(calls, account, before);
}

export async function deleteItem(calls: KeychainCalls, account: string): Promise<void> {
  const before = await calls.get(account);
  await calls.delete(account);
  if (before !== null) await deletePieces(calls, account, before);
}

async function deletePieces(calls: KeychainCalls, account: string, text: string): Promise<void> {
  const read = First.safeParse(jsonOf(text));
  if (!read.success) return;
  const { mark, pieces } = read.data;
  for (let piece = 2; piece <= pieces; piece += 1) await calls.delete(pieceName(account, mark, piece));
}

function pieceName(account: string, mark: string, piece: number): string {
  return `${account} ${mark} ${piece}`;
}

function firstOf(text: string): z.output<typeof First> {
  const read = First.safeParse(jsonOf(text));
  if (!read.success) throw new SecretsUnavailable("other_item");
  return read.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

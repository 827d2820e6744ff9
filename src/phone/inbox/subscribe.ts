import type { AnswerOf } from "../../contract/operations.ts";
import { retry } from "../../words/phone.ts";
import { askDoor, type Reply } from "./ask-door.ts";

export type PushStatus = AnswerOf<"pushStatus">;

export const SUBSCRIPTION = "/phone/push/subscription";

/** What went wrong, as a sentence; empty if nothing did. */
export function wentWrong(reply: Reply<unknown>): string {
  if (reply.kind === "done") return "";
  return reply.kind === "lost" ? retry.lost : reply.problem.detail;
}

export async function askStatus(): Promise<Reply<PushStatus>> {
  return askDoor<PushStatus>("GET", "/phone/push");
}

/** Lets the browser be woken with the computer's key, and gives the computer the address. Returns what went wrong, if anything did. */
export async function subscribe(manager: PushManager, publicKey: string): Promise<string> {
  const key = bytesOf(publicKey);
  const former = await manager.getSubscription();
  // This computer cannot use a subscription for another computer's key.
  if (former && !isSame(former.options.applicationServerKey, key)) await former.unsubscribe();
  const subscription = await manager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  return wentWrong(await askDoor("POST", SUBSCRIPTION, { body: subscription.toJSON() }));
}

/** The browser may have got another address by itself, and the computer may have forgotten it: reports it again. */
export async function subscribeAgain(manager: PushManager): Promise<void> {
  const reply = await askStatus();
  if (reply.kind === "done" && reply.answer.public_key !== undefined) await subscribe(manager, reply.answer.public_key);
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function isSame(given: ArrayBuffer | null, key: Uint8Array): boolean {
  // Some browsers do not expose it.
  if (!given) return true;
  const bytes = new Uint8Array(given);
  return bytes.length === key.length && bytes.every((byte, index) => byte === key[index]);
}

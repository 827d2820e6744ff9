import { StringDecoder } from "node:string_decoder";
import * as z from "zod";
import { plainText } from "./plain-text.ts";

/** What a line of cloudflared says, where it says something that matters. */
export type OutputLine =
  | { readonly kind: "address"; readonly address: string }
  | { readonly kind: "strange_address" }
  | { readonly kind: "connected" }
  /** The connection to Cloudflare is gone. It tries by itself to get another one. */
  | { readonly kind: "disconnected"; readonly text: string }
  | { readonly kind: "complaint"; readonly text: string };

/** `|  https://calm-river.trycloudflare.com  |`: the address stands in a box of its own. Elsewhere there are other addresses. */
const BOXED = /\|\s+(https?:\/\/\S+)\s+\|\s*$/;
/** `Registered tunnel connection connIndex=0 …`; older ones say `Connection … registered connIndex=0 …`. */
const REGISTERED = /\sINF\s.*\bregistered\b.*\bconnIndex=/i;
/** A quick tunnel has one connection, so that each of these says that nothing comes through. */
const LOST =
  /\b(?:connection terminated|lost connection with the edge|unregistered tunnel connection|serve tunnel error|retrying connection in)\b/i;
/** Older ones only inform of it. */
const INFORMED = /\s(?:INF|WRN)\s+(.*)$/;
const COMPLAINT = /\s(?:ERR|FTL)\s+(.*)$|^(?!\S+Z\s)(.*\S.*)$/;
/** What it says at every start, though nothing is wrong. */
const NOISE = /origin ?cert|receive buffer size/i;

/** One name below trycloudflare.com, and nothing after it. `api` is the service itself, which it complains about by its address. */
const QuickAddress = z.string().regex(/^https:\/\/(?!api\.)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.trycloudflare\.com$/);

export function readLine(line: string): OutputLine | undefined {
  const [, boxed] = BOXED.exec(line) ?? [];
  if (boxed !== undefined) {
    const read = QuickAddress.safeParse(boxed);
    return read.success ? { kind: "address", address: read.data } : { kind: "strange_address" };
  }
  if (REGISTERED.test(line)) return { kind: "connected" };
  const [, informed] = INFORMED.exec(line) ?? [];
  if (informed !== undefined && isLoss(informed)) return { kind: "disconnected", text: plainText(informed) };
  const [, logged, plain] = COMPLAINT.exec(line) ?? [];
  const text = plainText(logged ?? plain ?? "");
  return text === "" || NOISE.test(text) ? undefined : { kind: "complaint", text };
}

/** Whether these words of cloudflared say that nothing comes through any more. */
export function isLoss(text: string): boolean {
  return LOST.test(text);
}

const MAX_LINE = 4096;

/** Bytes → lines. Of a line without end only its beginning is kept. */
export function createLineReader(listener: (line: string) => void): (bytes: Buffer) => void {
  const decoder = new StringDecoder("utf8");
  let line = "";
  return (bytes) => {
    const [first = "", ...more] = decoder.write(bytes).split("\n");
    line = (line + first).slice(0, MAX_LINE);
    for (const next of more) {
      listener(line.replace(/\r$/, ""));
      line = next.slice(0, MAX_LINE);
    }
  };
}

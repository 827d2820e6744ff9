import type { IncomingMessage } from "node:http";
import type { Operation } from "../contract/operations.ts";
import { FieldErrors, HttpError } from "../operations/problem.ts";

const MAX_BODY = 16 * 1024;
const DEEPEST = 8;
const utf8 = new TextDecoder("utf-8", { fatal: true });

type Encoding = "json" | NonNullable<Operation["encoding"]>;

/** A request's body as it came, if it is what the operation takes. Rejects with the refusal that fits. */
export async function readBody(request: IncomingMessage, encoding: Encoding): Promise<Buffer> {
  if (encoding === "form" && !isForm(request)) throw new HttpError("unsupported_media_type", { params: { reason: "form" } });
  if (encoding === "json" && !isPlain(request, "application/json")) throw new HttpError("unsupported_media_type");
  return readBytes(request);
}

/** What a body says. Throws {@link FieldErrors} where it cannot be read. */
export function parseBody(bytes: Buffer, encoding: Encoding): Record<string, unknown> {
  return encoding === "form" ? parseForm(bytes) : parseJson(bytes);
}

function parseJson(bytes: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(bytes));
  } catch {
    throw new FieldErrors([]);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value) || depthOf(value) > DEEPEST) throw new FieldErrors([]);
  return value as Record<string, unknown>;
}

/** A field that comes twice is refused: nobody can tell which is meant. */
function parseForm(bytes: Buffer): Record<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(bytes.toString("utf8"))) {
    if (fields.has(name)) throw new FieldErrors([{ field: name.slice(0, 64), message: "is there twice" }]);
    fields.set(name, value);
  }
  return Object.fromEntries(fields);
}

const FORM = "application/x-www-form-urlencoded";
const PARAMETER = /\s*;\s*(?:([\w!#$%&'*+.^`|~-]+)=(?:([\w!#$%&'*+.^`|~-]+)|"((?:[^"\\]|\\.)*)"))?\s*/y;
const UTF8: ReadonlySet<string> = new Set(["utf-8", "utf8"]);

/** Whether a body is of this type and in UTF-8, however that is written. Parameters that mean nothing to the type change nothing. */
function isMediaType(header: string | undefined, type: string): boolean {
  const text = header?.trim() ?? "";
  if (text.slice(0, type.length).toLowerCase() !== type) return false;
  const charsets: string[] = [];
  for (PARAMETER.lastIndex = type.length; PARAMETER.lastIndex < text.length; ) {
    const found = PARAMETER.exec(text);
    if (!found) return false;
    const [, name, token, quoted] = found;
    if (name?.toLowerCase() === "charset") charsets.push(token ?? quoted?.replace(/\\(.)/g, "$1") ?? "");
  }
  return charsets.length === 0 || (charsets.length === 1 && UTF8.has(charsets[0]?.toLowerCase() ?? ""));
}

/** Whether a body is a form that can be read here. */
export function isForm(request: IncomingMessage): boolean {
  return isPlain(request, FORM);
}

function isPlain({ headers }: IncomingMessage, type: string): boolean {
  return isMediaType(headers["content-type"], type) && (headers["content-encoding"] ?? "identity").toLowerCase() === "identity";
}

/** A body of at most 16 KiB. A larger one is refused before it is read. Rejects with `request_incomplete` when the rest never comes. */
export async function readBytes(request: IncomingMessage): Promise<Buffer> {
  refuseLarge(request);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY) {
        request.removeAllListeners("data");
        reject(tooLarge());
      } else chunks.push(chunk);
    });
    request.on("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    // The client went away, or was too slow: nothing that our log must hold.
    for (const end of ["error", "aborted"]) request.on(end, () => reject(new HttpError("request_incomplete")));
  });
}

/** Throws when the request announces more than may be sent, or in a way that leaves its end open. */
export function refuseLarge({ headers }: IncomingMessage): void {
  if (Number(headers["content-length"] ?? 0) > MAX_BODY) throw tooLarge();
  const { "transfer-encoding": encoding = "" } = headers;
  if (encoding !== "" && encoding.toLowerCase() !== "chunked") throw new FieldErrors([]);
}

function tooLarge(): HttpError {
  return new HttpError("payload_too_large", { headers: { Connection: "close" } });
}

/** A stack, so that a hostile depth costs no recursion. */
function depthOf(value: object): number {
  let deepest = 0;
  const open: { readonly node: object; readonly depth: number }[] = [{ node: value, depth: 1 }];
  for (let next = open.pop(); next; next = open.pop()) {
    deepest = Math.max(deepest, next.depth);
    for (const child of Object.values(next.node) as unknown[])
      if (typeof child === "object" && child !== null) open.push({ node: child, depth: next.depth + 1 });
  }
  return deepest;
}

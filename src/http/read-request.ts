import type { IncomingMessage } from "node:http";
import type { Operation } from "../contract/operations.ts";
import { FieldErrors } from "../operations/problem.ts";
import { requestFields } from "../words/en/request-fields.ts";
import { HttpError } from "./http-error.ts";

const MAX_BODY_BYTES = 16 * 1024;
const MAX_DEPTH = 8;
const utf8 = new TextDecoder("utf-8", { fatal: true });

type Encoding = "json" | NonNullable<Operation["encoding"]>;

/** A request's raw body. Rejects when its type is not the one that the operation accepts. */
export async function readBody(request: IncomingMessage, encoding: Encoding): Promise<Buffer> {
  if (encoding === "form" && !isForm(request)) throw new HttpError("unsupported_media_type", { params: { reason: "form" } });
  if (encoding === "json" && !isPlain(request, "application/json")) throw new HttpError("unsupported_media_type");
  return readBytes(request);
}

/** The fields of a body. Throws {@link FieldErrors} when it cannot be parsed. */
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
  if (typeof value !== "object" || value === null || Array.isArray(value) || depthOf(value) > MAX_DEPTH) throw new FieldErrors([]);
  return value as Record<string, unknown>;
}

/** Rejects a field that is sent twice, because either value may be the intended one. */
function parseForm(bytes: Buffer): Record<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(bytes.toString("utf8"))) {
    if (fields.has(name)) throw new FieldErrors([{ field: name.slice(0, 64), message: requestFields.twice }]);
    fields.set(name, value);
  }
  return Object.fromEntries(fields);
}

const FORM = "application/x-www-form-urlencoded";
const PARAMETER = /\s*;\s*(?:([\w!#$%&'*+.^`|~-]+)=(?:([\w!#$%&'*+.^`|~-]+)|"((?:[^"\\]|\\.)*)"))?\s*/y;
const UTF8: ReadonlySet<string> = new Set(["utf-8", "utf8"]);

/** Whether a body is of this type and in UTF-8, however that is written. Other parameters are ignored. */
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

/** Whether a body is an uncompressed form in UTF-8. */
export function isForm(request: IncomingMessage): boolean {
  return isPlain(request, FORM);
}

function isPlain({ headers }: IncomingMessage, type: string): boolean {
  return isMediaType(headers["content-type"], type) && (headers["content-encoding"] ?? "identity").toLowerCase() === "identity";
}

/** A body of at most 16 KiB. A larger one is rejected before it is read. Rejects with `request_incomplete` when the rest never comes. */
export async function readBytes(request: IncomingMessage): Promise<Buffer> {
  rejectLarge(request);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) {
        request.removeAllListeners("data");
        reject(tooLarge());
      } else chunks.push(chunk);
    });
    request.on("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    // The client left or was too slow, which is not logged.
    for (const end of ["error", "aborted"]) request.on(end, () => reject(new HttpError("request_incomplete")));
  });
}

/** Throws when the request announces a body that is too large, or one whose end is uncertain. */
export function rejectLarge({ headers }: IncomingMessage): void {
  if (Number(headers["content-length"] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const { "transfer-encoding": encoding = "" } = headers;
  if (encoding !== "" && encoding.toLowerCase() !== "chunked") throw new FieldErrors([]);
}

function tooLarge(): HttpError {
  return new HttpError("payload_too_large", { headers: { Connection: "close" } });
}

/** Uses a stack instead of recursion, so that a hostile depth cannot overflow it. */
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

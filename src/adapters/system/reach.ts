import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import type { Reach, ReachFinding } from "../../core/index.ts";

const LARGEST_ANSWER = 4096;
const Answer = z.object({ proof: z.string() });

/** Asks with `fetch`, which knows the system's resolver and certificates as a browser does. */
export function createReach(timeout = 5000): Reach {
  const key = randomBytes(32);
  const prove = (nonce: string): string => createHmac("sha256", key).update(nonce).digest("base64url");
  return {
    prove,
    async ask(address) {
      const nonce = randomBytes(18).toString("base64url");
      try {
        const response = await fetch(`${address}/phone/reach/${nonce}`, {
          redirect: "manual",
          headers: { accept: "application/json" },
          signal: AbortSignal.timeout(timeout),
        });
        const body = await beginningOf(response);
        return findingOf(response, body, prove(nonce));
      } catch (cause) {
        return isCertificateFault(cause) ? "bad_certificate" : "no_answer";
      }
    },
  };
}

function findingOf(response: Response, body: string, expected: string): ReachFinding {
  const isPage = /html/i.test(response.headers.get("content-type") ?? "") || /^\s*<(!doctype|html)/i.test(body);
  if (response.status >= 500) return "tunnel_broken";
  // To a login, or to a warning that a person must click away.
  if (isPage || (response.status >= 300 && response.status < 400) || response.status === 401 || response.status === 403)
    return "interstitial";
  const read = Answer.safeParse(parsed(body));
  return response.ok && read.success && isSame(read.data.proof, expected) ? "reached" : "another_server";
}

/** An answer of ours is short; of another's no more is read than it takes to know that. */
async function beginningOf({ body }: Response): Promise<string> {
  if (!body) return "";
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (text.length < LARGEST_ANSWER) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** `fetch` wraps what the connection said. */
function isCertificateFault(thrown: unknown): boolean {
  const cause = thrown instanceof Error ? (thrown.cause as { code?: unknown } | undefined) : undefined;
  return typeof cause?.code === "string" && /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|ERR_SSL/.test(cause.code);
}

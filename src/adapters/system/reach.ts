import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import http from "node:http";
import https from "node:https";
import * as z from "zod";
import type { Reach, ReachFinding } from "../../core/index.ts";
import { OutgoingAgent } from "./outgoing.ts";

const MAX_ANSWER = 4096;
const Answer = z.object({ proof: z.string() });

interface Answered {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Asks as a phone would, from outside: through the proxy, if this computer uses one. */
export function createReach(timeout = 5000): Reach {
  const key = randomBytes(32);
  const prove = (nonce: string): string => createHmac("sha256", key).update(nonce).digest("base64url");
  return {
    prove,
    async ask(address) {
      const nonce = randomBytes(18).toString("base64url");
      try {
        return findingOf(await get(`${address}/phone/reach/${nonce}`, timeout), prove(nonce));
      } catch (cause) {
        return isCertificateFault(cause) ? "bad_certificate" : "no_answer";
      }
    },
  };
}

/** An answer of ours is short; of another's no more is read than it takes to know that. Redirects are answers. */
function get(address: string, timeout: number): Promise<Answered> {
  const url = new URL(address);
  const { request } = url.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      { headers: { accept: "application/json" }, agent: new OutgoingAgent(), signal: AbortSignal.timeout(timeout) },
      (response) => {
        let body = "";
        const done = (): void => {
          response.destroy();
          resolve({ status: response.statusCode ?? 0, type: response.headers["content-type"] ?? "", body });
        };
        response.setEncoding("utf8");
        response.on("data", (text: string) => {
          body += text;
          if (body.length >= MAX_ANSWER) done();
        });
        response.on("end", done);
        response.on("error", reject);
      },
    );
    asked.on("error", reject);
    asked.end();
  });
}

function findingOf({ status, type, body }: Answered, expected: string): ReachFinding {
  const isPage = /html/i.test(type) || /^\s*<(!doctype|html)/i.test(body);
  if (status >= 500) return "tunnel_broken";
  // To a login, or to a warning that a person must click away.
  if (isPage || (status >= 300 && status < 400) || status === 401 || status === 403) return "interstitial";
  const read = Answer.safeParse(parsed(body));
  return status >= 200 && status < 300 && read.success && isSame(read.data.proof, expected) ? "reached" : "another_server";
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

function isCertificateFault(thrown: unknown): boolean {
  const { code } = (thrown ?? {}) as { code?: unknown };
  return typeof code === "string" && /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|ERR_SSL/.test(code);
}

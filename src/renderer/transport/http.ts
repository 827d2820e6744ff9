import { present } from "../../base/present.ts";
import "./no-eval.ts";
import { OPERATIONS, type Operation } from "../../contract/operations.ts";
import { PAGE_OPERATIONS, type PageOperation, type PairingApi, type Reply } from "../../contract/pairing-api.ts";
import { ProblemBody } from "../../contract/problem.ts";
import { requestOf } from "../../contract/request.ts";
import { t } from "../words/words.ts";
import type { Connection } from "./connection.ts";
import { followNews } from "./news-stream.ts";

/** In memory only: gone with the window, and never where another script or the disk could keep it. */
let adminToken: string | undefined;
/** What the door has refused for want of the right token. */
const refused = new Set<PageOperation>();

function tokenHeader(): Record<string, string> {
  return adminToken === undefined ? {} : { "x-admin-token": adminToken };
}

/** In a browser the local door answers, on the page's own origin. */
export function connectToDoor(): Connection {
  const news = followNews("/admin/news", { headers: tokenHeader, isAdmitted: () => refused.size === 0 });
  const asks = Object.fromEntries(PAGE_OPERATIONS.map((name) => [name, (input: object) => ask(name, input)]));
  return {
    api: { ...asks, onNews: news.onNews } as unknown as PairingApi,
    enterToken(token) {
      adminToken = token;
      refused.clear();
      news.reconnect();
    },
    onUp: news.onUp,
    onOpen: () => undefined,
    ready: () => undefined,
  };
}

async function ask(name: PageOperation, input: object): Promise<Reply<unknown>> {
  const operation: Operation = OPERATIONS[name];
  let response: Response;
  let text: string;
  try {
    const { path, body } = requestOf(operation, input);
    response = await fetch(path, {
      method: operation.method,
      headers: { ...tokenHeader(), ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      cache: "no-store",
      ...present({ body }),
    });
    text = await response.text();
  } catch {
    return rejection("offline", t("problem.offline"));
  }
  const body = parsed(text);
  if (response.ok) {
    refused.delete(name);
    const answer = operation.answer.safeParse(body);
    return answer.success ? { ok: true, value: answer.data } : rejection("unreadable", t("problem.unreadable"), response.status);
  }
  const problem = ProblemBody.safeParse(body);
  if (!problem.success) return rejection("unreadable", t("problem.unreadable"), response.status);
  if (problem.data.code === "admin_token_required" || problem.data.code === "admin_token_invalid") refused.add(name);
  const seconds = retryAfter(response.headers.get("retry-after"));
  return { ok: false, problem: { ...problem.data, ...present({ retry_after: seconds }) } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Seconds, or a date as RFC 9110 also allows. */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1000);
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

function rejection(code: string, detail: string, status = 0): Reply<never> {
  return { ok: false, problem: { type: `urn:topdog:problem:${code}`, title: code, status, detail, code } };
}

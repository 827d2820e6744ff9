import { present } from "../../base/present.ts";
import "./no-eval.ts";
import { callDoor, headersOf, requestOf } from "../../contract/call.ts";
import { OPERATIONS, type Operation } from "../../contract/operations.ts";
import { PAGE_OPERATIONS, type PageOperation, type PairingApi, type Reply } from "../../contract/pairing-api.ts";
import { outcomeOf } from "../../contract/problem.ts";
import { isAboutAccess } from "../data/rejection.ts";
import { pageLanguage, t } from "../words/words.ts";
import type { Connection } from "./connection.ts";
import { followNews } from "./news-stream.ts";
import { openPageAccess, type PageAccess } from "./page-access.ts";

/** The operations that the door has rejected for what the page is. */
const refused = new Set<PageOperation>();

/** In a browser: the local door, which is the page's own origin. */
export function connectToDoor(): Connection {
  const access = openPageAccess();
  const news = followNews("/admin/news", {
    async headers() {
      await access.problem();
      return headersOf(undefined, access.credentials());
    },
    isAdmitted: () => refused.size === 0,
  });
  // While there was no connection, the server may have been restarted: it does not know the page's key then.
  news.onUp((up) => up || access.checkAgain());
  const asks = Object.fromEntries(PAGE_OPERATIONS.map((name) => [name, (input: object) => ask(access, name, input)]));
  return {
    api: { ...asks, onNews: news.onNews } as unknown as PairingApi,
    enterToken(token) {
      access.enter(token);
      refused.clear();
      news.reconnect();
    },
    onUp: news.onUp,
    onOpen: () => undefined,
    ready: () => undefined,
  };
}

async function ask(access: PageAccess, name: PageOperation, input: object): Promise<Reply<unknown>> {
  const notAllowed = await access.problem();
  if (notAllowed) {
    refused.add(name);
    return { ok: false, problem: notAllowed };
  }
  const operation: Operation = OPERATIONS[name];
  const { path, body } = requestOf(operation, input);
  const request = { method: operation.method, address: path, body, language: pageLanguage(), ...access.credentials() };
  const answer = await callDoor({ ...request, init: { cache: "no-store" }, fetch }).catch(() => undefined);
  if (answer === undefined) return rejection("offline", t("problem.offline"));
  const outcome = outcomeOf(operation, answer);
  if (outcome.kind === "unknown") return rejection("unreadable", t("problem.unreadable"), answer.status);
  if (outcome.kind === "done") {
    refused.delete(name);
    return { ok: true, value: outcome.value };
  }
  const { problem } = outcome;
  if (isAboutAccess(problem.code)) {
    refused.add(name);
    access.checkAgain();
  }
  return { ok: false, problem: { ...problem, ...present({ retry_after: answer.retryAfter }) } };
}

function rejection(code: string, detail: string, status = 0): Reply<never> {
  return { ok: false, problem: { type: `urn:topdog:problem:${code}`, title: code, status, detail, code } };
}

import { callDoor, requestOf } from "../../contract/call.ts";
import { type AnswerOf, OPERATIONS } from "../../contract/operations.ts";
import { outcomeOf, type Problem } from "../../contract/problem.ts";
import { t } from "../words/words.ts";

/** Where the key is: this tab only, and gone with it. A cookie would reach every port of this computer. */
const STORED = "topdog-window-key";
/** What the server's link carries behind its address. */
const OPEN_LINK = /#open=([\w-]+)/;

/** What a page in a browser may do at its server. */
export interface PageAccess {
  readonly credentials: () => { readonly adminToken: string | undefined; readonly windowKey: string | undefined };
  /** Why the page may not act; `undefined` where it may. Asks the server once, until something changes. */
  readonly problem: () => Promise<Problem | undefined>;
  /** Takes an admin token, or the link that the server prints. */
  readonly enter: (typed: string) => void;
  /** The server may be another one now, or has rejected the key. */
  readonly checkAgain: () => void;
}

/** Takes the secret out of the address at once, so that it is in no history and no screenshot. */
export function openPageAccess(): PageAccess {
  /** In memory only, so that neither another script nor the disk ever has it. */
  let adminToken: string | undefined;
  let secret = OPEN_LINK.exec(window.location.hash)?.[1];
  let known: Promise<Problem | undefined> | undefined;
  if (secret !== undefined) window.history.replaceState(undefined, "", window.location.pathname);

  const credentials = () => ({ adminToken, windowKey: window.sessionStorage.getItem(STORED) ?? undefined });
  const exchange = async (open: string): Promise<Problem | undefined> => {
    const opened = await call("openWindow", { open });
    if (opened.kind !== "done") return opened.kind === "refused" ? opened.problem : undefined;
    window.sessionStorage.setItem(STORED, (opened.value as AnswerOf<"openWindow">).window_key);
    return undefined;
  };
  const check = async (): Promise<Problem | undefined> => {
    const open = secret;
    secret = undefined;
    const refused = open === undefined ? undefined : await exchange(open);
    if (refused) return refused;
    const answer = await call("readCaller", {}, credentials());
    if (answer.kind === "refused") return answer.problem.status === 404 ? undefined : answer.problem;
    // Whatever answers so will refuse, or not, what it is asked next.
    if (answer.kind !== "done") return undefined;
    const { caller, admin_required } = answer.value as AnswerOf<"readCaller">;
    if (caller === "window" || caller === "admin") return undefined;
    window.sessionStorage.removeItem(STORED);
    return admin_required ? problemOf(401, "admin_token_required") : problemOf(403, "window_required");
  };

  return {
    credentials,
    async problem() {
      known ??= check().catch(() => {
        // Not answered: asked again with the next request.
        known = undefined;
        return undefined;
      });
      return known;
    },
    enter(typed) {
      secret = OPEN_LINK.exec(typed)?.[1];
      adminToken = secret === undefined ? typed : undefined;
      known = undefined;
    },
    checkAgain() {
      known = undefined;
    },
  };
}

async function call(name: "openWindow" | "readCaller", input: object, credentials: Partial<ReturnType<PageAccess["credentials"]>> = {}) {
  const operation = OPERATIONS[name];
  const { path, body } = requestOf(operation, input);
  const answer = await callDoor({
    method: operation.method,
    address: path,
    body,
    ...credentials,
    init: { cache: "no-store" as const },
    fetch,
  });
  return outcomeOf(operation, answer);
}

function problemOf(status: number, code: "admin_token_required" | "window_required"): Problem {
  return { type: `urn:topdog:problem:${code}`, title: code, status, code, detail: t("gate.heading") };
}

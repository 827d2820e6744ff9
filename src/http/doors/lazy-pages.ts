import type { Log } from "../../core/index.ts";
import { send } from "../dispatch.ts";
import { httpProblemOf } from "../http-error.ts";
import type { RequestListener } from "./door-server.ts";

export interface LazyPages {
  readonly load: () => Promise<unknown>;
  readonly pages: RequestListener;
}

/** Pages that are loaded once, at the first request or before. While they cannot be loaded, each request is answered with a problem. */
export function createLazyPages(load: () => Promise<RequestListener>, log: Pick<Log, "error">): LazyPages {
  let loaded: Promise<RequestListener> | undefined;
  let failure: string | undefined;
  const once = (): Promise<RequestListener> => {
    loaded ??= load().then(
      (listener) => {
        failure = undefined;
        return listener;
      },
      (cause: unknown) => {
        // The next request tries again.
        loaded = undefined;
        const reason = String(cause);
        // Logged once, however many requests fail for it.
        if (reason !== failure) log.error("pages unavailable", { reason });
        failure = reason;
        throw cause;
      },
    );
    return loaded;
  };
  return {
    load: once,
    pages(request, response) {
      once().then(
        (listener) => listener(request, response),
        (cause: unknown) => {
          const { problem, headers } = httpProblemOf(cause);
          send(request, response, problem.status, problem, { "Content-Type": "application/problem+json", ...headers });
        },
      );
    },
  };
}

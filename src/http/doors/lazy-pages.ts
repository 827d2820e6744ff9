import type { Log } from "../../core/index.ts";
import { sendProblem } from "../dispatch.ts";
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
        // The cause is in the log.
        (cause: unknown) => sendProblem(request, response, cause, () => undefined),
      );
    },
  };
}

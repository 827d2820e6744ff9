import type { LogFile } from "../adapters/system/log-file.ts";
import type { AnsweredRequest, RequestObserver } from "../http/observe-requests.ts";

/** A line in the log for each request: what was asked for by its name alone, as paths and queries may hold codes and tokens. */
export function createRequestLog(log: Pick<LogFile, "debug">): RequestObserver {
  return {
    isOn: () => true,
    answered({ door, kind, status, milliseconds, requestId }) {
      log.debug("request", { door, operation: kind, status, milliseconds: Math.round(milliseconds * 10) / 10, request_id: requestId });
    },
  };
}

/** Each of both receives the requests while it is on. */
export function both(...observers: readonly [RequestObserver, RequestObserver]): RequestObserver {
  return {
    isOn: () => observers.some((observer) => observer.isOn()),
    answered(request: AnsweredRequest) {
      for (const observer of observers) if (observer.isOn()) observer.answered(request);
    },
  };
}

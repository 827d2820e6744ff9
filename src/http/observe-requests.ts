import type { IncomingMessage, ServerResponse } from "node:http";
import type { OperationName } from "../contract/operations.ts";
import { requestIdOf } from "./request-id.ts";

/** What a request asked for. `page`: a page, a file or another thing that is no operation. `none`: it was refused before that was known. */
export type RequestKind = OperationName | "page" | "none";

export interface AnsweredRequest {
  readonly request: IncomingMessage;
  readonly door: "local" | "phone";
  readonly kind: RequestKind;
  /** 0: the client left before its answer. */
  readonly status: number;
  readonly milliseconds: number;
  readonly requestId: string;
}

export interface RequestObserver {
  /** Whether anybody wants to know: otherwise a request costs nothing more. */
  isOn(): boolean;
  answered(answered: AnsweredRequest): void;
}

/** Called for each request before it is answered. Returns how to say what the request asks for; `undefined`: nobody wants to know. */
export function observeRequests(
  observer: RequestObserver | undefined,
  door: AnsweredRequest["door"],
): (request: IncomingMessage, response: ServerResponse) => ((kind: RequestKind) => void) | undefined {
  return (request, response) => {
    if (!observer?.isOn()) return undefined;
    const from = performance.now();
    let kind: RequestKind = "none";
    response.once("close", () => {
      const status = response.writableFinished ? response.statusCode : 0;
      observer.answered({ request, door, kind, status, milliseconds: performance.now() - from, requestId: requestIdOf(response) });
    });
    return (named) => {
      kind = named;
    };
  };
}

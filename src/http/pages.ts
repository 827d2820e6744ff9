import type { IncomingMessage, ServerResponse } from "node:http";
import express, { type ErrorRequestHandler, type Router } from "express";
import type { Log } from "../core/index.ts";
import { sendProblem } from "./dispatch.ts";
import { HttpError } from "./http-error.ts";

/** An Express application for one door's pages: unknown paths are 404, and errors become problem documents. */
export function createPages(
  router: Router,
  door: "local" | "phone",
  log: Log,
): (request: IncomingMessage, response: ServerResponse) => void {
  const app = express();
  app.disable("x-powered-by");
  app.set("etag", false);
  app.set("query parser", "simple");
  app.use(router);
  app.use((request, _response, next) => {
    const known = request.method === "GET" || request.method === "HEAD" || request.method === "POST";
    next(
      door === "local" && !known ? new HttpError("method_not_allowed", { headers: { Allow: "GET, HEAD" } }) : new HttpError("not_found"),
    );
  });
  const answerProblem: ErrorRequestHandler = (thrown: unknown, request, response, _next) => {
    sendProblem(request, response, thrown instanceof URIError ? new HttpError("not_found") : thrown, (reason, request_id) =>
      log.error("page failed", { reason, request_id }),
    );
  };
  app.use(answerProblem);
  return app;
}

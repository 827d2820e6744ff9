import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import express, { type RequestHandler, type Router } from "express";
import { say } from "../../words/say.ts";
import type { Exposition } from "../doors/metrics.ts";
import { HttpError } from "../http-error.ts";
import { openApiDocument } from "../openapi.ts";
import { pageHeaders } from "../page-headers.ts";

export interface LocalPageDeps {
  /** The folder of the built settings page. */
  readonly rendererFolder: string;
  readonly version: string;
  /** Calls `next` only for requests that may see what this door serves. */
  readonly admit: RequestHandler;
  /** Calls `next` only for requests that may receive change events. */
  readonly admitToNews: RequestHandler;
  /** The door asks every visitor for the admin token: the page arrives with status 401 and asks for it. */
  readonly gated: boolean;
  readonly openNews: RequestHandler;
  /** Calls `next` only for requests that may read the metrics. */
  readonly admitToMetrics: RequestHandler;
  readonly readMetrics: () => Promise<Exposition>;
}

const HASHED = { immutable: true, maxAge: "1y", index: false, etag: false, lastModified: false } as const;

/** The settings page, the API's documentation, and the stream of change events that updates the page. */
export function localPages(deps: LocalPageDeps): Router {
  const router = express.Router();
  const page = pageHeaders({ connectSrc: "'self'" });

  router.get("/", ...page, (_request, response) => {
    let html: string;
    try {
      html = readFileSync(path.join(deps.rendererFolder, "index.html"), "utf8");
    } catch {
      response.status(503).type("text").send(say("server.pageNotBuilt"));
      return;
    }
    // A gated door cannot ask a browser for a header before its page is there: the page itself holds no data and asks for the token.
    response
      .status(deps.gated ? 401 : 200)
      .type("html")
      .send(html);
  });
  router.use("/assets", ...pageHeaders(), express.static(path.join(deps.rendererFolder, "assets"), HASHED));

  router.get("/admin/news", deps.admitToNews, deps.openNews);

  router.get("/metrics", deps.admitToMetrics, ...pageHeaders(), (_request, response, next) => {
    deps.readMetrics().then(({ type, text }) => void response.type(type).send(text), next);
  });

  // The former prefix, for scripts written for the previous version. To be removed with the version after this one.
  router.use("/desk", (request, _response, next) => {
    const path = /^[\w/-]{1,200}$/.test(request.path) ? request.path : "/";
    next(new HttpError("path_moved", { params: { reason: "moved", old: `/desk${path}`, new: `/admin${path}` } }));
  });

  let document: string | undefined;
  router.get("/openapi.json", deps.admit, ...pageHeaders(), (_request, response) => {
    document ??= JSON.stringify(openApiDocument(deps.version));
    response.type("json").send(document);
  });

  router.get("/docs", deps.admit, ...page, (_request, response) => {
    response.type("html").send(docsPage());
  });
  router.get("/docs/start.js", deps.admit, ...pageHeaders(), (_request, response) => {
    response.type("text/javascript").send(DOCS_SCRIPT);
  });
  router.use("/docs/assets", deps.admit, ...pageHeaders(), (request, response, next) => {
    if (SWAGGER_FILES.has(request.path)) swaggerFiles()(request, response, next);
    else next();
  });
  return router;
}

/** The files of the package that the page uses. */
const SWAGGER_FILES: ReadonlySet<string> = new Set(["/swagger-ui.css", "/swagger-ui-bundle.js"]);

let swagger: RequestHandler | undefined;
/** Swagger UI's files; found by their package.json, because importing the package loads all of it. */
function swaggerFiles(): RequestHandler {
  swagger ??= express.static(path.dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json")), { index: false });
  return swagger;
}

const docsPage = (): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${say("server.docsTitle")}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
</head>
<body>
<main id="api"></main>
<noscript>${say("server.docsNeedJavaScript", { link: '<a href="/openapi.json">openapi.json</a>' })}</noscript>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;
const DOCS_SCRIPT = `SwaggerUIBundle({ url: "/openapi.json", dom_id: "#api", validatorUrl: null, persistAuthorization: false, deepLinking: true });\n`;

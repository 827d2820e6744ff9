import { type Request, Router } from "express";
import { INBOX_ASSET_PATH, type InboxAssets } from "./assets.ts";
import { pagePolicy, permissionsPolicy, sendAsset, sendBuiltPage, sendWorker } from "./send-page.ts";

/** The worker may answer for the inbox alone, though the address it comes from is below it. */
const SCOPE = "/inbox";

/** The inbox and its files. The page is the same for everybody, paired or not: its script asks the operations, as any app would. */
export function inboxPages({ page, styleSource, worker, files }: InboxAssets, servesHttps: () => boolean): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const policy = {
    ...pagePolicy(styleSource, ["manifest-src 'self' blob:", "worker-src 'self'", "trusted-types topdog-worker"]),
    // For commands that are spoken.
    "Permissions-Policy": permissionsPolicy("microphone"),
  };
  const byPath = new Map(files.map((file) => [file.path, file]));

  router.all("/inbox", (request, response, next) => {
    if (!isGet(request)) next();
    else sendBuiltPage(request, response, page, { ...policy, ...(servesHttps() && { "Strict-Transport-Security": "max-age=31536000" }) });
  });
  router.all(worker.path, (request, response, next) => {
    if (!isGet(request)) next();
    else sendWorker(request, response, worker, SCOPE);
  });
  router.all(`${INBOX_ASSET_PATH}:name`, (request, response, next) => {
    const file = byPath.get(request.path);
    if (!isGet(request) || !file) next();
    else sendAsset(request, response, file);
  });
  return router;
}

function isGet({ method }: Request): boolean {
  return method === "GET" || method === "HEAD";
}

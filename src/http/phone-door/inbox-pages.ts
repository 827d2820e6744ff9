import type { IncomingMessage } from "node:http";
import { Router } from "express";
import type { Language } from "../../words/languages.ts";
import { INBOX_ASSET_PATH, type InboxAssets } from "./assets.ts";
import { isRead, type PageHeaders, pagePolicy, permissionsPolicy, sendAsset, sendBuiltPage, sendWorker } from "./send-page.ts";

/** The worker may only answer for the inbox, though its own address is below it. */
const SCOPE = "/inbox";

/**
 * The inbox and its files. The page is the same for every phone of a language, paired or not: its script calls the operations, as any
 * app would.
 */
export function inboxPages(
  assets: Readonly<Record<Language, InboxAssets>>,
  languageOf: (request: IncomingMessage) => Language,
  transport: () => PageHeaders,
): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const policyOf = ({ styleSource }: InboxAssets): PageHeaders => ({
    ...pagePolicy(styleSource, ["manifest-src 'self' blob:", "worker-src 'self'", "trusted-types topdog-worker"]),
    // For voice commands.
    "Permissions-Policy": permissionsPolicy("microphone"),
  });
  const byPath = new Map(Object.values(assets).flatMap(({ files }) => files.map((file) => [file.path, file])));

  router.all("/inbox", (request, response, next) => {
    const own = assets[languageOf(request)];
    if (!isRead(request)) next();
    else sendBuiltPage(request, response, own.page, { ...policyOf(own), ...transport() });
  });
  router.all(assets.en.worker.path, (request, response, next) => {
    if (!isRead(request)) next();
    else sendWorker(request, response, assets[languageOf(request)].worker, SCOPE);
  });
  router.all(`${INBOX_ASSET_PATH}:name`, (request, response, next) => {
    const file = byPath.get(request.path);
    if (!isRead(request) || !file) next();
    else sendAsset(request, response, file);
  });
  return router;
}

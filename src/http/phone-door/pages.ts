import { Router } from "express";
import type { PhoneAssets } from "./assets.ts";
import { inboxPages } from "./inbox-pages.ts";
import { type PairPageDeps, pairPages } from "./pair-pages.ts";
import { strictTransport } from "./send-page.ts";

/** Everything at the phone door that is not an operation. */
export function phonePages(assets: PhoneAssets, deps: Omit<PairPageDeps, "assets">): Router {
  const router = Router({ strict: true, caseSensitive: true });
  router.use(pairPages({ assets: assets.pair, ...deps }));
  router.use(inboxPages(assets.inbox, () => strictTransport(deps.pairing)));
  return router;
}

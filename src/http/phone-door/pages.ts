import { Router } from "express";
import type { PhoneAssets } from "./assets.ts";
import { inboxPages } from "./inbox-pages.ts";
import { type PairPageDeps, pairPages } from "./pair-pages.ts";

/** Everything at the phone door that is no operation. */
export function phonePages(assets: PhoneAssets, deps: Omit<PairPageDeps, "assets">): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const servesHttps = (): boolean => deps.pairing.settings.baseUrl().startsWith("https:");
  router.use(pairPages({ assets: assets.pair, ...deps }));
  router.use(inboxPages(assets.inbox, servesHttps));
  return router;
}

import { Router } from "express";
import type { PhoneAssets } from "./assets.ts";
import { inboxPages } from "./inbox-pages.ts";
import { type PairPageNeeds, pairPages } from "./pair-pages.ts";

/** Everything at the phone door that is no operation. */
export function phonePages(assets: PhoneAssets, needs: Omit<PairPageNeeds, "assets">): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const servesHttps = (): boolean => needs.pairing.settings.baseUrl().startsWith("https:");
  router.use(pairPages({ assets: assets.pair, ...needs }));
  router.use(inboxPages(assets.inbox, servesHttps));
  return router;
}

import { Router } from "express";
import { inLanguage } from "../../operations/request-language.ts";
import { LANGUAGE_TAGS, type Language } from "../../words/languages.ts";
import type { PhoneAssets } from "./assets.ts";
import { inboxPages } from "./inbox-pages.ts";
import { type PairPageDeps, pairPages } from "./pair-pages.ts";
import { strictTransport } from "./send-page.ts";

/** Everything at the phone door that is not an operation. */
export function phonePages(assets: Readonly<Record<Language, PhoneAssets>>, deps: Omit<PairPageDeps, "assets">): Router {
  const router = Router({ strict: true, caseSensitive: true });
  router.use((request, _response, next) => void inLanguage(deps.languageOf(request), next));
  router.use(pairPages({ assets: partsOf(assets, "pair"), ...deps }));
  router.use(inboxPages(partsOf(assets, "inbox"), deps.languageOf, () => strictTransport(deps.pairing)));
  return router;
}

function partsOf<Part extends keyof PhoneAssets>(
  assets: Readonly<Record<Language, PhoneAssets>>,
  part: Part,
): Readonly<Record<Language, PhoneAssets[Part]>> {
  return Object.fromEntries(LANGUAGE_TAGS.map((tag) => [tag, assets[tag][part]])) as Record<Language, PhoneAssets[Part]>;
}

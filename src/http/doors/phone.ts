import { callerOf, createAddressOf } from "../client-address.ts";
import { createCountRequest } from "../count-request.ts";
import { createDispatch } from "../dispatch.ts";
import { createPhoneGuard } from "../phone-door/guard.ts";
import { pageLanguageOf } from "../phone-door/page-language.ts";
import { createPhoneSockets } from "../phone-door/phone-sockets.ts";
import { createPhoneUpgrades } from "../phone-door/upgrades.ts";
import { createRequestIds } from "../request-id.ts";
import type { DoorDeps } from "./door-deps.ts";
import type { DoorServer } from "./door-server.ts";
import { createLazyPages } from "./lazy-pages.ts";

/** Answers at the phone door: the operations for phones, their pages and their WebSockets. */
export function openPhoneDoor(server: DoorServer, deps: DoorDeps) {
  const { pairing, operations, connections, upgrades, settings, files, requests, log } = deps;
  const { cookies, deviceCookies, computerName } = settings;
  const guard = createPhoneGuard(pairing.settings.baseUrl);
  const sockets = createPhoneSockets(connections);
  const addressOf = createAddressOf({
    proxies: settings.trustProxy,
    setting: "PAIRING_TRUST_PROXY",
    isThroughProxy: guard.isForPublicHost,
    log,
  });
  const requestId = createRequestIds(settings.trustProxy);
  const count = createCountRequest(() => settings.inUse().rateLimitScale, pairing.now);
  const { pages, load } = createLazyPages(async () => {
    const [{ createPages }, { phonePages }, { readPhoneAssets }, { PAGE_LANGUAGES }] = await Promise.all([
      import("../pages.ts"),
      import("../phone-door/pages.ts"),
      import("../phone-door/assets.ts"),
      import("../../words/page-languages.ts"),
    ]);
    const router = phonePages(readPhoneAssets(files.phoneFolder), {
      words: PAGE_LANGUAGES,
      languageOf: (request) => pageLanguageOf(request, pairing.settings.language),
      pairing,
      computerName,
      callerOf: (request) => callerOf(request, addressOf(request)),
      count: (request, bucket, response) => count(request, response, bucket, addressOf(request)),
      deviceCookies,
      isSameOrigin: guard.isSameOrigin,
    });
    return createPages(router, "phone", log);
  }, log);
  server.answerWith(
    createDispatch(
      { pairing, operations, requests, log },
      {
        name: "phone",
        guard(request, response) {
          sockets.answering(request, response);
          guard.check(request);
        },
        isSameOrigin: guard.isSameOrigin,
        addressOf,
        requestId,
        cookies,
        // Nobody at the phone door is of this computer, and it serves no operation that requires that.
        identify: async () => "anonymous",
        count,
        authenticated: sockets.authenticated,
        pages,
      },
    ),
  );
  const phoneUpgrades = createPhoneUpgrades({ pairing, handler: upgrades, guard, addressOf, requestId, cookies, count });
  server.upgradeWith(phoneUpgrades.isMeant, phoneUpgrades.upgrade);
  return { load, closeUpgrades: phoneUpgrades.close };
}

import { createAdminGate } from "../admin-gate.ts";
import { createAddressOf } from "../client-address.ts";
import { createCountRequest } from "../count-request.ts";
import { createDispatch } from "../dispatch.ts";
import { createLocalGuard } from "../local-door/guard.ts";
import { createNewsStream } from "../local-door/news-stream.ts";
import type { DoorDeps } from "./door-deps.ts";
import type { DoorServer } from "./door-server.ts";
import { createLazyPages } from "./lazy-pages.ts";

/** Answers at the local door: every operation, the settings page and its change events. */
export function openLocalDoor(server: DoorServer, { pairing, operations, settings, files, log }: DoorDeps) {
  const guard = createLocalGuard(settings);
  const gate = createAdminGate(pairing, settings);
  const addressOf = createAddressOf({ proxies: settings.localTrustProxy, setting: "PAIRING_LOCAL_TRUST_PROXY", log });
  const news = createNewsStream(pairing, () => settings.localDoorGated || settings.inUse().adminRequired);
  const { pages, load } = createLazyPages(async () => {
    const [{ createPages }, { localPages }] = await Promise.all([import("../pages.ts"), import("../local-door/pages.ts")]);
    const router = localPages({
      rendererFolder: files.rendererFolder,
      version: files.version,
      gated: settings.localDoorGated,
      admit: (request, _response, next) => {
        gate.checkPage(request, addressOf(request)).then(() => next(), next);
      },
      admitToNews: (request, _response, next) => {
        gate.checkNews(request, addressOf(request)).then(() => next(), next);
      },
      openNews: news.open,
    });
    return createPages(router, "local", log);
  }, log);
  server.answerWith(
    createDispatch(
      { pairing, operations, log },
      {
        name: "local",
        guard: guard.check,
        isSameOrigin: guard.isSameOrigin,
        addressOf,
        cookies: settings.cookies,
        checkAdmin: gate.checkOperation,
        count: createCountRequest(() => settings.inUse().rateLimitScale, pairing.now, { unlimited: ["other"], oneLoopback: true }),
        pages,
      },
    ),
  );
  return { load, closeNews: news.closeAll };
}

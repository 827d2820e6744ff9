import type { RequestHandler } from "express";
import { createAddressOf } from "../client-address.ts";
import { createCountRequest } from "../count-request.ts";
import { createDispatch } from "../dispatch.ts";
import { createIdentifyCaller, type Required } from "../identify-caller.ts";
import { createLocalGuard } from "../local-door/guard.ts";
import { createNewsStream } from "../local-door/news-stream.ts";
import { createRequestIds } from "../request-id.ts";
import type { DoorDeps } from "./door-deps.ts";
import type { DoorServer } from "./door-server.ts";
import { createLazyPages } from "./lazy-pages.ts";

/** Answers at the local door: every operation, the settings page and its change events. */
export function openLocalDoor(server: DoorServer, deps: DoorDeps) {
  const { pairing, operations, windows, settings, files, requests, readMetrics, log } = deps;
  const guard = createLocalGuard(settings);
  const identify = createIdentifyCaller({ pairing, settings, windows, isSameOrigin: guard.isSameOrigin });
  const addressOf = createAddressOf({ proxies: settings.localTrustProxy, setting: "PAIRING_LOCAL_TRUST_PROXY", log });
  const news = createNewsStream(pairing, () => settings.localDoorGated || settings.inUse().adminRequired);
  const admit =
    (required: Required): RequestHandler =>
    (request, _response, next) => {
      identify(request, required, addressOf(request)).then(() => next(), next);
    };
  const { pages, load } = createLazyPages(async () => {
    const [{ createPages }, { localPages }] = await Promise.all([import("../pages.ts"), import("../local-door/pages.ts")]);
    const router = localPages({
      rendererFolder: files.rendererFolder,
      version: files.version,
      gated: settings.localDoorGated,
      admit: admit({ caller: "anonymous" }),
      admitToNews: admit({ caller: "local", gated: true }),
      openNews: news.open,
      admitToMetrics: admit({ caller: "local" }),
      readMetrics,
    });
    return createPages(router, "local", log);
  }, log);
  server.answerWith(
    createDispatch(
      { pairing, operations, requests, log },
      {
        name: "local",
        guard: guard.check,
        isSameOrigin: guard.isSameOrigin,
        addressOf,
        requestId: createRequestIds(settings.localTrustProxy),
        cookies: settings.cookies,
        identify,
        count: createCountRequest(() => settings.inUse().rateLimitScale, pairing.now, { unlimited: ["other"], oneLoopback: true }),
        pages,
      },
    ),
  );
  return { load, closeNews: news.closeAll };
}

import type { UpgradeHandler } from "../http/upgrade-handler.ts";
import type { openEmbeddedBroker, PhoneChannelDeps } from "./embedded-broker.ts";

/** MQTT over WebSocket at the phone door. The broker is loaded with the first phone that uses it, so that a start need not wait for it. */
export function createPhoneChannel(deps: PhoneChannelDeps): UpgradeHandler {
  let loading: ReturnType<typeof openEmbeddedBroker> | undefined;
  let closing = false;

  return {
    path: "/mqtt",
    protocol: "mqtt",
    accept(upgrade) {
      const { socket } = upgrade;
      loading ??= import("./embedded-broker.ts").then(({ openEmbeddedBroker }) => openEmbeddedBroker(deps));
      loading.then(
        (broker) => {
          if (closing || socket.destroyed) socket.destroy();
          else broker.accept(upgrade);
        },
        (cause: unknown) => {
          deps.log.error("the message channel could not be loaded", { reason: String(cause) });
          socket.destroy();
        },
      );
    },
    async close() {
      closing = true;
      await loading?.then(
        (broker) => broker.close(),
        () => undefined,
      );
    },
  };
}

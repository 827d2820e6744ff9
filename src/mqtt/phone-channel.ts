import type { AdmittedUpgrade, UpgradeHandler } from "../http/upgrade-handler.ts";
import type { EmbeddedBroker, PhoneChannelDeps } from "./embedded-broker.ts";

/** MQTT over WebSocket at the phone door. The broker is loaded with the first phone that uses it, so that a start need not wait for it. */
export function createPhoneChannel(deps: PhoneChannelDeps): UpgradeHandler {
  let loading: Promise<EmbeddedBroker> | undefined;
  let closing = false;

  const load = async (): Promise<EmbeddedBroker> => {
    const { openEmbeddedBroker } = await import("./embedded-broker.ts");
    return openEmbeddedBroker(deps);
  };

  return {
    path: "/mqtt",
    protocol: "mqtt",
    accept(upgrade: AdmittedUpgrade) {
      const { socket } = upgrade;
      loading ??= load();
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

import type { Log, Pairing } from "../core/index.ts";
import type { BrokerSettings } from "./broker-settings.ts";
import type { BrokerStatus } from "./broker-status.ts";
import type { openOutsideBroker } from "./outside-broker.ts";

/** Keeps a connection to the broker that the settings name, for as long as they name it. */
export interface BrokerSupervisor {
  /** `undefined`: no broker is set. */
  status(): BrokerStatus | undefined;
  close(): Promise<void>;
}

export function createBrokerSupervisor(pairing: Pairing, settings: BrokerSettings, log: Log): BrokerSupervisor {
  let opened:
    | { readonly name: string; readonly link: Promise<ReturnType<typeof openOutsideBroker>>; status: () => BrokerStatus }
    | undefined;
  let closing = false;

  const follow = (): void => {
    const { mqttBroker, rateLimitScale } = settings.inUse();
    const link = mqttBroker?.link;
    const name = JSON.stringify(link);
    if (closing || name === opened?.name) return;
    void opened?.link.then(async (former) => former.close());
    opened = undefined;
    if (!mqttBroker || !link) return;
    const host = new URL(link.url).hostname;
    const next = {
      name,
      status: (): BrokerStatus => ({ host, state: "connecting" }),
      link: import("./outside-broker.ts").then(({ openOutsideBroker }) =>
        openOutsideBroker({ pairing, link, log, rateLimitScale, connection: settings.connectBroker?.(link.url) ?? {} }),
      ),
    };
    opened = next;
    next.link.then(
      (broker) => {
        next.status = () => ({ host, ...broker.status() });
      },
      (cause: unknown) => log.error("the link to the broker could not be loaded", { reason: String(cause) }),
    );
  };

  const stop = pairing.listen((item) => {
    if (item === "settings") follow();
  });
  // The doors open first, because the client takes a while to load.
  setImmediate(follow);

  return {
    status: () => opened?.status(),
    async close() {
      closing = true;
      stop();
      await opened?.link.then(
        async (broker) => broker.close(),
        () => undefined,
      );
    },
  };
}

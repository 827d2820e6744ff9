import { addressOf } from "../../settings/addresses.ts";
import type { HostContext } from "../context.ts";

/** The port that serves metrics and nothing else. */
export interface MetricsDoor {
  readonly address: string;
  close(): Promise<void>;
}

/** Where the settings name a port: opens it and counts from now on. Rejects with `DoorError`. */
export async function openMetricsDoor({ settings, metrics }: HostContext): Promise<MetricsDoor | undefined> {
  const { metricsHost: host, metricsPort } = settings;
  if (metricsPort === undefined) return undefined;
  const [{ openMetricsDoor: open }] = await Promise.all([import("../../http/doors/metrics.ts"), metrics.begin()]);
  const { port, close } = await open(host, metricsPort, metrics.read);
  return { address: `${addressOf(host, port)}/metrics`, close };
}

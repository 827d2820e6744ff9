import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";
import type { Log } from "../../../core/index.ts";
import { type ConnectionOptions, createClient, escapeIdentifier, type Query } from "./connection.ts";
import { reasonOf } from "./errors.ts";

/** A connection of its own on which notifications arrive. */
export interface Listener {
  /** `received` is called with the text of each notification, and with none after each connection: any number may have been missed before it. */
  start(received: (text?: string) => void): void;
  /** Whether notifications arrive at all at this moment. */
  isNotified(): boolean;
  stop(): void;
}

const PROBE_TIMEOUT_MS = 2000;
const BEAT_MS = 15_000;
const MAX_RETRY_MS = 5000;

/** Behind a pooler in transaction mode LISTEN succeeds and nothing ever arrives, so each connection is tried once. */
export function createListener(options: ConnectionOptions, channel: string, query: Query, log: Log): Listener {
  const stopping = new AbortController();
  const { signal } = stopping;
  let notified = false;
  let unnotified = false;
  const run = async (received: (text?: string) => void): Promise<void> => {
    for (let tries = 0; !signal.aborted; tries += 1) {
      try {
        await listenOnce(options, signal, async (client) => {
          await client.query(`listen ${escapeIdentifier(channel)}`);
          client.on("notification", (notification) => {
            if (notification.channel === channel) received(notification.payload);
          });
          notified = await receivesProbe(client, query);
          if (!notified && !unnotified)
            log.warn("notifications do not arrive through this connection to the database, so it is asked more often");
          unnotified = !notified;
          tries = 0;
          received();
        });
      } catch (cause) {
        if (!signal.aborted && tries === 0) log.warn("the connection that listens to the database ended", { reason: reasonOf(cause) });
      }
      notified = false;
      await delay(Math.min(250 * 2 ** tries, MAX_RETRY_MS), undefined, { signal }).catch(() => undefined);
    }
  };
  return {
    start: (received) => void run(received),
    isNotified: () => notified,
    stop: () => stopping.abort(),
  };
}

/** Resolves or rejects when the connection ends. It is asked now and then, as the loss of the other end raises nothing. */
async function listenOnce(options: ConnectionOptions, signal: AbortSignal, opened: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = createClient(options);
  let beat: NodeJS.Timeout | undefined;
  let stopped = (): void => undefined;
  const end = (): void => void client.end().catch(() => undefined);
  try {
    await new Promise<void>((resolve, reject) => {
      client.once("error", reject);
      client.once("end", resolve);
      stopped = () => resolve();
      signal.addEventListener("abort", stopped);
      const start = async (): Promise<void> => {
        await client.connect();
        await opened(client);
        beat = setInterval(() => void client.query("select 1").catch(reject), BEAT_MS);
        beat.unref();
      };
      start().catch(reject);
    });
  } finally {
    // There is one connection after the other for as long as the server runs.
    signal.removeEventListener("abort", stopped);
    clearInterval(beat);
    client.on("error", () => undefined);
    end();
  }
}

/** Whether a notification that is sent by `query` reaches this client within two seconds. */
export async function receivesProbe(client: pg.Client, query: Query): Promise<boolean> {
  const channel = `probe_${randomUUID()}`;
  await client.query(`listen ${escapeIdentifier(channel)}`);
  const received = new Promise<boolean>((resolve) => {
    client.on("notification", (notification) => {
      if (notification.channel === channel) resolve(true);
    });
  });
  await query("select pg_notify($1, '')", [channel]);
  const inTime = await Promise.race([received, delay(PROBE_TIMEOUT_MS, false, { ref: false })]);
  await client.query(`unlisten ${escapeIdentifier(channel)}`);
  return inTime;
}

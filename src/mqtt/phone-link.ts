import type { WebSocket } from "ws";
import { createSerialQueue } from "../base/serial-queue.ts";
import type { Device } from "../core/index.ts";
import type { AdmittedUpgrade } from "../http/upgrade-handler.ts";
import type { Drain } from "./drain.ts";
import { createPacketGuard } from "./packet-guard.ts";
import type { Qos, ToPhone } from "./topics.ts";

/** The phone at the other end of a link, once it is authenticated. */
export interface ConnectedPhone {
  readonly device: Device;
  readonly tree: string;
  readonly drain: Drain;
  /** By topic filter. */
  readonly subscriptions: Map<string, { readonly types: readonly ToPhone[]; readonly qos: Qos }>;
}

const LIVENESS_CHECK_MS = 60_000;
const MAX_SILENT_CHECKS = 2;

/** One WebSocket of a phone. */
export type PhoneLink = ReturnType<typeof openPhoneLink>;

export function openPhoneLink({ caller, authenticate, count }: AdmittedUpgrade, socket: WebSocket) {
  const end = (): void => socket.terminate();
  const fits = createPacketGuard();
  socket.on("message", (data: Buffer, isBinary) => {
    if (!isBinary || !fits(data)) end();
  });
  endDeadConnection(socket);
  return {
    caller,
    authenticate,
    count,
    socket,
    end,
    /** The topic of the will that the phone has asked for. */
    willTopic: undefined as string | undefined,
    phone: undefined as ConnectedPhone | undefined,
    /** Handles the phone's messages in the order in which they arrive. */
    queue: createSerialQueue(),
    isOpen: () => socket.readyState === socket.OPEN,
    /** Counts something that was rejected. A phone that exceeds the door's limit with it loses its connection. */
    countRejection(): void {
      try {
        count("other");
      } catch {
        end();
      }
    },
  };
}

/** Ends a connection from which nothing came for two checks, not even the answer to a ping. */
function endDeadConnection(socket: WebSocket): void {
  let silentChecks = 0;
  const reset = (): void => {
    silentChecks = 0;
  };
  socket.on("message", reset);
  socket.on("pong", reset);
  const checks = setInterval(() => {
    silentChecks += 1;
    if (silentChecks > MAX_SILENT_CHECKS) socket.terminate();
    else if (socket.readyState === socket.OPEN) socket.ping();
  }, LIVENESS_CHECK_MS).unref();
  socket.once("close", () => clearInterval(checks));
}

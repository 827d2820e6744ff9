import type { Duplex } from "node:stream";
import { createWebSocketStream, type WebSocket } from "ws";

/**
 * The bytes of a WebSocket's frames, in both directions, for the broker. The broker reads once for each "readable" event and then only after
 * a whole packet, so one `read()` has to return all that has arrived; since Node.js 26, a stream returns one frame for each.
 */
export function openByteStream(socket: WebSocket): Duplex {
  const stream = createWebSocketStream(socket, { allowHalfOpen: false });
  stream.on("error", () => undefined);
  const read = stream.read.bind(stream) as (size?: number) => Buffer | null;
  stream.read = (size?: number | null) => {
    if (typeof size === "number") return read(size);
    const frames: Buffer[] = [];
    for (let frame = read(); frame !== null; frame = read()) frames.push(frame);
    return frames.length === 0 ? null : Buffer.concat(frames);
  };
  return stream;
}

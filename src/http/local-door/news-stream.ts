import type { IncomingMessage, ServerResponse } from "node:http";
import type { Pairing } from "../../core/index.ts";

const STILL_HERE_EVERY = 30_000;

export interface NewsStream {
  readonly open: (request: IncomingMessage, response: ServerResponse) => void;
  /** Ends every open stream, so that a stop need not wait for them. */
  readonly closeAll: () => void;
}

/**
 * News for the settings page in a browser, as server-sent events: what changed, never the change itself. `isGated`: whether listeners
 * have to show the admin token. Streams from before that was switched on end then, and their pages come again with the token.
 */
export function createNewsStream(pairing: Pick<Pairing, "listen">, isGated: () => boolean): NewsStream {
  const open = new Set<ServerResponse>();
  return {
    open(request, response) {
      response.writeHead(200, {
        "Content-Type": "text/event-stream; charset=utf-8",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Frame-Options": "DENY",
      });
      if (request.method === "HEAD") {
        response.end();
        return;
      }
      response.write(": listening\n\n");
      const openedGated = isGated();
      const stop = pairing.listen((item) => {
        // Ended, and not closed yet.
        if (response.writableEnded) return;
        response.write(`data: ${item}\n\n`);
        if (isGated() && !openedGated) response.end();
      });
      // A proxy that sees nothing for a while takes the stream for dead.
      const beat = setInterval(() => response.writableEnded || response.write(": still here\n\n"), STILL_HERE_EVERY);
      beat.unref();
      open.add(response);
      response.on("close", () => {
        clearInterval(beat);
        stop();
        open.delete(response);
      });
    },
    closeAll() {
      for (const response of open) response.end();
    },
  };
}

import type { Assembled } from "../host/assemble.ts";

export type RunningServer = ReturnType<typeof createRunningServer>;

/** The running server, for those who wait for it or follow it. */
export function createRunningServer() {
  let server: Assembled | undefined;
  let next = waitForServer();
  const attached = new Map<(server: Assembled) => () => void, () => void>();
  const attachTo = (attach: (server: Assembled) => () => void, to: Assembled): void => {
    attached.get(attach)?.();
    attached.set(attach, attach(to));
  };
  return {
    current: () => server,
    next: () => next.promise,
    set(started: Assembled): void {
      server = started;
    },
    announce(): void {
      if (!server) return;
      next.resolve(server);
      for (const attach of attached.keys()) attachTo(attach, server);
    },
    /** Answers the server that was running. */
    clear(): Assembled | undefined {
      const former = server;
      server = undefined;
      next = waitForServer();
      return former;
    },
    onServer(attach: (server: Assembled) => () => void): () => void {
      attached.set(attach, () => undefined);
      if (server) attachTo(attach, server);
      return () => {
        attached.get(attach)?.();
        attached.delete(attach);
      };
    },
  };
}

function waitForServer(): { readonly promise: Promise<Assembled>; readonly resolve: (server: Assembled) => void } {
  let resolve: (server: Assembled) => void = () => undefined;
  const promise = new Promise<Assembled>((started) => {
    resolve = started;
  });
  return { promise, resolve };
}

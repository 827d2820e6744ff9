import type { Listener } from "./listener.ts";

/** `change`: the list of changes has grown. */
type SignalKind = "change" | "lease" | "connect" | "disconnect" | "voice";

/** What the servers of a database notify each other of, on one channel. A server of an older version takes all of it for a change. */
export interface Signals {
  /** Calls the listener with the text of each signal of this kind, and with none after each connection: any number may have been missed before it. */
  listen(kind: SignalKind, listener: (text?: string) => void): () => void;
  /** Whether signals arrive at all at this moment. */
  isNotified(): boolean;
  stop(): void;
}

type Called = Set<(text?: string) => void>;

/** A payload is a kind with its text, or the number of a change alone. */
const PAYLOAD = /^(?:([a-z]+) )?(.*)$/su;

export function createSignals(listener: Listener): Signals {
  const listeners: Record<SignalKind, Called> = {
    change: new Set(),
    lease: new Set(),
    connect: new Set(),
    disconnect: new Set(),
    voice: new Set(),
  };
  const isKind = (kind: string): kind is SignalKind => kind in listeners;
  listener.start((payload) => {
    if (payload === undefined) {
      for (const called of Object.values(listeners)) for (const call of called) call();
      return;
    }
    const [, kind = "change", text = ""] = PAYLOAD.exec(payload) ?? [];
    if (isKind(kind)) for (const call of listeners[kind]) call(text);
  });
  return {
    listen(kind, call) {
      listeners[kind].add(call);
      return () => void listeners[kind].delete(call);
    },
    isNotified: listener.isNotified,
    stop: listener.stop,
  };
}

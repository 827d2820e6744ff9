import type { Instant, Invited, PairingSession } from "../core/index.ts";

const MAX_CODES = 1000;

/**
 * Codes are not stored, so the settings page can show a link only while the process that made it lives. `changed` is called when a send
 * has ended.
 */
export function createRecentLinks(now: () => Instant, changed: () => void) {
  const codes = new Map<string, string>();
  const sending = new Map<string, Instant>();

  const remember = ({ sessionId }: PairingSession, code: string): void => {
    if (codes.size >= MAX_CODES) codes.delete(codes.keys().next().value ?? "");
    codes.set(sessionId, code);
  };

  return {
    remember,
    codeOf: ({ sessionId }: PairingSession) => codes.get(sessionId),
    /** Since when the provider has been asked to send this invite. */
    sendingSince: ({ sessionId }: PairingSession) => sending.get(sessionId),
    /** Runs a send. Its invite counts as being sent from the moment it is stored: a provider may be slow to answer. */
    async whileSending<T>(send: (begun: (invited: Invited) => void) => Promise<T>): Promise<T> {
      let id: string | undefined;
      try {
        return await send(({ code, session }) => {
          id = session.sessionId;
          remember(session, code);
          sending.set(id, now());
        });
      } finally {
        if (id !== undefined) {
          sending.delete(id);
          changed();
        }
      }
    },
  };
}

export type RecentLinks = ReturnType<typeof createRecentLinks>;

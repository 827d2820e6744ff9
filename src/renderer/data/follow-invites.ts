import type { AnswerOf } from "../../contract/operations.ts";

export type Overview = AnswerOf<"overview">;
export type Invite = Overview["invites"][number];

export interface InvitesView {
  readonly overview: Overview;
  /** Newest first: pending invites, and those that ended while this page was open. */
  readonly shown: readonly Invite[];
  /** The server's time minus this computer's. */
  readonly clockOffset: number;
}

/** The server's `now` has whole seconds, so a reading is up to a second late. A difference within that is no change. */
const ROUNDING_MS = 1500;

/** Each is called once, for an invite that was seen before. */
export interface InviteEvents {
  readonly ended: (invite: Invite) => void;
  readonly delivered: (invite: Invite) => void;
  readonly opened: (invite: Invite) => void;
}

/** Remembers what this page has seen waiting, so that an ended invite stays with its outcome until it is dismissed. */
export function followInvites(events: InviteEvents) {
  const known = new Map<string, Invite>();
  let clockOffset: number | undefined;

  return {
    take(overview: Overview): InvitesView {
      const offset = Date.parse(overview.now) - Date.now();
      const near = clockOffset !== undefined && Math.abs(offset - clockOffset) < ROUNDING_MS;
      clockOffset = near ? Math.max(offset, clockOffset ?? offset) : offset;

      // QR codes are shown where they are made.
      const invites = overview.invites.filter(({ method }) => method === "sms");
      const listed = new Set(invites.map((invite) => invite.session_id));
      for (const [id, invite] of known) if (!listed.has(id) && invite.status === "pending") known.delete(id);
      for (const invite of invites) {
        const before = known.get(invite.session_id);
        if (!before && invite.status !== "pending") continue;
        known.set(invite.session_id, invite);
        if (!before) continue;
        if (before.status === "pending" && invite.status !== "pending") events.ended(invite);
        else if (before.opened_at === undefined && invite.opened_at !== undefined) events.opened(invite);
        else if (before.delivery?.state !== "delivered" && invite.delivery?.state === "delivered") events.delivered(invite);
      }
      const shown = [...known.values()].sort((a, b) => b.created_at.localeCompare(a.created_at));
      return { overview, shown, clockOffset };
    },
    dismiss: (sessionId: string) => void known.delete(sessionId),
  };
}

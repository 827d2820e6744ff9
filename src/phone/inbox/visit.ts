import type { Connection } from "./follow-inbox.ts";
import type { InboxState } from "./inbox-state.ts";

/** What one visit of the page has, and what its parts can do to it. */
export interface Visit {
  inbox: InboxState | undefined;
  /** Everything that waited at the computer is here. */
  isCaughtUp: boolean;
  /** This phone is unpairing itself, so the computer's rejections are expected. */
  isUnpairing: boolean;
  isOver: boolean;
  /** Saves the inbox and shows it. */
  readonly change: (inbox: InboxState) => void;
  /** Shows why the computer rejects this phone, and nothing else from then on. */
  readonly end: (code: string, detail: string) => Promise<void>;
}

/** What is open in the frame. */
export interface View {
  /** Stands in the top bar, and gets the focus. */
  readonly heading: HTMLElement;
  readonly node: HTMLElement;
  readonly update?: (inbox: InboxState, connection: Connection, now: number) => void;
  readonly close?: () => void;
  /** Focuses the link to an approval. Returns whether there is one. */
  readonly focus?: (approvalId: string) => boolean;
  /** Whether the visit now has what this view lacked, so that it must be made anew. */
  readonly isStale?: () => boolean;
}

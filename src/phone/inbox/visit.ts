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

/** What is open over the list. */
export interface View {
  readonly node: HTMLElement;
  readonly update?: (inbox: InboxState, isConnected: boolean, now: number) => void;
  readonly close?: () => void;
  /** Whether the visit now has what this view lacked, so that it must be made anew. */
  readonly isStale?: () => boolean;
}

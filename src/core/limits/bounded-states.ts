import { type Instant, SECOND } from "../time.ts";

/** What is remembered of many callers, in bounded memory. */
export interface BoundedStates<State> {
  get(key: string): State | undefined;
  /** Stores a state, or files a changed one anew. */
  put(key: string, state: State, now: Instant): void;
  delete(key: string): void;
}

interface StateRules<State> {
  readonly most: number;
  /** Whether a state has no effect any more. */
  readonly isOver: (state: State, now: Instant) => boolean;
  /** Whether a state refuses something: forgetting it would let somebody in. */
  readonly isRefusing: (state: State) => boolean;
}

const BETWEEN_SWEEPS = 10 * SECOND;

/**
 * When the memory is full, states that are over are forgotten first, then the oldest that refuse nobody, and only then the oldest
 * that do: inventing new callers does not make a refused one forgotten.
 */
export function createBoundedStates<State>({ most, isOver, isRefusing }: StateRules<State>): BoundedStates<State> {
  const admitting = new Map<string, State>();
  const refusing = new Map<string, State>();
  // Asked anew each time, a Map steps over all that it forgot before it finds its oldest entry.
  const oldest = new Map([admitting, refusing].map((states) => [states, states.keys()]));
  let sweptAt = Number.NEGATIVE_INFINITY;

  const sweep = (now: Instant): void => {
    // Looking at all of them takes milliseconds, so not for every new caller. A clock that was set back counts as time passed.
    if (Math.abs(now - sweptAt) < BETWEEN_SWEEPS) return;
    sweptAt = now;
    for (const states of [admitting, refusing]) for (const [key, state] of states) if (isOver(state, now)) states.delete(key);
  };
  const makeRoom = (now: Instant): void => {
    if (admitting.size + refusing.size < most) return;
    sweep(now);
    if (admitting.size + refusing.size < most) return;
    const states = admitting.size > 0 ? admitting : refusing;
    states.delete(oldest.get(states)?.next().value ?? "");
  };

  return {
    get: (key) => admitting.get(key) ?? refusing.get(key),
    put(key, state, now) {
      const [into, from] = isRefusing(state) ? [refusing, admitting] : [admitting, refusing];
      if (into.has(key)) return;
      if (!from.delete(key)) makeRoom(now);
      into.set(key, state);
    },
    delete(key) {
      if (!admitting.delete(key)) refusing.delete(key);
    },
  };
}

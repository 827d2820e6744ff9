import { type Instant, SECOND } from "../time.ts";

/** State per caller, in bounded memory. */
export interface BoundedStates<State> {
  get(key: string): State | undefined;
  /** Stores a state, or moves a changed one to the end. */
  put(key: string, state: State, now: Instant): void;
  delete(key: string): void;
}

interface StateRules<State> {
  readonly most: number;
  /** Whether a state has no effect any more. */
  readonly isOver: (state: State, now: Instant) => boolean;
  /** Whether a state blocks its caller: forgetting it would let the caller in. */
  readonly isRefusing: (state: State) => boolean;
}

const BETWEEN_SWEEPS = 10 * SECOND;

/**
 * When full, expired states are forgotten first, then the oldest that block nobody, and only then the oldest that block a
 * caller. Inventing callers therefore does not unblock a blocked one.
 */
export function createBoundedStates<State>({ most, isOver, isRefusing }: StateRules<State>): BoundedStates<State> {
  const admitting = new Map<string, State>();
  const refusing = new Map<string, State>();
  // Reused, because a new iterator of a Map skips all deleted entries before the oldest one.
  const oldest = new Map([admitting, refusing].map((states) => [states, states.keys()]));
  let sweptAt = Number.NEGATIVE_INFINITY;

  const sweep = (now: Instant): void => {
    // A scan of all states takes milliseconds, so it does not run for every new caller. A clock set back counts as time passed.
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

/** The state of the live connection as a person sees it, and how long to wait before trying again. */

export type LivePhase = 'off' | 'connecting' | 'live' | 'broken' | 'catching';

export interface LiveState {
  phase: LivePhase;
  /** When the connection was lost, in ms of the clock; null while it stands. */
  brokenSince: number | null;
  /** How many events the last catch-up brought; null when there is nothing to tell. */
  caughtUp: number | null;
}

export type LiveSignal =
  | { type: 'start' }
  | { type: 'stop' }
  | { type: 'lost'; now: number }
  | { type: 'catching' }
  | { type: 'complete'; events: number }
  | { type: 'told' };

export const OFF: LiveState = { phase: 'off', brokenSince: null, caughtUp: null };

/** The next state after a signal; only a catch-up that follows a break is worth telling. */
export function nextLiveState(state: LiveState, signal: LiveSignal): LiveState {
  switch (signal.type) {
    case 'start': return { phase: 'connecting', brokenSince: null, caughtUp: null };
    case 'stop': return OFF;
    case 'lost': return { phase: 'broken', brokenSince: state.brokenSince ?? signal.now, caughtUp: null };
    case 'catching': return { ...state, phase: 'catching' };
    case 'complete':
      return { phase: 'live', brokenSince: null, caughtUp: state.brokenSince === null ? state.caughtUp : signal.events };
    case 'told': return { ...state, caughtUp: null };
  }
}

const SHORTEST_WAIT = 500;
const LONGEST_WAIT = 20_000;

/** Full jitter: a random wait in ms between 0.5 s and a ceiling that doubles with each failed attempt, at most 20 s. */
export function reconnectDelay(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_WAIT, SHORTEST_WAIT * 2 ** Math.min(attempt, 10));
  return SHORTEST_WAIT + random() * (ceiling - SHORTEST_WAIT);
}

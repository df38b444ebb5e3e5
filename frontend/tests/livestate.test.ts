import { describe, expect, it } from 'vitest';
import { nextLiveState, OFF, reconnectDelay, type LiveSignal, type LiveState } from '@/api/livestate';

function after(...signals: LiveSignal[]): LiveState {
  return signals.reduce(nextLiveState, OFF);
}

describe('live state', () => {
  it('is live after the first complete picture, with nothing to tell', () => {
    expect(after({ type: 'start' }, { type: 'complete', events: 3 })).toEqual({ phase: 'live', brokenSince: null, caughtUp: null });
  });

  it('keeps the beginning of a break through failed attempts', () => {
    const state = after({ type: 'start' }, { type: 'lost', now: 100 }, { type: 'lost', now: 900 });
    expect(state).toMatchObject({ phase: 'broken', brokenSince: 100 });
  });

  it('tells after a break how much was caught up, even if nothing', () => {
    const broken: LiveSignal[] = [{ type: 'start' }, { type: 'lost', now: 1 }, { type: 'catching' }];
    expect(after(...broken).brokenSince).toBe(1);
    expect(after(...broken, { type: 'complete', events: 7 }).caughtUp).toBe(7);
    expect(after(...broken, { type: 'complete', events: 0 }).caughtUp).toBe(0);
    expect(after(...broken, { type: 'complete', events: 7 }, { type: 'told' }).caughtUp).toBeNull();
  });
});

describe('reconnect delay', () => {
  it('lies between 0.5 s and a ceiling that doubles up to 20 s', () => {
    const longest = (attempt: number): number => reconnectDelay(attempt, () => 1);
    expect([0, 1, 2, 3, 4, 5, 6, 50].map(longest)).toEqual([500, 1000, 2000, 4000, 8000, 16000, 20000, 20000]);
    expect(reconnectDelay(9, () => 0)).toBe(500);
  });
});

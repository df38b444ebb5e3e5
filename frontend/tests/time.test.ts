import { describe, expect, it } from 'vitest';
import { agoWords, clockTime, dayOf, durationWords, fullDay, limitParts, shortTime } from '@/model/time';

describe('a duration', () => {
  it.each([
    [0, true, 'minutes', { m: 0 }],
    [59, true, 'minutes', { m: 59 }],
    [60, true, 'hours', { h: 1 }],
    [100, true, 'hoursMinutes', { h: 1, m: 40 }],
    [959, true, 'hoursMinutes', { h: 15, m: 59 }],
    [960, true, 'workdays', { d: 2 }],
    [1100, true, 'workdaysHours', { d: 2, h: 2 }],
    [1100, false, 'hoursMinutes', { h: 18, m: 20 }],
    [2880, false, 'days', { d: 2 }],
    [3000, false, 'daysHours', { d: 2, h: 2 }],
  ])('%i minutes, working %s, is %s', (minutes, working, key, values) => {
    expect(durationWords(minutes, working)).toEqual({ key, values });
  });
});

describe('a limit', () => {
  it('tells amount, unit and whether it runs at night', () => {
    expect(limitParts('4h')).toEqual({ amount: 4, unit: 'h', continuous: false });
    expect(limitParts('30m!')).toEqual({ amount: 30, unit: 'm', continuous: true });
    expect(limitParts('soon')).toBeNull();
  });
});

describe('clock times', () => {
  it('are those of the town, also around midnight', () => {
    expect(clockTime('2026-01-05T16:05:00Z')).toBe('00:05');
    expect(dayOf(Date.parse('2026-01-05T15:59:00Z'))).toBe('2026-01-05');
    expect(dayOf(Date.parse('2026-01-05T16:00:00Z'))).toBe('2026-01-06');
  });

  it('leave out what goes without saying', () => {
    const now = Date.parse('2026-01-05T08:00:00Z');
    expect(shortTime('2026-01-05T02:30:00Z', now)).toBe('10:30');
    expect(shortTime('2026-01-04T02:30:00Z', now)).toBe('01-04 10:30');
    expect(shortTime('2025-12-04T02:30:00Z', now)).toBe('2025-12-04 10:30');
  });

  it('of a day alone name the weekday, in the time of the town', () => {
    expect(fullDay('2027-03-21T16:00:00Z', 'zh')).toBe('2027年3月22日周一');
    expect(fullDay('2027-03-21T16:00:00Z', 'en')).toBe('Mon, 22 Mar 2027');
  });

  it('of the past are said as one says them', () => {
    const then = Date.parse('2026-01-05T08:00:00Z');
    const after = (minutes: number): string => agoWords(then, then + minutes * 60_000).key;
    expect([0, 5, 59, 60, 1439, 1440].map(after)).toEqual(['now', 'minutes', 'minutes', 'hours', 'hours', 'days']);
  });
});

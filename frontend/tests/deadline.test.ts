import { describe, expect, it } from 'vitest';
import type { DeadlinePiece } from '@/api/types';
import { byDay, dayTitle, isFree, timesOf, total } from '@/model/deadline';

const at = (text: string): string => new Date(`${text}:00+08:00`).toISOString();
const piece = (start: string, end: string, why: DeadlinePiece['why'], name = ''): DeadlinePiece =>
  ({ start: at(start), end: at(end), why, name, counts: ['session', 'make_up', 'continuous'].includes(why) });

/** Four working hours from half past four before the National Day holiday. */
const HOLIDAY = [
  piece('2025-09-30T16:30', '2025-09-30T18:00', 'session'),
  piece('2025-09-30T18:00', '2025-10-01T00:00', 'after_work'),
  piece('2025-10-01T00:00', '2025-10-02T00:00', 'holiday', '国庆节'),
  piece('2025-10-02T00:00', '2025-10-03T00:00', 'holiday', '国庆节'),
  piece('2025-10-03T00:00', '2025-10-04T00:00', 'holiday', '国庆节'),
  piece('2025-10-04T00:00', '2025-10-05T00:00', 'holiday', '中秋'),
  piece('2025-10-05T00:00', '2025-10-05T08:00', 'before_work'),
  piece('2025-10-05T08:00', '2025-10-05T10:30', 'session'),
];

describe('an explained deadline', () => {
  it('is read by day, and days off with one reason stand in one line', () => {
    const days = byDay(HOLIDAY);
    expect(days.map((day) => [day.day, day.until, day.counted, isFree(day)])).toEqual([
      ['2025-09-30', '2025-09-30', 90, false],
      ['2025-10-01', '2025-10-03', 0, true],
      ['2025-10-04', '2025-10-04', 0, true],
      ['2025-10-05', '2025-10-05', 150, false],
    ]);
  });

  it('leaves no time out', () => {
    const days = byDay(HOLIDAY);
    const edges = days.flatMap((day) => day.pieces).map(({ start, end }) => [start, end]);
    for (const [place, [start]] of edges.slice(1).entries()) expect(start).toBe(edges[place]![1]);
    expect(total({ pieces: HOLIDAY })).toBe(240);
  });

  it('does not take a pause of a whole day for a day off', () => {
    const [day] = byDay([piece('2025-10-01T00:00', '2025-10-02T00:00', 'paused', 'return')]);
    expect(isFree(day!)).toBe(false);
  });

  it('says from when to when, a midnight as 24:00, and names another day', () => {
    expect(timesOf(HOLIDAY[1]!, 'zh')).toBe('18:00–24:00');
    expect(timesOf(piece('2025-09-26T23:50', '2025-09-27T00:05', 'continuous'), 'en')).toBe(`23:50 – ${dayTitle('2025-09-27', 'en')} 00:05`);
    expect(dayTitle('2025-09-27', 'en')).toContain('Sat');
    expect(dayTitle('2025-09-27', 'zh')).toContain('周六');
  });
});

/** Shares, spans and days of statistics. */
import { dayOf } from './time';

/** A share as a whole percentage; a dash where there is nothing to divide by. */
export function percent(part: number, whole: number): string {
  return whole ? `${(100 * part / whole).toFixed(part === whole || part === 0 ? 0 : 1)}%` : '—';
}

/** What the closing rate divides: refused matters have their answer, so they count as finished; that they are there is said beside it. */
export function finished(counts: { closed_of_them: number; refused_of_them: number }): number {
  return counts.closed_of_them + counts.refused_of_them;
}

/** Hours as people read them; a dash for none. */
export function hours(value: number | null): string {
  if (value === null) return '—';
  return value < 10 ? value.toFixed(1) : String(Math.round(value));
}

export type Preset = 'today' | 'week' | 'days30' | 'month' | 'lastMonth' | 'year';
export const PRESETS: readonly Preset[] = ['today', 'week', 'days30', 'month', 'lastMonth', 'year'];

const DAY = 86_400_000;
const plus = (day: string, days: number): string => new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);

/** The first and last day of a preset, both included, seen from a moment in ms. */
export function daysOf(preset: Preset, now: number): { first: string; last: string } {
  const today = dayOf(now);
  const month = `${today.slice(0, 7)}-01`;
  switch (preset) {
    case 'today': return { first: today, last: today };
    case 'week': return { first: plus(today, -6), last: today };
    case 'days30': return { first: plus(today, -29), last: today };
    case 'month': return { first: month, last: today };
    case 'year': return { first: `${today.slice(0, 4)}-01-01`, last: today };
    default: {
      const last = plus(month, -1);
      return { first: `${last.slice(0, 7)}-01`, last };
    }
  }
}

/** The preset that these days are, if they are one. */
export function presetOf(first: string, last: string, now: number): Preset | null {
  return PRESETS.find((preset) => {
    const days = daysOf(preset, now);
    return days.first === first && days.last === last;
  }) ?? null;
}

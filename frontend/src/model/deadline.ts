/** An explained deadline as people read it: day by day, free days that follow each other in one line. */
import type { Deadline, DeadlinePiece } from '@/api/types';
import { clockTime, dayOf, ZONE } from './time';

const DAY = 86_400_000;

export interface ExplainedDay {
  /** The first day and, for days off in one line, the last, as yyyy-mm-dd. */
  day: string;
  until: string;
  /** Minutes that counted. */
  counted: number;
  pieces: DeadlinePiece[];
}

/** The minutes of a piece. */
export function minutesOf(piece: Pick<DeadlinePiece, 'start' | 'end'>): number {
  return (Date.parse(piece.end) - Date.parse(piece.start)) / 60_000;
}

/** The last day that a piece reaches into. */
function lastDay(piece: DeadlinePiece): string {
  return dayOf(Date.parse(piece.end) - 1);
}

/** Nothing but days off: one, or several put together. */
function isWhole(piece: DeadlinePiece): boolean {
  return (Date.parse(piece.end) - Date.parse(piece.start)) % DAY === 0 && !piece.counts && piece.why !== 'paused';
}

/** The pieces by the day on which they begin; whole days off with the same reason become one entry. */
export function byDay(pieces: readonly DeadlinePiece[]): ExplainedDay[] {
  const days: ExplainedDay[] = [];
  for (const piece of pieces) {
    const day = dayOf(Date.parse(piece.start));
    const last = days.at(-1);
    const before = last?.pieces.at(-1);
    if (last && before && isWhole(piece) && isWhole(before) && before.why === piece.why && before.name === piece.name) {
      last.pieces = [{ ...before, end: piece.end }];
      last.until = day;
    } else if (last?.day === day) {
      last.pieces.push(piece);
      last.counted += piece.counts ? minutesOf(piece) : 0;
      last.until = lastDay(piece);
    } else {
      days.push({ day, until: lastDay(piece), counted: piece.counts ? minutesOf(piece) : 0, pieces: [piece] });
    }
  }
  return days;
}

/** True for an entry that is nothing but days off. */
export function isFree(day: ExplainedDay): boolean {
  return day.pieces.length === 1 && isWhole(day.pieces[0]!);
}

/** True for a day that was worked from morning to evening: nothing in it needs to be read. */
export function isOrdinary(day: ExplainedDay): boolean {
  return day.counted === 480 && day.pieces.length === 5;
}

/** From when to when on its day; a midnight that ends a day is 24:00, another day is named. */
export function timesOf(piece: DeadlinePiece, language: string): string {
  const from = clockTime(piece.start);
  const same = lastDay(piece) === dayOf(Date.parse(piece.start));
  const end = clockTime(piece.end);
  if (same) return `${from}–${end === '00:00' ? '24:00' : end}`;
  return `${from} – ${dayTitle(dayOf(Date.parse(piece.end)), language)} ${end}`;
}

/** A day such as "10月9日周四" or "Thu, 9 Oct". */
export function dayTitle(day: string, language: string): string {
  const format = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : 'zh-CN', { timeZone: ZONE, month: 'short', day: 'numeric', weekday: 'short' });
  return format.format(new Date(`${day}T12:00:00+08:00`));
}

/** The minutes that counted in all: the limit itself. */
export function total(deadline: Pick<Deadline, 'pieces'>): number {
  return deadline.pieces.reduce((sum, piece) => sum + (piece.counts ? minutesOf(piece) : 0), 0);
}

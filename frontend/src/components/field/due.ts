/** What is left until a deadline, as far as it can be told without the working calendar, which only the server has. */
import type { Card } from '@/api/types';
import { isOpen } from '@/model/incident';
import { dayOf } from '@/model/time';

export interface Left {
  /** Negative when the deadline has passed. */
  minutes: number;
  /** Counted in working time. */
  working: boolean;
}

const MINUTE = 60_000;
const HOUR = 60;
/** Town time is UTC+8 all year round. */
const OFFSET = 8 * HOUR;
/** The working hours of a working day, in minutes since midnight. */
const SHIFTS: readonly (readonly [number, number])[] = [[8 * HOUR, 12 * HOUR], [14 * HOUR, 18 * HOUR]];
/** Tasks that stand between two people have limits of minutes, which run day and night. */
const BETWEEN = new Set(['verifying', 'filed', 'to_verify']);

function minuteOfDay(time: number): number {
  return (time / MINUTE + OFFSET) % (24 * HOUR);
}

/** Working minutes between two times of one working day. */
export function workingMinutes(from: number, until: number): number {
  const [start, end] = [minuteOfDay(from), minuteOfDay(until)];
  return SHIFTS.reduce((sum, [opens, closes]) => sum + Math.max(0, Math.min(end, closes) - Math.max(start, opens)), 0);
}

/**
 * What is left of a card's time; null without a deadline, or if it lies on another day and is counted in working time.
 * A deadline in working time lies on a working day, so on its own day the shifts alone decide.
 */
export function leftOf(card: Pick<Card, 'due_at' | 'state' | 'urgent'>, now: number): Left | null {
  if (!card.due_at || !isOpen(card.state)) return null;
  const due = Date.parse(card.due_at);
  if (card.urgent || BETWEEN.has(card.state)) return { minutes: (due - now) / MINUTE, working: false };
  if (dayOf(due) !== dayOf(now)) return null;
  return { minutes: due >= now ? workingMinutes(now, due) : -workingMinutes(due, now), working: true };
}

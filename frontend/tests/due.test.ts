import { describe, expect, it } from 'vitest';
import type { Card } from '@/api/types';
import { leftOf, workingMinutes } from '@/components/field/due';

const at = (text: string): number => Date.parse(`${text}+08:00`);
const card = (state: Card['state'], due: string | null, urgent = false): Pick<Card, 'due_at' | 'state' | 'urgent'> =>
  ({ state, urgent, due_at: due && new Date(at(due)).toISOString() });

describe('working minutes of one day', () => {
  it('leave out the noon break and what lies outside the shifts', () => {
    expect(workingMinutes(at('2025-09-26T11:00'), at('2025-09-26T15:00'))).toBe(120);
    expect(workingMinutes(at('2025-09-26T12:30'), at('2025-09-26T15:00'))).toBe(60);
    expect(workingMinutes(at('2025-09-26T06:00'), at('2025-09-26T20:00'))).toBe(480);
  });
});

describe('what is left of a card', () => {
  it('is counted in working time on the day of the deadline', () => {
    expect(leftOf(card('assigned', '2025-09-26T15:00'), at('2025-09-26T11:20'))).toEqual({ minutes: 100, working: true });
  });

  it('is unknown while the calendar between now and the deadline is', () => {
    expect(leftOf(card('assigned', '2025-10-09T10:30'), at('2025-09-30T16:30'))).toBeNull();
  });

  it('runs day and night for urgent cases and for tasks between two people', () => {
    expect(leftOf(card('assigned', '2025-09-27T01:30', true), at('2025-09-26T23:30'))).toEqual({ minutes: 120, working: false });
    expect(leftOf(card('to_verify', '2025-09-26T20:30'), at('2025-09-26T20:00'))).toEqual({ minutes: 30, working: false });
  });

  it('is negative after the deadline', () => {
    expect(leftOf(card('in_work', '2025-09-26T11:00'), at('2025-09-26T14:30'))).toEqual({ minutes: -90, working: true });
    expect(leftOf(card('verifying', '2025-09-26T11:00'), at('2025-09-26T14:30'))).toEqual({ minutes: -210, working: false });
  });

  it('is nothing without a deadline or after the end', () => {
    expect(leftOf(card('reported', null), at('2025-09-26T11:00'))).toBeNull();
    expect(leftOf(card('closed', '2025-09-26T12:00'), at('2025-09-26T11:00'))).toBeNull();
  });
});

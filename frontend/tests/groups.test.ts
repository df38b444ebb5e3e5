import { describe, expect, it } from 'vitest';
import type { Card } from '@/api/types';
import { dueGroup, inGroups } from '@/pages/handle/groups';

const NOW = Date.parse('2026-03-10T10:00+08:00');
const card = (id: string, due: string | null, state: Card['state'] = 'assigned', overdue = false): Card =>
  ({ id, state, overdue, due_at: due && new Date(due).toISOString() }) as Card;

describe('groups of a department\'s list', () => {
  it('part what is late, due today in the town, due later, and not due', () => {
    expect(dueGroup(card('a', '2026-03-10T09:59+08:00'), NOW)).toBe('over');
    expect(dueGroup(card('b', '2026-03-10T23:59+08:00'), NOW)).toBe('today');
    expect(dueGroup(card('c', '2026-03-11T00:01+08:00'), NOW)).toBe('later');
    expect(dueGroup(card('d', null), NOW)).toBe('none');
    expect(dueGroup(card('e', '2026-03-09T09:00+08:00', 'closed', true), NOW)).toBe('none');
  });

  it('keep the order of the list and leave out what is empty', () => {
    const cards = [card('1', '2026-03-10T12:00+08:00'), card('2', '2026-03-12T12:00+08:00'), card('3', '2026-03-13T12:00+08:00')];
    expect(inGroups(cards, NOW).map(({ name, cards: list }) => [name, list.map(({ id }) => id)])).toEqual([['today', ['1']], ['later', ['2', '3']]]);
  });
});

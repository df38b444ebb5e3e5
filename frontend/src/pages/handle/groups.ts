/** The list of a department in the order of its deadlines, cut where a person would cut it. */
import type { Card } from '@/api/types';
import { isOpen } from '@/model/incident';
import { dayOf } from '@/model/time';

export type DueGroup = 'over' | 'today' | 'later' | 'none';

/** The part of the list a card belongs to. */
export function dueGroup(card: Card, now: number): DueGroup {
  if (!card.due_at || !isOpen(card.state)) return 'none';
  const due = Date.parse(card.due_at);
  if (card.overdue || due <= now) return 'over';
  return dayOf(due) === dayOf(now) ? 'today' : 'later';
}

/** Cards by part, in the order they came; parts without cards are left out. */
export function inGroups(cards: readonly Card[], now: number): { name: DueGroup; cards: Card[] }[] {
  const order: readonly DueGroup[] = ['over', 'today', 'later', 'none'];
  const groups = order.map((name) => ({ name, cards: cards.filter((card) => dueGroup(card, now) === name) }));
  return groups.filter((group) => group.cards.length > 0);
}

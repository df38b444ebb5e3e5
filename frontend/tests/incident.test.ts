import { describe, expect, it } from 'vitest';
import { groupOf, GROUPS, inOrder, isOpen, matches, searchClasses, STATES } from '@/model/incident';
import { card, klass } from './cards';

const NOW = Date.parse('2026-01-05T03:00:00Z');

describe('states', () => {
  it('each belong to one group', () => {
    const all = GROUPS.flatMap((group) => STATES[group]);
    expect(new Set(all).size).toBe(all.length);
    expect(all).toHaveLength(14);
    for (const state of all) expect(STATES[groupOf(state)]).toContain(state);
  });

  it('are open until closed or declined', () => {
    expect(isOpen('verified')).toBe(true);
    expect(isOpen('closed')).toBe(false);
    expect(isOpen('declined')).toBe(false);
  });
});

describe('a filter', () => {
  it('lets a card through when every part agrees', () => {
    const filter = { open: true, area: '990101001', class_key: card().class_key, urgent: false };
    expect(matches(card(), filter, NOW)).toBe(true);
    expect(matches(card({ area: '990101002001001' }), filter, NOW)).toBe(false);
    expect(matches(card({ state: 'closed' }), filter, NOW)).toBe(false);
  });

  it.each([
    [{ state: ['filed' as const] }, card(), false],
    [{ urgent: true }, card(), false],
    [{ urgent: true }, card({ urgent: true }), true],
    [{ department: 3 }, card({ department: 4 }), false],
    [{ overdue: true }, card({ overdue: true }), true],
    [{ overdue: true }, card({ overdue: true, state: 'closed' }), false],
    [{ due_within: 60 }, card({ due_at: '2026-01-05T04:00:00Z' }), true],
    [{ due_within: 60 }, card({ due_at: '2026-01-05T04:00:01Z' }), false],
    [{ due_within: 60 }, card({ due_at: '2026-01-05T02:59:00Z' }), false],
    [{ due_within: 60 }, card(), false],
  ])('%o', (filter, one, expected) => {
    expect(matches(one, filter, NOW)).toBe(expected);
  });

  it('leaves to the server what only the server knows', () => {
    expect(matches(card(), { q: 'laji' }, NOW)).toBeNull();
    expect(matches(card(), { mine: 'todo' }, NOW)).toBeNull();
    expect(matches(card(), { mine: 'todo', urgent: true }, NOW)).toBe(false);
  });
});

describe('the order', () => {
  const ids = (order: 'due' | 'new', ...cards: ReturnType<typeof card>[]): string[] => cards.toSorted(inOrder(order)).map((one) => one.id);

  it('by due time puts those without at the end', () => {
    expect(ids('due', card({ id: 'c' }), card({ id: 'b', due_at: '2026-01-06T00:00:00Z' }), card({ id: 'a', due_at: '2026-01-05T00:00:00.5Z' })))
      .toEqual(['a', 'b', 'c']);
  });

  it('by report puts the newest first, whatever the fraction of the second looks like', () => {
    expect(ids('new', card({ id: 'a', reported_at: '2026-01-05T02:00:00Z' }), card({ id: 'b', reported_at: '2026-01-05T02:00:00.120Z' })))
      .toEqual(['b', 'a']);
  });
});

describe('the search for a class', () => {
  const classes = [
    klass('暴露垃圾', 'bao lu la ji', 'bllj'), klass('垃圾箱', 'la ji xiang', 'ljx', { code: '0305' }),
    klass('占道经营', 'zhan dao jing ying', 'zdjy', { name_en: 'Street trading' }),
  ];
  const found = (query: string): string[] => searchClasses(classes, query).map((one) => one.name);

  it('finds by characters, pinyin, initials, English and code', () => {
    expect(found('经营')).toEqual(['占道经营']);
    expect(found('zhandao')).toEqual(['占道经营']);
    expect(found('zdjy')).toEqual(['占道经营']);
    expect(found('trading')).toEqual(['占道经营']);
    expect(found('0305')).toEqual(['垃圾箱']);
  });

  it('puts what begins with the query first', () => {
    expect(found('lj')).toEqual(['垃圾箱', '暴露垃圾']);
    expect(found('垃圾')).toEqual(['垃圾箱', '暴露垃圾']);
  });

  it('shows all for nothing and nothing for nonsense', () => {
    expect(found(' ')).toHaveLength(3);
    expect(found('qqq')).toEqual([]);
  });
});

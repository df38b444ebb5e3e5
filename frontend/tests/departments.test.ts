import { describe, expect, it } from 'vitest';
import type { DepartmentRow } from '@/api/departments';
import { stepsOf } from '@/components/departments/steps';
import { choices, inTree, under } from '@/components/departments/tree';

function row(id: number, parent: number | null = null, more: Partial<DepartmentRow> = {}): DepartmentRow {
  return {
    id, parent, code: `d${id}`, name: `部门${id}`, name_en: '', area: '990101', area_name: '示范区', successor: null, successor_name: null,
    ended: null, over: false, version: 1, cases: 0, rules: 0, stages: 0, people: [], ...more,
  };
}

describe('the tree of departments', () => {
  const rows = [row(1), row(2, 3), row(3, 1), row(4), row(5, 9)];

  it('puts children right after their parent, and at the top whose parent is not shown', () => {
    expect(inTree(rows).map(({ row: one, depth }) => [one.id, depth])).toEqual([[1, 0], [3, 1], [2, 2], [4, 0], [5, 0]]);
  });

  it('offers no parent or successor that lies below, has an end, or serves another area', () => {
    expect([...under(rows, 1)].sort()).toEqual([1, 2, 3]);
    const more = [...rows, row(6, null, { ended: '2030-01-01' }), row(7, null, { area: '990101002' })];
    expect(choices(more, '990101001', 1).map(({ id }) => id)).toEqual([4, 5]);
  });

  it('lets an end be changed until it has come, and then only a successor be named', () => {
    expect(stepsOf(row(1))).toEqual(['rename', 'move', 'end']);
    expect(stepsOf(row(1, null, { ended: '2030-01-01' }))).toContain('keep');
    expect(stepsOf(row(1, null, { ended: '2020-01-01', over: true }))).toEqual(['inherit']);
    expect(stepsOf(row(1, null, { ended: '2020-01-01', over: true, successor: 2 }))).toEqual([]);
  });
});

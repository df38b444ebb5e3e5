/** What an administrator can do with a department as it stands. `inherit`: name a successor of one that ended without. */
import type { DepartmentRow } from '@/api/departments';

export type Step = 'add' | 'rename' | 'move' | 'end' | 'keep' | 'inherit';

export function stepsOf(one: Pick<DepartmentRow, 'ended' | 'over' | 'successor'>): Step[] {
  if (one.over) return one.successor === null ? ['inherit'] : [];
  return one.ended ? ['rename', 'move', 'keep', 'end'] : ['rename', 'move', 'end'];
}

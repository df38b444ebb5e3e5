/** Departments as a tree: each with how deep it lies, children right after their parent. */
import type { DepartmentRow } from '@/api/departments';

type Node = Pick<DepartmentRow, 'id' | 'parent'>;

/** The rows in the order of the tree; one whose parent is not among them stands at the top. */
export function inTree<T extends Node>(rows: readonly T[]): { row: T; depth: number }[] {
  const known = new Set(rows.map(({ id }) => id));
  const found: { row: T; depth: number }[] = [];
  const put = (parent: number | null, depth: number): void => {
    for (const row of rows) {
      const over = row.parent !== null && known.has(row.parent) ? row.parent : null;
      if (over !== parent) continue;
      found.push({ row, depth });
      put(row.id, depth + 1);
    }
  };
  put(null, 0);
  return found;
}

/** The departments that lie under one, with itself. */
export function under(rows: readonly Node[], id: number): Set<number> {
  const found = new Set([id]);
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const row of rows) if (row.parent !== null && found.has(row.parent)) found.add(row.id);
  }
  return found;
}

/** Those that may be chosen beside one: in force without an end, serving all of an area, and not the one itself or below it. */
export function choices(rows: readonly DepartmentRow[], area: string, not: number | null): DepartmentRow[] {
  const out = not === null ? new Set<number>() : under(rows, not);
  return rows.filter((row) => !row.ended && !out.has(row.id) && area.startsWith(row.area));
}

/** One plan while it is changed by hand: what was done can be undone, figures follow at once, and each change is stored in its order. */
import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import { savePlan, type Drawn, type Ground, type Plan } from '@/api/plans';
import { figures, moveFaults, type Figures, type GroundNumbers } from '@/model/cellplan';

export interface PlanEdit {
  now: ShallowRef<Drawn>;
  figures: ComputedRef<Figures[]>;
  waiting: Ref<number>;
  canUndo: ComputedRef<boolean>;
  canRedo: ComputedRef<boolean>;
  undo: () => void;
  redo: () => void;
  /** Why a block cannot go to a cell; '' if it can. */
  obstacle: (unit: number, cell: number) => '' | 'locked' | 'apart';
  move: (unit: number, cell: number) => void;
  toggle: (what: 'locked' | 'dedicated', cell: number) => void;
  rename: (name: string) => void;
  nameCell: (cell: number, name: string) => void;
}

/** Cells numbered without gaps, as the server numbers them: nothing may be left of a cell. */
export function tidy(drawn: Drawn): Drawn {
  const order = [...new Set(drawn.cells)].sort((a, b) => a - b);
  const place = new Map(order.map((cell, at) => [cell, at]));
  const kept = (some: readonly number[]): number[] => some.flatMap((cell) => place.get(cell) ?? []);
  const names = Object.entries(drawn.names).flatMap(([cell, name]) => (place.has(Number(cell)) ? [[place.get(Number(cell)), name]] : []));
  return { ...drawn, cells: drawn.cells.map((cell) => place.get(cell)!), locked: kept(drawn.locked), dedicated: kept(drawn.dedicated), names: Object.fromEntries(names) as Record<string, string> };
}

/** `failed` hears of what the server refused: the plan must be read again then; `saved` of each version that was stored. */
export function usePlan(plan: Plan, ground: Ground, failed: (error: unknown) => void, saved: (version: number) => void = () => undefined): PlanEdit {
  const { cells, locked, dedicated, names, name } = plan;
  const now = shallowRef<Drawn>({ cells, locked, dedicated, names, name });
  const past = shallowRef<Drawn[]>([]);
  const future = shallowRef<Drawn[]>([]);
  const waiting = ref(0);
  const numbers = ground as unknown as GroundNumbers;
  let version = plan.version;
  let queue: Promise<void> = Promise.resolve();
  let broken = false;

  function store(drawn: Drawn): void {
    now.value = drawn;
    waiting.value += 1;
    queue = queue.then(async () => {
      try {
        if (!broken) saved(version = (await savePlan({ id: plan.id, version }, drawn)).version);
      } catch (error) {
        broken = true;
        failed(error);
      } finally {
        waiting.value -= 1;
      }
    });
  }

  function change(drawn: Drawn): void {
    past.value = [...past.value, now.value];
    future.value = [];
    store(tidy(drawn));
  }

  function undo(): void {
    const before = past.value.at(-1);
    if (!before) return;
    past.value = past.value.slice(0, -1);
    future.value = [now.value, ...future.value];
    store(before);
  }

  function redo(): void {
    const [next, ...rest] = future.value;
    if (!next) return;
    past.value = [...past.value, now.value];
    future.value = rest;
    store(next);
  }

  function obstacle(unit: number, cell: number): '' | 'locked' | 'apart' {
    const own = now.value.cells[unit]!;
    if (now.value.locked.includes(own) || now.value.locked.includes(cell)) return 'locked';
    return moveFaults(numbers, now.value.cells, unit, cell).length ? 'apart' : '';
  }

  return {
    now, waiting, undo, redo, obstacle,
    figures: computed(() => figures(numbers, now.value.cells, now.value.dedicated)),
    canUndo: computed(() => past.value.length > 0),
    canRedo: computed(() => future.value.length > 0),
    move: (unit, cell) => change({ ...now.value, cells: now.value.cells.map((one, at) => (at === unit ? cell : one)) }),
    toggle: (what, cell) => {
      const has = now.value[what].includes(cell);
      change({ ...now.value, [what]: has ? now.value[what].filter((one) => one !== cell) : [...now.value[what], cell] });
    },
    rename: (next) => change({ ...now.value, name: next }),
    nameCell: (cell, next) => change({ ...now.value, names: { ...now.value.names, [cell]: next } }),
  };
}

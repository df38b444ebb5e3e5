import { computed, reactive, ref, type ComputedRef, type Ref } from 'vue';
import type { Card } from '@/api/types';

export interface Selection {
  /** Whether cases are being chosen. */
  on: Ref<boolean>;
  ids: ReadonlySet<string>;
  /** The chosen ones that the list shows, in its order: what is not seen is not acted on. */
  cards: ComputedRef<Card[]>;
  toggle(id: string): void;
  /** Chooses all from the last touched one to this. */
  range(id: string): void;
  all(): void;
  clear(): void;
}

/** Which cases of a list are chosen for one step together. */
export function useSelection(list: Readonly<Ref<readonly Card[]>>): Selection {
  const on = ref(false);
  const ids = reactive(new Set<string>());
  let anchor: string | null = null;

  function toggle(id: string): void {
    on.value = true;
    anchor = id;
    if (!ids.delete(id)) ids.add(id);
  }

  function range(id: string): void {
    const order = list.value.map((card) => card.id);
    const [from, to] = [order.indexOf(anchor ?? id), order.indexOf(id)];
    if (from < 0 || to < 0) return toggle(id);
    on.value = true;
    anchor ??= id;
    for (const one of order.slice(Math.min(from, to), Math.max(from, to) + 1)) ids.add(one);
  }

  function all(): void {
    for (const card of list.value) ids.add(card.id);
  }

  function clear(): void {
    on.value = false;
    anchor = null;
    ids.clear();
  }

  return { on, ids, cards: computed(() => list.value.filter((card) => ids.has(card.id))), toggle, range, all, clear };
}

import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import { ApiError } from '@/api/client';
import { listIncidents, type IncidentFilter } from '@/api/endpoints';
import type { Card, Cursors } from '@/api/types';
import { inOrder, matches } from '@/model/incident';
import { useIncidents, type CardChange } from './incidents';

export interface IncidentList {
  cards: ComputedRef<Card[]>;
  total: Ref<number>;
  /** A search found more than `total`. */
  capped: Ref<boolean>;
  loading: Ref<boolean>;
  /** True until the first answer. */
  first: Ref<boolean>;
  error: ShallowRef<ApiError | null>;
  hasMore: ComputedRef<boolean>;
  /** Loads the first page anew and returns the snapshot's cursors. */
  load(signal?: AbortSignal): Promise<Cursors>;
  more(): Promise<void>;
}

const PAGE = 50;
const SETTLE = 800;
const RECOUNT = 3_000;

/** A list of cases for a filter, page by page from the server, kept right by live changes without asking again. */
export function useIncidentList(filter: Ref<IncidentFilter>, order: Ref<'due' | 'new'>): IncidentList {
  const store = useIncidents();
  const ids = shallowRef<string[]>([]);
  const total = ref(0);
  const capped = ref(false);
  const next = ref<string | null>(null);
  const loading = ref(false);
  const first = ref(true);
  const error = shallowRef<ApiError | null>(null);
  let round = 0;
  let newest: Promise<Cursors | null> = Promise.resolve(null);
  let settle: ReturnType<typeof setTimeout> | undefined;
  let counting: ReturnType<typeof setTimeout> | undefined;

  const cards = computed(() => ids.value.map((id) => store.cards.get(id)!));

  async function page(cursor: string | undefined, signal?: AbortSignal): Promise<Cursors | null> {
    round += 1;
    const mine = round;
    loading.value = true;
    try {
      const answer = await listIncidents({ ...filter.value, order: order.value, cursor, limit: PAGE }, { signal });
      if (mine !== round) return null;
      const loaded = store.remember(answer.items).filter((card) => matches(card, filter.value) !== false);
      const before = cursor ? ids.value : [];
      ids.value = [...new Set([...before, ...loaded.map((card) => card.id)])];
      next.value = answer.next;
      total.value = answer.total;
      capped.value = answer.capped;
      error.value = null;
      first.value = false;
      return answer.cursors;
    } catch (failure) {
      if (failure instanceof ApiError && mine === round) error.value = failure;
      throw failure;
    } finally {
      if (mine === round) loading.value = false;
    }
  }

  function ask(cursor?: string, signal?: AbortSignal): Promise<Cursors | null> {
    newest = page(cursor, signal);
    return newest;
  }

  async function load(signal?: AbortSignal): Promise<Cursors> {
    clearTimeout(settle);
    let cursors = await ask(undefined, signal);
    // The filter changed while we asked: only the newest question's answer counts.
    while (!cursors) cursors = await newest;
    return cursors;
  }

  async function more(): Promise<void> {
    if (next.value && !loading.value) await ask(next.value).catch(() => undefined);
  }

  /** Some cases change that no loaded page holds; what that does to the total only the server knows. */
  async function recount(): Promise<void> {
    counting = undefined;
    const asked = filter.value;
    const answer = await listIncidents({ ...asked, limit: 1 }).catch(() => null);
    if (answer && asked === filter.value) total.value = answer.total;
  }

  function change({ card, before, kind }: CardChange): void {
    const verdict = matches(card, filter.value);
    const here = ids.value.includes(card.id);
    if (verdict === null) {
      clearTimeout(settle);
      settle = setTimeout(() => void load().catch(() => undefined), SETTLE);
      if (here) ids.value = [...ids.value];
      return;
    }
    const unknown = before === null && kind !== 'incident.reported' && kind !== 'incident.self_handled';
    const wasIn = here || (before !== null && matches(before, filter.value) === true);
    if (unknown) counting ??= setTimeout(() => void recount(), RECOUNT);
    else total.value += Number(verdict) - Number(wasIn);
    if (verdict || here) place(card, verdict);
  }

  function place(card: Card, stays: boolean): void {
    const rest = ids.value.filter((id) => id !== card.id);
    if (stays) {
      const compare = inOrder(order.value);
      const at = rest.findIndex((id) => compare(card, store.cards.get(id)!) < 0);
      // Beyond the last loaded page it will come with its own page.
      if (at === -1 && next.value) ids.value = rest;
      else ids.value = at === -1 ? [...rest, card.id] : rest.toSpliced(at, 0, card.id);
    } else {
      ids.value = rest;
    }
  }

  const unsubscribe = store.subscribe((changes) => changes.forEach(change));
  watch([filter, order], () => { first.value = true; void load().catch(() => undefined); });
  onScopeDispose(() => {
    unsubscribe();
    clearTimeout(settle);
    clearTimeout(counting);
  });

  return { cards, total, capped, loading, first, error, hasMore: computed(() => next.value !== null), load, more };
}

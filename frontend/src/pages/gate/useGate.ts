import { computed, ref, shallowRef, watch } from 'vue';
import { ApiError } from '@/api/client';
import { fetchEvents } from '@/api/endpoints';
import * as api from '@/api/gate';
import type { DemandDetail, Register, Tab, Unadmitted } from '@/api/gate';
import type { Cursors } from '@/api/types';

export type Shown = Tab | 'unadmitted';
const PAGE = 100;
const SEARCH_AFTER = 300;

/** The register as one tab and one search show it, the demand that is open, and both kept fresh. */
export function useGate(tab: { value: Shown }, openId: { value: string | null }) {
  const register = shallowRef<Register | null>(null);
  const open = shallowRef<DemandDetail | null>(null);
  const unadmitted = shallowRef<Unadmitted[] | null>(null);
  const error = shallowRef<unknown>(null);
  const openError = shallowRef<unknown>(null);
  const q = ref('');
  const items = computed(() => register.value?.items ?? []);
  let typing: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;

  const which = (): Tab => (tab.value === 'unadmitted' ? 'in_force' : tab.value);

  /** Reads what the page shows; a later call wins over an earlier one that answers late. */
  async function load(signal?: AbortSignal): Promise<void> {
    asked += 1;
    const mine = asked;
    try {
      const rows = tab.value === 'unadmitted' ? await api.fetchUnadmitted({ signal }) : null;
      const found = await api.fetchRegister({ tab: which(), q: q.value.trim() }, { signal });
      if (mine !== asked) return;
      register.value = found;
      if (rows) unadmitted.value = rows;
      error.value = null;
    } catch (failure) {
      if (mine === asked && !signal?.aborted) error.value = failure;
    }
  }

  async function more(): Promise<void> {
    const before = register.value!;
    const next = await api.fetchRegister({ tab: which(), q: q.value.trim(), offset: before.items.length });
    if (register.value === before) register.value = { ...next, items: [...before.items, ...next.items] };
  }

  async function show(id: string | null): Promise<void> {
    if (open.value?.id !== id) open.value = null;
    openError.value = null;
    if (!id) return;
    try {
      const found = await api.fetchDemand(id);
      if (openId.value === id) open.value = found;
    } catch (failure) {
      if (openId.value === id) openError.value = failure instanceof ApiError ? failure : new ApiError(0, {});
    }
  }

  /** The snapshot of the live connection: the cursors first, so that nothing falls between. */
  async function snapshot(signal: AbortSignal): Promise<Cursors> {
    const { cursors } = await fetchEvents([], { signal });
    await Promise.all([load(signal), show(openId.value)]);
    return cursors;
  }

  async function refresh(): Promise<void> {
    await Promise.all([load(), show(openId.value)]);
  }

  watch(() => tab.value, () => { if (register.value) register.value = { ...register.value, items: [] }; void load(); });
  watch(() => openId.value, (id) => void show(id));
  watch(q, () => {
    clearTimeout(typing);
    typing = setTimeout(() => void load(), SEARCH_AFTER);
  });
  return { register, items, open, unadmitted, error, openError, q, load, more, show, snapshot, refresh, PAGE };
}

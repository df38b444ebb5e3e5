import { defineStore } from 'pinia';
import { ref } from 'vue';
import { ApiError } from '@/api/client';
import * as api from '@/api/desk';
import type { SavedFilter } from '@/api/desk';
import type { IncidentFilter } from '@/api/endpoints';
import { uuid7 } from '@/api/uuid7';

/** The filters that this person keeps on the server, in her order. */
export const useFilters = defineStore('filters', () => {
  const list = ref<SavedFilter[]>([]);

  async function load(): Promise<void> {
    list.value = (await api.fetchFilters()).map((one) => ({ ...one, filter: bare(one.filter) }));
  }

  async function save(name: string, filter: IncidentFilter): Promise<SavedFilter> {
    const made = await api.saveFilter(uuid7(), name, bare(filter));
    const kept = { ...made, filter: bare(made.filter) };
    list.value = [...list.value, kept];
    return kept;
  }

  async function rename(id: string, name: string): Promise<void> {
    const changed = await api.renameFilter(id, name);
    list.value = list.value.map((one) => (one.id === id ? { ...one, name: changed.name } : one));
  }

  async function remove(id: string): Promise<void> {
    await api.deleteFilter(id).catch((error: unknown) => {
      if (!(error instanceof ApiError) || error.status !== 404) throw error; // gone already: another tab was faster
    });
    list.value = list.value.filter((one) => one.id !== id);
  }

  /** Moves one by `by` places: shown at once, taken back if the server refuses. */
  async function move(id: string, by: number): Promise<void> {
    const before = list.value;
    const from = before.findIndex((one) => one.id === id);
    const to = from + by;
    if (from < 0 || to < 0 || to >= before.length) return;
    list.value = before.toSpliced(from, 1).toSpliced(to, 0, before[from]!);
    try {
      await api.orderFilters(list.value.map((one) => one.id));
    } catch (error) {
      list.value = before;
      throw error;
    }
  }

  return { list, load, save, rename, remove, move };
});

/** A filter without what does not filter, so that two that show the same are the same. */
export function bare(filter: IncidentFilter): IncidentFilter {
  const says = Object.entries(filter).filter(([, value]) => value !== null && value !== undefined && value !== '' && value !== false);
  return Object.fromEntries(says.sort(([a], [b]) => (a < b ? -1 : 1))) as IncidentFilter;
}

/** What of a saved filter still means something: without the fields whose value is gone. */
export function usable(saved: Pick<SavedFilter, 'filter' | 'unknown'>): IncidentFilter {
  const gone = new Set<string>(saved.unknown);
  return Object.fromEntries(Object.entries(bare(saved.filter)).filter(([name]) => !gone.has(name))) as IncidentFilter;
}

export function same(a: IncidentFilter, b: IncidentFilter): boolean {
  return JSON.stringify(bare(a)) === JSON.stringify(bare(b));
}

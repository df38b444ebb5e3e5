import { onScopeDispose, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { fetchNearby } from '@/api/endpoints';
import type { Near } from '@/api/types';

const SETTLE = 300;

/**
 * Open cases of the class close to the place, asked again when either changes. Empty while the server cannot be asked: a
 * report must never wait for an answer, and what is a duplicate after all is merged later.
 */
export function useNearby(classKey: Ref<string>, point: Ref<{ lon: number; lat: number } | null>): ShallowRef<readonly Near[]> {
  const found = shallowRef<readonly Near[]>([]);
  let asking: AbortController | null = null;
  let settle: ReturnType<typeof setTimeout> | undefined;

  async function ask(lon: number, lat: number, class_key: string): Promise<void> {
    const mine = new AbortController();
    asking = mine;
    try {
      const near = await fetchNearby({ lon, lat, class_key }, { signal: mine.signal });
      if (!mine.signal.aborted) found.value = near;
    } catch {
      if (!mine.signal.aborted) found.value = [];
    }
  }

  watch(() => [classKey.value, point.value?.lon, point.value?.lat] as const, ([key, lon, lat], before) => {
    clearTimeout(settle);
    asking?.abort();
    if (key !== before?.[0]) found.value = [];
    if (!key || lon === undefined || lat === undefined) return;
    settle = setTimeout(() => void ask(lon, lat, key), SETTLE);
  }, { immediate: true });

  onScopeDispose(() => {
    asking?.abort();
    clearTimeout(settle);
  });
  return found;
}

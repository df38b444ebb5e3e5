import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { ApiError } from '@/api/client';
import { locate } from '@/api/endpoints';
import type { Located } from '@/api/types';

const SETTLE = 250;

export interface LocatedPoint {
  /** The cell, community and street at the point; null until known. */
  found: ShallowRef<Located | null>;
  state: Ref<'asking' | 'found' | 'outside' | 'unknown'>;
}

/** Which cell a point in degrees lies in, asked again when it moves. 'unknown' while the server cannot be asked. */
export function useLocated(point: Ref<{ lon: number; lat: number } | null>): LocatedPoint {
  const found = shallowRef<Located | null>(null);
  const state = ref<LocatedPoint['state']['value']>('asking');
  let asking: AbortController | null = null;
  let settle: ReturnType<typeof setTimeout> | undefined;

  async function ask(lon: number, lat: number): Promise<void> {
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    try {
      found.value = await locate(lon, lat, { signal: mine.signal });
      state.value = 'found';
    } catch (error) {
      if (mine.signal.aborted) return;
      found.value = null;
      state.value = error instanceof ApiError && error.code === 'point_outside' ? 'outside' : 'unknown';
    }
  }

  watch(() => [point.value?.lon, point.value?.lat] as const, ([lon, lat]) => {
    clearTimeout(settle);
    if (lon === undefined || lat === undefined) return;
    state.value = 'asking';
    settle = setTimeout(() => void ask(lon, lat), SETTLE);
  }, { immediate: true });

  onScopeDispose(() => {
    asking?.abort();
    clearTimeout(settle);
  });
  return { found, state };
}

import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { ApiError } from '@/api/client';
import { fetchIncident } from '@/api/endpoints';
import type { Detail } from '@/api/types';
import { useIncidents } from './incidents';
import { useLive } from './live';

const CLOCK_STEP = 60_000;
const SETTLE = 150;

export interface OpenCase {
  detail: ShallowRef<Detail | null>;
  error: ShallowRef<ApiError | null>;
  loading: Ref<boolean>;
  reload(): Promise<void>;
}

/** One case in full: read anew when it changes, and each minute for the clock, which only the server can count. */
export function useCase(id: Ref<string | null>): OpenCase {
  const incidents = useIncidents();
  const live = useLive();
  const detail = shallowRef<Detail | null>(null);
  const error = shallowRef<ApiError | null>(null);
  const loading = ref(false);
  let round = 0;
  let settle: ReturnType<typeof setTimeout> | undefined;

  async function reload(): Promise<void> {
    const wanted = id.value;
    if (!wanted) return;
    round += 1;
    const mine = round;
    loading.value = true;
    try {
      const answer = await fetchIncident(wanted);
      if (mine !== round) return;
      detail.value = answer;
      incidents.remember([answer]);
      error.value = null;
    } catch (failure) {
      if (mine === round) error.value = failure instanceof ApiError ? failure : new ApiError(0, {});
    } finally {
      if (mine === round) loading.value = false;
    }
  }

  watch(id, () => {
    round += 1;
    detail.value = null;
    error.value = null;
    void reload();
  }, { immediate: true });

  const unsubscribe = incidents.subscribe((changes) => {
    if (!changes.some(({ card }) => card.id === id.value)) return;
    clearTimeout(settle);
    settle = setTimeout(() => void reload(), SETTLE);
  });
  const ticking = setInterval(() => {
    if (detail.value?.clock && document.visibilityState === 'visible') void reload();
  }, CLOCK_STEP);

  // What could not be read while the connection was lost is read when it is back.
  watch(() => live.state.phase, (phase) => { if (phase === 'live' && error.value) void reload(); });

  onScopeDispose(() => {
    round += 1;
    unsubscribe();
    clearTimeout(settle);
    clearInterval(ticking);
  });
  return { detail, error, loading, reload };
}

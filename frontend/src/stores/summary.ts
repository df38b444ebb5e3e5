import { onScopeDispose, shallowRef, type ShallowRef } from 'vue';
import { fetchSummary } from '@/api/endpoints';
import type { Summary } from '@/api/types';
import { useLive } from './live';

/** At most one question in this many ms, however many events arrive. */
const PACE = 1_500;
const MINUTE = 60_000;

/** The figures of the strip: asked again after changes, and each minute because deadlines come nearer by themselves. */
export function useSummary(): { figures: ShallowRef<Summary | null>; refresh: () => void } {
  const live = useLive();
  const figures = shallowRef<Summary | null>(null);
  let pause: ReturnType<typeof setTimeout> | undefined;
  let again = false;

  function refresh(): void {
    if (pause !== undefined) {
      again = true;
      return;
    }
    pause = setTimeout(() => {
      pause = undefined;
      if (again) refresh();
    }, PACE);
    again = false;
    // A failed question leaves the old figures; the live badge tells about the connection.
    fetchSummary().then((answer) => { figures.value = answer; }, () => undefined);
  }

  const unsubscribe = live.subscribe(refresh);
  const ticking = setInterval(refresh, MINUTE);
  onScopeDispose(() => {
    unsubscribe();
    clearTimeout(pause);
    clearInterval(ticking);
  });
  return { figures, refresh };
}

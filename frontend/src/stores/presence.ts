import { onScopeDispose, ref, watch, type Ref } from 'vue';
import { look, lookAway } from '@/api/desk';
import { useSession } from './session';

const EVERY = 20_000;

/** The names of the others at a desk who have this case open now; says that we have it, while the page is looked at. */
export function usePresence(id: Ref<string>): Ref<string[]> {
  const session = useSession();
  const others = ref<string[]>([]);
  const part = session.can.has('incident.presence');

  async function say(): Promise<void> {
    const wanted = id.value;
    if (!part || document.visibilityState !== 'visible') return;
    // Who else looks is a help, not a duty: a failure is asked again after the next interval.
    const answer = await look(wanted).catch(() => null);
    if (wanted === id.value) others.value = answer?.others ?? [];
  }

  function leave(case_id: string): void {
    if (part) void lookAway(case_id).catch(() => undefined);
  }

  watch(id, (_, before) => {
    others.value = [];
    if (before) leave(before);
    void say();
  }, { immediate: true });
  const turned = (): void => (document.visibilityState === 'visible' ? void say() : leave(id.value));
  document.addEventListener('visibilitychange', turned);
  const ticking = setInterval(() => void say(), EVERY);
  onScopeDispose(() => {
    clearInterval(ticking);
    document.removeEventListener('visibilitychange', turned);
    leave(id.value);
  });
  return others;
}

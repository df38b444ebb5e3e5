import { onScopeDispose, reactive, ref, type Ref } from 'vue';
import { useIncidents, type CardChange } from '@/stores/incidents';
import { chime } from './sound';

const FADES = 6_000;

export interface News {
  /** Cases reported in the last seconds, for the row's colour that fades. */
  fresh: ReadonlySet<string>;
  /** How many came while the page was not looked at. */
  unseen: Ref<number>;
}

/** Announces newly reported cases: a sound, a colour that fades, a count in the tab while it is hidden. */
export function useNews(announce: (change: CardChange) => void): News {
  const fresh = reactive(new Set<string>());
  const unseen = ref(0);

  const unsubscribe = useIncidents().subscribe((changes) => {
    const reported = changes.filter((change) => change.kind === 'incident.reported');
    for (const { card } of reported) {
      fresh.add(card.id);
      setTimeout(() => fresh.delete(card.id), FADES);
    }
    // What a catch-up brings is coloured, but makes no noise: it is not new any more.
    const news = reported.filter((change) => change.live);
    for (const change of changes) if (change.live && isWorthASign(change)) announce(change);
    if (!news.length) return;
    chime(news.some(({ card }) => card.urgent));
    if (document.visibilityState === 'hidden') unseen.value += news.length;
  });

  const seen = (): void => { if (document.visibilityState === 'visible') unseen.value = 0; };
  document.addEventListener('visibilitychange', seen);
  onScopeDispose(() => {
    unsubscribe();
    document.removeEventListener('visibilitychange', seen);
  });
  return { fresh, unseen };
}

function isWorthASign({ kind }: CardChange): boolean {
  return kind === 'incident.reported' || kind === 'incident.overdue' || kind === 'incident.overdue_again' || kind === 'incident.escalated';
}

import { watch } from 'vue';
import { useI18n } from 'vue-i18n';
import type { Card } from '@/api/types';
import { placed, titled } from '@/stores/catalogue';
import type { IncidentList } from '@/stores/incidentList';
import { useToasts } from '@/stores/toasts';

/** Says when something new waits in a list, in the words of the message `key` (null: silently); what was there when the page opened, or came with another filter, or is her own, is no news. */
export function useNewTasks(todo: IncidentList, key: () => string | null, announce: (card: Card) => void, own: (card: Card) => boolean = () => false): void {
  const { t } = useI18n();
  const toasts = useToasts();
  let known: Set<string> | null = null;

  watch([todo.cards, todo.first], ([cards, first]) => {
    if (first) {
      known = null;
      return;
    }
    const fresh = known ? cards.filter((card) => !known!.has(card.id) && !own(card)) : [];
    known = new Set([...known ?? [], ...cards.map((card) => card.id)]);
    const words = key();
    if (!words) return;
    for (const card of fresh.slice(0, 3)) {
      toasts.show(t(words, { title: titled(card), area: placed(card) }));
      announce(card);
    }
  });
}

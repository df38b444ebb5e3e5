import { onScopeDispose } from 'vue';
import { useI18n } from 'vue-i18n';
import type { Card } from '@/api/types';
import { useIncidents } from '@/stores/incidents';
import { useToasts } from '@/stores/toasts';

/** How late a case is: overdue, and by how many more of its limits. */
export function useLate(): (card: Pick<Card, 'overdue_by'>) => string {
  const { t } = useI18n();
  return (card) => (card.overdue_by ? t('deadline.lateAgain', { n: card.overdue_by }, card.overdue_by) : t('incident.overdue'));
}

/** Says it at once, to whoever looks at the page, when a case is overdue by one more limit, or what a department owes to it. */
export function useEscalations(): void {
  const { t } = useI18n();
  const toasts = useToasts();
  const unsubscribe = useIncidents().subscribe((changes) => {
    for (const { card, kind, live } of changes) {
      if (!live) continue;
      if (kind === 'incident.overdue_again') toasts.show(t('deadline.escalated', { number: card.number, n: card.overdue_by }), 'bad');
      if (kind === 'incident.part_overdue') toasts.show(t('requests.parts.late', { number: card.number }), 'bad');
    }
  });
  onScopeDispose(unsubscribe);
}

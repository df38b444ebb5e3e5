import { onBeforeUnmount, onMounted, watch } from 'vue';
import { useI18n } from 'vue-i18n';
import type { OutboxItem } from '@/api/outbox';
import { useOutbox } from '@/stores/outbox';
import { useSession } from '@/stores/session';
import { useToasts } from '@/stores/toasts';
import { useQueueWords } from './useQueueWords';

/** Keeps the queue of the person signed in going while the page is open, and says what became of what was in it. */
export function useQueue(delivered: (item: OutboxItem) => void = () => undefined): void {
  const { t } = useI18n();
  const outbox = useOutbox();
  const session = useSession();
  const toasts = useToasts();
  const words = useQueueWords();

  const unsubscribe = outbox.onConfirmed((item) => {
    toasts.show(t('queue.delivered', { what: words.what(item) }), 'good');
    delivered(item);
  });
  watch(() => outbox.refused.length, (now, before) => {
    const newest = outbox.refused.at(-1);
    if (now > before && newest && outbox.ready) toasts.show(t('queue.returned', { what: words.what(newest) }), 'bad');
  });

  onMounted(() => {
    outbox.start(session.me!.id).catch(() => toasts.show(t('queue.trouble.storage'), 'bad'));
    // Where the browser may clear what pages store, ask it not to; the queue page tells what it answered.
    void (navigator.storage as StorageManager | undefined)?.persist?.();
  });
  onBeforeUnmount(() => {
    unsubscribe();
    outbox.stop();
  });
}

import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import { Outbox, type OutboxItem, type Step } from '@/api/outbox';
import { useIncidents } from './incidents';

/** The queue of writes of the person signed in, as the page shows it. */
export const useOutbox = defineStore('outbox', () => {
  const items = shallowRef<OutboxItem[]>([]);
  const sending = ref<string | null>(null);
  let outbox: Outbox | null = null;

  /** Opens the queue of this user and begins sending what waits in it. */
  async function start(user: number): Promise<void> {
    outbox?.stop();
    outbox = new Outbox(user, {
      changed: (list, current) => { items.value = list; sending.value = current; },
      confirmed: (card) => useIncidents().apply(card),
    });
    await outbox.start();
  }

  function opened(): Outbox {
    if (!outbox) throw new Error('the outbox is not open');
    return outbox;
  }

  const add = (item: Pick<OutboxItem, 'id' | 'label' | 'steps'>): Promise<void> => opened().add(item);
  const retry = (id: string, steps?: Step[]): Promise<void> => opened().retry(id, steps);
  const discard = (id: string): Promise<void> => opened().discard(id);
  const flush = (): Promise<void> => opened().flush();

  return { items, sending, start, add, retry, discard, flush };
});

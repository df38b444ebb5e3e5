import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { fetchMe } from '@/api/endpoints';
import { Outbox, type OutboxItem, type PhotoBytes, type Step, type Trouble } from '@/api/outbox';
import type { Card, PhotoKind } from '@/api/types';
import { uuid7 } from '@/api/uuid7';
import type { ActionValues } from './actions';
import { useIncidents } from './incidents';

export type NewItem = Pick<OutboxItem, 'id' | 'incident' | 'class_key' | 'steps'>;
export interface NewPhoto { id: string; kind: PhotoKind; blob: Blob }
type Confirmed = (item: OutboxItem) => void;

const sentKey = (user: number): string => `gridmap.sent.${user}`;

/** The queue of writes of the person signed in, as the page shows it. */
export const useOutbox = defineStore('outbox', () => {
  const items = shallowRef<readonly OutboxItem[]>([]);
  /** False until the queue was read: before that nobody knows whether anything waits. */
  const ready = ref(false);
  const sending = ref<string | null>(null);
  const trouble = ref<Trouble | null>(null);
  /** When the queue tries again by itself, in ms. */
  const next = ref<number | null>(null);
  /** When the server last confirmed something, in ms. */
  const lastSuccess = ref<number | null>(null);
  const listeners = new Set<Confirmed>();
  let outbox: Outbox | null = null;
  let asking = false;

  const waiting = computed(() => items.value.filter((item) => item.state === 'waiting'));
  const refused = computed(() => items.value.filter((item) => item.state === 'refused'));

  /** Opens the queue of this user and begins sending what waits in it. */
  async function start(user: number): Promise<void> {
    outbox?.stop();
    lastSuccess.value = Number(localStorage.getItem(sentKey(user))) || null;
    outbox = new Outbox(user, {
      changed(list, current, why, when) {
        items.value = list;
        ready.value = true;
        sending.value = current;
        trouble.value = why;
        next.value = when;
        if (why === 'session') void askToSignIn();
      },
      confirmed(item, card, whole) {
        if (card) useIncidents().apply(card);
        lastSuccess.value = Date.now();
        localStorage.setItem(sentKey(user), String(lastSuccess.value));
        if (whole) for (const listener of listeners) listener(item);
      },
    });
    await outbox.start();
  }

  /** The queue waits for the sign-in that any other request brings up. */
  async function askToSignIn(): Promise<void> {
    if (asking) return;
    asking = true;
    try {
      await fetchMe({ unauthorized: 'ask' });
      void outbox?.flush();
    } catch {
      // Not reachable after all: the next attempt finds out.
    } finally {
      asking = false;
    }
  }

  function opened(): Outbox {
    if (!outbox) throw new Error('the outbox is not open');
    return outbox;
  }

  /** Tells of every item that was confirmed as a whole, until the returned function is called. */
  function onConfirmed(listener: Confirmed): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  function stop(): void {
    outbox?.stop();
    outbox = null;
  }

  /** Puts a step with a case into the queue; its photos go first, so that whoever is told of the step sees them. */
  async function act(card: Card, action: string, values: ActionValues, photos: readonly NewPhoto[]): Promise<void> {
    const mutation_id = uuid7();
    const steps = photoSteps(card.id, photos);
    // 'photo' is the one action that consists of its photos.
    if (action !== 'photo') steps.push({ kind: 'action', incident: card.id, action, body: { ...values, mutation_id, version: card.version } });
    await opened().add({ id: mutation_id, incident: card.id, class_key: card.class_key, steps }, await bytesOf(photos));
  }

  const add = (item: NewItem, photos: readonly PhotoBytes[] = []): Promise<void> => opened().add(item, photos);
  const retry = (id: string, steps?: Step[], photos: readonly PhotoBytes[] = []): Promise<void> => opened().retry(id, steps, photos);
  const discard = (id: string): Promise<void> => opened().discard(id);
  const flush = (): Promise<void> => opened().flush();
  const photo = (id: string): Promise<ArrayBuffer | undefined> => opened().photo(id);

  return { items, ready, waiting, refused, sending, trouble, next, lastSuccess, start, stop, onConfirmed, add, act, retry, discard, flush, photo };
});

export function photoSteps(incident: string, photos: readonly NewPhoto[]): Step[] {
  return photos.map(({ id, kind }) => ({ kind: 'photo', incident, id, photo: kind }));
}

/** Some browsers store no blobs in IndexedDB, so the bytes are stored. */
export async function bytesOf(photos: readonly NewPhoto[]): Promise<PhotoBytes[]> {
  const list: PhotoBytes[] = [];
  for (const { id, blob } of photos) list.push({ id, bytes: await blob.arrayBuffer() });
  return list;
}

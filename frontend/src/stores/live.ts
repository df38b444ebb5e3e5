import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { LiveConnection, type SnapshotReason } from '@/api/live';
import { OFF, type LiveState } from '@/api/livestate';
import type { Cursors, LogEvent } from '@/api/types';
import { useDuty } from './duty';
import { useIncidents } from './incidents';
import { useSession } from './session';

type EventSubscriber = (events: LogEvent[], live: boolean) => void;

/** The live connection of this page: its state, and its events handed to the stores. */
export const useLive = defineStore('live', () => {
  const state = shallowRef<LiveState>(OFF);
  const now = ref(Date.now());
  const subscribers = new Set<EventSubscriber>();
  let connection: LiveConnection | null = null;
  let ticking: ReturnType<typeof setInterval> | undefined;

  /** Whole seconds since the connection was lost; 0 while it stands. */
  const brokenSeconds = computed(() => {
    const since = state.value.brokenSince;
    return since === null ? 0 : Math.max(0, Math.round((now.value - since) / 1000));
  });

  /** Connects; `snapshot` loads what the page shows and returns the cursors it was read at. */
  function start(snapshot: (signal: AbortSignal) => Promise<Cursors>): void {
    stop();
    const incidents = useIncidents();
    const duty = useDuty();
    connection = new LiveConnection({
      events(events, live) {
        incidents.applyEvents(events, live);
        for (const subscriber of subscribers) subscriber(events, live);
      },
      positions: (workers, whole) => duty.move(workers, whole),
      snapshot: async (reason, signal) => {
        await reread(reason);
        return snapshot(signal);
      },
      state: (next) => { state.value = next; now.value = Date.now(); },
    });
    ticking = setInterval(() => { now.value = Date.now(); }, 1000);
    connection.start();
  }

  async function reread(reason: SnapshotReason): Promise<void> {
    if (reason === 'scope') await useSession().load();
  }

  function stop(): void {
    connection?.stop();
    connection = null;
    clearInterval(ticking);
  }

  /** Hands on every event until the returned function is called. */
  function subscribe(subscriber: EventSubscriber): () => void {
    subscribers.add(subscriber);
    return () => subscribers.delete(subscriber);
  }

  return { state, now, brokenSeconds, start, stop, subscribe };
});

import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import { fetchDuty, setDuty } from '@/api/endpoints';
import type { WorkerPosition } from '@/api/types';
import { useSession } from './session';

/** Who is on duty and where they were last seen; the person's own duty switch. */
export const useDuty = defineStore('duty', () => {
  const workers = shallowRef<ReadonlyMap<number, WorkerPosition>>(new Map());

  async function load(): Promise<void> {
    const list = await fetchDuty();
    workers.value = new Map(list.map((worker) => [worker.id, worker]));
  }

  /** Takes positions from the live channel: all of them (`whole`) or those that changed. */
  function move(changed: readonly WorkerPosition[], whole: boolean): void {
    const next = new Map(whole ? [] : workers.value);
    for (const worker of changed) {
      if (worker.on === false) next.delete(worker.id);
      else next.set(worker.id, worker);
    }
    workers.value = next;
  }

  /** Goes on or off duty; throws ApiError and leaves the switch as it was if the server refuses. */
  async function turn(on: boolean): Promise<void> {
    const session = useSession();
    const answer = await setDuty(on);
    if (session.me) session.me.on_duty = answer.on_duty;
  }

  return { workers, load, move, turn };
});

/**
 * The queue of writes: saved in IndexedDB before anything is sent, removed only when the server has confirmed it.
 *
 * One item is one thing a person did (a report with its photos, a feedback with a photo) as steps that carry their own
 * ids, so any step may be sent again. A lost link or a broken server keeps the item; a lost session keeps it; a refusal
 * (4xx) sets it aside for the person to see. One item that fails for itself never holds up the others.
 */
import { ApiError } from './client';
import { actOnIncident, fetchMe, reportIncident, uploadPhoto } from './endpoints';
import { OutboxStore, type OutboxItem, type PhotoBytes, type Step } from './outboxStore';
import { sendRecord } from './sendRecord';
import type { Card } from './types';

export type { OutboxItem, PhotoBytes, RecordStep, Step } from './outboxStore';

/** Why nothing goes out at the moment. */
export type Trouble = 'offline' | 'server' | 'session' | 'storage';

export interface OutboxListener {
  /** `next` is when the queue tries again by itself, in ms; null if not. */
  changed(items: OutboxItem[], sending: string | null, trouble: Trouble | null, next: number | null): void;
  /** A step was confirmed; `card` is the case as it is now, null for a photo; `whole` after the last step. */
  confirmed(item: OutboxItem, card: Card | null, whole: boolean): void;
}

/** 'later': this item failed for a reason of its own. */
type Sent = 'done' | 'later' | 'stop';

const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 60_000;
/** Answers that speak of the server or the way to it, not of what was sent. */
const LINK = new Set([0, 408, 429, 502, 503, 504]);

export class Outbox {
  private readonly listener: OutboxListener;
  private readonly user: number;
  private readonly name: string;
  private readonly store: OutboxStore;
  private running: Promise<void> | null = null;
  private again = false;
  private failures = 0;
  private failed = false;
  private sending: string | null = null;
  private trouble: Trouble | null = null;
  private next: number | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(user: number, listener: OutboxListener, name = 'gridmap-queue') {
    this.user = user;
    this.listener = listener;
    this.name = name;
    this.store = new OutboxStore(name);
  }

  /** Shows what is waiting from earlier and sends it; keeps trying until `stop`. */
  async start(): Promise<void> {
    window.addEventListener('online', this.hurry);
    document.addEventListener('visibilitychange', this.hurry);
    await this.tell();
    await this.flush();
  }

  stop(): void {
    window.removeEventListener('online', this.hurry);
    document.removeEventListener('visibilitychange', this.hurry);
    clearTimeout(this.timer);
  }

  /** Saves an item with its photos, then starts sending. Resolves when it is safely stored; rejects if it is not. */
  async add(item: Pick<OutboxItem, 'id' | 'incident' | 'class_key' | 'steps'>, photos: readonly PhotoBytes[] = []): Promise<void> {
    const created = new Date().toISOString();
    await this.store.add({ ...item, user: this.user, created, state: 'waiting', error: null }, photos);
    await this.tell();
    void this.flush();
  }

  /** Puts a refused item back in the queue, with the mended steps and new photos if given. */
  async retry(id: string, steps?: Step[], photos: readonly PhotoBytes[] = []): Promise<void> {
    const item = await this.store.item(id);
    if (!item) return;
    await this.store.add({ ...item, steps: steps ?? item.steps, state: 'waiting', error: null }, photos);
    await this.tell();
    void this.flush();
  }

  /** Throws an item away; only ever at the person's own wish. */
  async discard(id: string): Promise<void> {
    await this.store.remove(id);
    await this.tell();
  }

  /** The bytes of a photo that still waits. */
  photo(id: string): Promise<ArrayBuffer | undefined> {
    return this.store.photo(id);
  }

  /** Sends what is waiting, one step at a time, and resolves when nothing more can be sent now. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.again = true;
    this.running ??= this.sendAll().finally(() => { this.running = null; });
    return this.running;
  }

  private readonly hurry = (): void => {
    if (document.visibilityState !== 'hidden') void this.flush();
  };

  private async sendAll(): Promise<void> {
    while (this.again) {
      this.again = false;
      // Two open tabs share the queue; only one of them may send. Locks are missing where the page came without encryption.
      const locks = navigator.locks as LockManager | undefined | null;
      if (locks) await locks.request(this.name, () => this.sendWaiting());
      else await this.sendWaiting();
    }
  }

  private async sendWaiting(): Promise<void> {
    this.failed = false;
    try {
      const held = new Set<string>();
      for (const item of await this.store.items(this.user)) {
        // What was done with one case goes out in the order in which it was done.
        if (item.state !== 'waiting' || held.has(item.incident)) continue;
        this.sending = item.id;
        await this.tell();
        const sent = await this.sendItem(item);
        if (sent === 'stop') break;
        if (sent === 'later') held.add(item.incident);
      }
    } catch {
      this.fail('storage');
    }
    this.sending = null;
    if (!this.failed) this.settle();
    await this.tell().catch(() => undefined);
  }

  private settle(): void {
    this.failures = 0;
    this.trouble = null;
    this.next = null;
  }

  /** 'stop' if the link or the session is the trouble, so that the next item would fail the same way. */
  private async sendItem(item: OutboxItem): Promise<Sent> {
    const steps = [...item.steps];
    while (steps[0]) {
      let card: Card | null;
      try {
        card = await this.sendStep(steps[0]);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return this.refused(item, error);
      }
      steps.shift();
      await this.store.stepDone(item.id);
      this.listener.confirmed(item, card, steps.length === 0);
    }
    return 'done';
  }

  private async refused(item: OutboxItem, error: ApiError): Promise<Sent> {
    if (error.status === 401 || (error.code === 'csrf' && !await hasSession())) {
      this.fail('session', false);
      return 'stop';
    }
    if (error.temporary || error.code === 'csrf') {
      this.fail(error.status === 0 ? 'offline' : 'server');
      return LINK.has(error.status) ? 'stop' : 'later';
    }
    const { status, code, message, fields } = error;
    await this.store.change(item.id, (now) => ({ ...now, state: 'refused', error: { status, code, message, fields } }));
    return 'done';
  }

  private fail(trouble: Trouble, again = true): void {
    this.trouble = trouble;
    this.next = null;
    if (!this.failed) this.failures += 1;
    this.failed = true;
    clearTimeout(this.timer);
    if (!again) return;
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (this.failures - 1)) * (0.5 + Math.random() / 2);
    this.next = Date.now() + wait;
    this.timer = setTimeout(() => void this.flush(), wait);
  }

  private async sendStep(step: Step): Promise<Card | null> {
    const options = { unauthorized: 'throw' } as const;
    switch (step.kind) {
      case 'report': return reportIncident(step.body, options);
      case 'action': return actOnIncident(step.incident, step.action, step.body, options);
      case 'record': {
        await sendRecord(step, options);
        return null;
      }
      case 'photo': {
        const bytes = await this.store.photo(step.id);
        if (!bytes) return null;
        const blob = new Blob([bytes], { type: 'image/jpeg' });
        await uploadPhoto(step.incident, { id: step.id, kind: step.photo, blob, report: step.report }, options);
        return null;
      }
    }
  }

  private async tell(): Promise<void> {
    this.listener.changed(await this.store.items(this.user), this.sending, this.trouble, this.next);
  }
}

/** The question also renews the token against forged requests, so that what was refused for it is good again. */
async function hasSession(): Promise<boolean> {
  return fetchMe().then(() => true, (error: unknown) => !(error instanceof ApiError && error.status === 401));
}

/**
 * The queue of writes: saved in IndexedDB before anything is sent, removed only when the server has confirmed it.
 *
 * One item is one thing a person did (a report with its photos, a feedback with a photo) as steps that carry their own
 * ids, so any step may be sent again. A lost link or a broken server keeps the item; a lost session keeps it; a refusal
 * (4xx) sets it aside for the person to see.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { ApiError } from './client';
import { actOnIncident, reportIncident, uploadPhoto } from './endpoints';
import type { ActionBody, Card, PhotoKind, ReportBody } from './types';

export type Step =
  | { kind: 'report'; body: ReportBody }
  | { kind: 'action'; incident: string; action: string; body: ActionBody }
  | { kind: 'photo'; incident: string; id: string; photo: PhotoKind; bytes: ArrayBuffer };

export interface OutboxItem {
  id: string;
  /** Whose it is: never sent under another person's session. */
  user: number;
  /** What the person calls it, e.g. the class of the report. */
  label: string;
  created: string;
  steps: Step[];
  state: 'waiting' | 'refused';
  error: { status: number; code: string; message: string; detail: Record<string, unknown> } | null;
}

export interface OutboxListener {
  changed(items: OutboxItem[], sending: string | null): void;
  /** A step was confirmed and the server answered with the card as it is now. */
  confirmed(card: Card, item: OutboxItem): void;
}

interface Schema extends DBSchema {
  items: { key: string; value: OutboxItem };
}

const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 60_000;

export class Outbox {
  private readonly listener: OutboxListener;
  private readonly user: number;
  private readonly name: string;
  private database: Promise<IDBPDatabase<Schema>> | null = null;
  private running: Promise<void> | null = null;
  private again = false;
  private failures = 0;
  private sending: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(user: number, listener: OutboxListener, name = 'gridmap-outbox') {
    this.user = user;
    this.listener = listener;
    this.name = name;
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

  /** Saves an item, then starts sending. Resolves when it is safely stored, not when it is sent. */
  async add(item: Pick<OutboxItem, 'id' | 'label' | 'steps'>): Promise<void> {
    await this.put({ ...item, user: this.user, created: new Date().toISOString(), state: 'waiting', error: null });
    await this.tell();
    void this.flush();
  }

  /** All items of this user, oldest first. */
  async items(): Promise<OutboxItem[]> {
    const all = await (await this.open()).getAll('items');
    return all.filter((item) => item.user === this.user).sort((a, b) => a.created.localeCompare(b.created));
  }

  /** Puts a refused item back in the queue, with the mended steps if given. */
  async retry(id: string, steps?: Step[]): Promise<void> {
    const item = await (await this.open()).get('items', id);
    if (!item) return;
    await this.put({ ...item, steps: steps ?? item.steps, state: 'waiting', error: null });
    await this.tell();
    void this.flush();
  }

  /** Throws an item away; only ever at the person's own wish. */
  async discard(id: string): Promise<void> {
    await (await this.open()).delete('items', id);
    await this.tell();
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
      // Two open tabs share the queue; only one of them may send.
      if ('locks' in navigator) await navigator.locks.request(this.name, () => this.sendWaiting());
      else await this.sendWaiting();
    }
  }

  private async sendWaiting(): Promise<void> {
    for (const item of await this.items()) {
      if (item.state !== 'waiting') continue;
      this.sending = item.id;
      await this.tell();
      const goOn = await this.sendItem(item);
      this.sending = null;
      await this.tell();
      if (!goOn) return;
    }
    this.failures = 0;
  }

  /** False if the link or the session is the trouble, so that the next item would fail the same way. */
  private async sendItem(item: OutboxItem): Promise<boolean> {
    try {
      while (item.steps[0]) {
        const card = await sendStep(item.steps[0]);
        item.steps = item.steps.slice(1);
        await this.put(item);
        if (card) this.listener.confirmed(card, item);
      }
      await (await this.open()).delete('items', item.id);
      return true;
    } catch (error) {
      return this.failed(item, error instanceof ApiError ? error : new ApiError(0, { code: 'storage' }));
    }
  }

  private async failed(item: OutboxItem, error: ApiError): Promise<boolean> {
    if (error.status === 401) return false;
    if (error.temporary) {
      this.failures += 1;
      const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (this.failures - 1));
      this.timer = setTimeout(() => void this.flush(), wait * (0.5 + Math.random() / 2));
      return false;
    }
    const { status, code, message, detail } = error;
    await this.put({ ...item, state: 'refused', error: { status, code, message, detail } });
    return true;
  }

  private async put(item: OutboxItem): Promise<void> {
    await (await this.open()).put('items', item);
  }

  private async tell(): Promise<void> {
    this.listener.changed(await this.items(), this.sending);
  }

  private open(): Promise<IDBPDatabase<Schema>> {
    this.database ??= openDB<Schema>(this.name, 1, {
      upgrade: (database) => { database.createObjectStore('items', { keyPath: 'id' }); },
      // Some systems close the database under memory pressure: open it again at the next use.
      terminated: () => { this.database = null; },
    });
    return this.database;
  }
}

async function sendStep(step: Step): Promise<Card | null> {
  const options = { unauthorized: 'throw' } as const;
  switch (step.kind) {
    case 'report': return reportIncident(step.body, options);
    case 'action': return actOnIncident(step.incident, step.action, step.body, options);
    case 'photo':
      await uploadPhoto(step.incident, { id: step.id, kind: step.photo, blob: new Blob([step.bytes], { type: 'image/jpeg' }) }, options);
      return null;
  }
}

/** Where the queue of writes lies in the browser: items in one store, the bytes of their photos in another. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { ChangeBody, Kind, SeenBody } from './register';
import type { ActionBody, PhotoKind, ReportBody } from './types';

/** A look at a record of the register, or its correction. */
export type RecordStep = { kind: 'record'; record: Kind; id: string; title: string }
  & ({ verb: 'verify'; body: SeenBody } | { verb: 'change'; body: ChangeBody });

export type Step =
  | { kind: 'report'; body: ReportBody }
  | { kind: 'action'; incident: string; action: string; body: ActionBody }
  | RecordStep
  | { kind: 'photo'; incident: string; id: string; photo: PhotoKind; /** The joined report it belongs to. */ report?: string };

export interface Refusal { status: number; code: string; message: string; fields: Record<string, string> }

export interface OutboxItem {
  id: string;
  /** Whose it is: never sent under another person's session. */
  user: number;
  /** The case or record it is about. */
  incident: string;
  /** The class of the case, for people who read the queue; empty for a record. */
  class_key: string;
  created: string;
  steps: Step[];
  state: 'waiting' | 'refused';
  error: Refusal | null;
}

export interface PhotoBytes { id: string; bytes: ArrayBuffer }

interface Schema extends DBSchema {
  items: { key: string; value: OutboxItem };
  photos: { key: string; value: PhotoBytes };
}

function photoIds(item: OutboxItem | undefined): string[] {
  return item?.steps.flatMap((step) => (step.kind === 'photo' ? [step.id] : [])) ?? [];
}

/** Photos lie apart, so that reading the queue never loads more than one of them. */
export class OutboxStore {
  private readonly name: string;
  private database: Promise<IDBPDatabase<Schema>> | null = null;

  constructor(name: string) {
    this.name = name;
  }

  /** Stores an item and its photos, all or nothing; photos that an earlier form of it had and this one has not are dropped. */
  async add(item: OutboxItem, photos: readonly PhotoBytes[]): Promise<void> {
    const transaction = (await this.open()).transaction(['items', 'photos'], 'readwrite');
    const bytes = transaction.objectStore('photos');
    const kept = new Set(photoIds(item));
    for (const id of photoIds(await transaction.objectStore('items').get(item.id))) if (!kept.has(id)) await bytes.delete(id);
    const writes = photos.map((photo) => bytes.put(photo));
    await Promise.all([transaction.objectStore('items').put(item), ...writes, transaction.done]);
  }

  /** All items of a user, oldest first. */
  async items(user: number): Promise<OutboxItem[]> {
    const all = await (await this.open()).getAll('items');
    return all.filter((item) => item.user === user).sort((a, b) => a.created.localeCompare(b.created));
  }

  async item(id: string): Promise<OutboxItem | undefined> {
    return (await this.open()).get('items', id);
  }

  async photo(id: string): Promise<ArrayBuffer | undefined> {
    return (await (await this.open()).get('photos', id))?.bytes;
  }

  /** Stores what changed of an item; one that was thrown away meanwhile stays away. False if so. */
  async change(id: string, how: (item: OutboxItem) => OutboxItem): Promise<boolean> {
    const transaction = (await this.open()).transaction('items', 'readwrite');
    const item = await transaction.store.get(id);
    if (item) await transaction.store.put(how(item));
    await transaction.done;
    return item !== undefined;
  }

  /** Takes the first step off, with the bytes of its photo; the item goes with its last step. */
  async stepDone(id: string): Promise<void> {
    const transaction = (await this.open()).transaction(['items', 'photos'], 'readwrite');
    const items = transaction.objectStore('items');
    const item = await items.get(id);
    const [done, ...rest] = item?.steps ?? [];
    if (done?.kind === 'photo') await transaction.objectStore('photos').delete(done.id);
    if (item && rest.length) await items.put({ ...item, steps: rest });
    else await items.delete(id);
    await transaction.done;
  }

  /** Throws an item and its photos away. */
  async remove(id: string): Promise<void> {
    const transaction = (await this.open()).transaction(['items', 'photos'], 'readwrite');
    const item = await transaction.objectStore('items').get(id);
    for (const photo of photoIds(item)) await transaction.objectStore('photos').delete(photo);
    await transaction.objectStore('items').delete(id);
    await transaction.done;
  }

  private open(): Promise<IDBPDatabase<Schema>> {
    this.database ??= openDB<Schema>(this.name, 1, {
      upgrade(database) {
        database.createObjectStore('items', { keyPath: 'id' });
        database.createObjectStore('photos', { keyPath: 'id' });
      },
      // Some systems close the database under memory pressure: open it again at the next use.
      terminated: () => { this.database = null; },
    }).catch((error: unknown) => {
      this.database = null;
      throw error;
    });
    return this.database;
  }
}

/** A list of cases against a real server on loopback: pages, live changes, filters that change while it asks. */
import { createPinia, setActivePinia } from 'pinia';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { effectScope, nextTick, ref, type EffectScope, type Ref } from 'vue';
import type { IncidentFilter } from '@/api/endpoints';
import type { Card, LogEvent } from '@/api/types';
import { useIncidentList, type IncidentList } from '@/stores/incidentList';
import { useIncidents } from '@/stores/incidents';
import { card } from './cards';

const PAGE = 50;
let server: Server;
let stored: Card[];
let asked: URL[];
let delay: (url: URL) => number;
let scope: EffectScope;
let filter: Ref<IncidentFilter>;
let list: IncidentList;

/** Cases reported one a minute; number 0 is the newest. */
function minute(index: number, changes: Partial<Card> = {}): Card {
  const reported_at = new Date(Date.parse('2026-01-05T08:00:00Z') - index * 60_000).toISOString();
  return card({ id: `id-${String(index).padStart(4, '0')}`, reported_at, ...changes });
}

function page(url: URL): { items: Card[]; next: string | null; total: number } {
  const area = url.searchParams.get('area') ?? '';
  const fits = stored.filter((one) => one.area.startsWith(area));
  const from = Number(url.searchParams.get('cursor') ?? 0);
  const limit = Number(url.searchParams.get('limit'));
  return { items: fits.slice(from, from + limit), next: from + limit < fits.length ? String(from + limit) : null, total: fits.length };
}

function happened(kind: string, one: Card): void {
  const event = { stream: 's', seq: 1, kind, at: '', area: one.area, object: one.id, version: one.version, payload: one };
  useIncidents().applyEvents([event as LogEvent], true);
}

const ids = (): string[] => list.cards.value.map((one) => one.id);

beforeEach(async () => {
  [stored, asked, delay] = [Array.from({ length: 120 }, (_, index) => minute(index)), [], () => 0];
  server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://x');
    asked.push(url);
    const body = JSON.stringify({ ...page(url), cursors: { s: { epoch: 'e', seq: asked.length } } });
    setTimeout(() => response.writeHead(200, { 'Content-Type': 'application/json' }).end(body), delay(url));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  (window as unknown as { happyDOM: { setURL(url: string): void } }).happyDOM.setURL(`http://127.0.0.1:${port}/`);
  setActivePinia(createPinia());
  scope = effectScope();
  filter = ref<IncidentFilter>({ open: true });
  list = scope.run(() => useIncidentList(filter, ref('new')))!;
});

afterEach(async () => {
  vi.useRealTimers();
  scope.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('a list of cases', () => {
  it('comes page by page, in order and without repeats', async () => {
    await list.load();
    expect([ids().length, list.total.value, list.hasMore.value]).toEqual([PAGE, 120, true]);
    await list.more();
    await list.more();
    expect(ids()).toEqual(stored.map((one) => one.id));
    expect(list.hasMore.value).toBe(false);
  });

  it('takes a new case at its place without asking again', async () => {
    await list.load();
    happened('incident.reported', minute(-1, { id: 'new' }));
    expect(ids()[0]).toBe('new');
    expect([list.total.value, asked.length]).toEqual([121, 1]);
  });

  it('leaves a case that belongs further down to its own page', async () => {
    await list.load();
    happened('incident.reported', minute(90, { id: 'older' }));
    expect(ids()).not.toContain('older');
    expect(list.total.value).toBe(121);
  });

  it('lets a closed case go, and ignores what is older than what it shows', async () => {
    await list.load();
    happened('incident.closed', { ...stored[3]!, state: 'closed', version: 9 });
    happened('incident.assigned', { ...stored[3]!, state: 'assigned', version: 5 });
    expect(ids()).not.toContain(stored[3]!.id);
    expect(list.total.value).toBe(119);
  });

  it('asks for the number again when a case changed that it never saw', async () => {
    await list.load();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const gone = stored.pop()!;
    happened('incident.closed', { ...gone, state: 'closed', version: 2 });
    vi.advanceTimersByTime(3000);
    vi.useRealTimers();
    await vi.waitFor(() => expect(list.total.value).toBe(119));
    expect(asked).toHaveLength(2);
  });

  it('shows the last filter when filters change faster than the server answers', async () => {
    stored[7] = minute(7, { area: '990101001002' });
    delay = (url) => (url.searchParams.get('area') ? 10 : 120);
    const first = list.load();
    filter.value = { open: true, area: '990101001002' };
    await nextTick();
    const cursors = await first;
    expect(ids()).toEqual([stored[7].id]);
    expect(cursors.s!.seq).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(ids()).toEqual([stored[7].id]);
    expect(asked).toHaveLength(2);
  });

  it('keeps what it shows when the server fails, and says so', async () => {
    await list.load();
    await new Promise<void>((resolve) => { server.closeAllConnections(); server.close(() => resolve()); });
    await expect(list.load()).rejects.toMatchObject({ status: 0, code: 'offline' });
    expect(ids()).toHaveLength(PAGE);
    expect(list.error.value?.code).toBe('offline');
  });
});

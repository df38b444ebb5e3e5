/** The queue against a real server on loopback that loses answers, breaks, refuses and forgets sessions. */
import 'fake-indexeddb/auto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Outbox, type OutboxItem, type Trouble } from '@/api/outbox';
import type { Card, ReportBody } from '@/api/types';
import { uuid7 } from '@/api/uuid7';

interface Asked { method: string; path: string; body: string }
type Answer = (asked: Asked, response: ServerResponse) => void;

let server: Server;
let asked: Asked[];
let answer: Answer;
let outbox: Outbox;
let shown: { items: OutboxItem[]; trouble: Trouble | null; next: number | null };
let confirmed: { id: string; whole: boolean }[];
let queues = 0;

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
};
const problem = (response: ServerResponse, status: number, code: string, detail: unknown = {}): void =>
  json(response, status, { code, message: `sorry: ${code}`, fields: {}, detail });
const card = (id: string, version = 1): Partial<Card> => ({ id, version, state: 'reported' });

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function report(): { id: string; body: ReportBody } {
  const id = uuid7();
  return { id, body: { id, class_key: 'S/event/0101', lon: 105, lat: 28, occurred_at: new Date().toISOString() } };
}

async function add(one: { id: string; body: ReportBody }, photos: string[] = []): Promise<void> {
  await outbox.add({
    id: one.id, incident: one.id, class_key: one.body.class_key,
    steps: [{ kind: 'report', body: one.body }, ...photos.map((id) => ({ kind: 'photo', incident: one.id, id, photo: 'before' } as const))],
  }, photos.map((id) => ({ id, bytes: new TextEncoder().encode(`bytes of ${id}`).buffer as ArrayBuffer })));
}

async function open(user: number, name: string): Promise<Outbox> {
  const box = new Outbox(user, {
    changed: (items, _sending, trouble, next) => { shown = { items, trouble, next }; },
    confirmed: (item, _card, whole) => { confirmed.push({ id: item.id, whole }); },
  }, name);
  await box.start();
  return box;
}

beforeEach(async () => {
  asked = [];
  confirmed = [];
  answer = (_one, response) => json(response, 201, card('any'));
  server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const one = { method: request.method!, path: request.url!, body };
      asked.push(one);
      answer(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  (window as unknown as { happyDOM: { setURL(url: string): void } }).happyDOM.setURL(`http://127.0.0.1:${port}/`);
  queues += 1;
  outbox = await open(7, `queue-${queues}`);
});

afterEach(() => {
  outbox.stop();
  server.closeAllConnections();
  server.close();
});

describe('outbox', () => {
  it('sends the report, then its photos, and keeps nothing after the last confirmation', async () => {
    const one = report();
    const photo = uuid7();
    await add(one, [photo]);
    await outbox.flush();
    expect(asked.map(({ path }) => path)).toEqual(['/api/incidents', `/api/incidents/${one.id}/photos`]);
    expect(asked[1]!.body).toContain(`bytes of ${photo}`);
    expect(confirmed).toEqual([{ id: one.id, whole: false }, { id: one.id, whole: true }]);
    expect(await outbox.photo(photo)).toBeUndefined();
    expect(shown).toMatchObject({ items: [], trouble: null });
  });

  it('repeats a request whose answer was lost, byte for byte', async () => {
    let lost = 1;
    const usual = answer;
    answer = (one, response) => (lost-- > 0 ? response.destroy() : usual(one, response));
    await add(report());
    await vi.waitFor(() => expect(shown).toMatchObject({ trouble: 'offline', items: [{ state: 'waiting' }] }));
    expect(shown.next).toBeGreaterThan(Date.now());
    await outbox.flush();
    expect(asked).toHaveLength(2);
    expect(asked[1]).toEqual(asked[0]);
    expect(shown).toMatchObject({ items: [], trouble: null, next: null });
  });

  it('keeps what a dead server did not take, for the next time the page is opened', async () => {
    const one = report();
    answer = (_one, response) => problem(response, 503, 'unavailable');
    await add(one, [uuid7()]);
    await outbox.flush();
    outbox.stop();
    answer = (_one, response) => json(response, 201, card(one.id));
    outbox = await open(7, `queue-${queues}`);
    expect(confirmed.at(-1)).toEqual({ id: one.id, whole: true });
    expect(shown.items).toEqual([]);
  });

  it('sets a refused item aside with the reason, and goes on with the next', async () => {
    const bad = report();
    const good = report();
    answer = (one, response) => (one.body.includes(bad.id) ? problem(response, 422, 'point_outside') : json(response, 201, card(good.id)));
    await add(bad);
    await add(good);
    await outbox.flush();
    expect(shown.items).toMatchObject([{ id: bad.id, state: 'refused', error: { code: 'point_outside', message: 'sorry: point_outside' } }]);
    answer = (_one, response) => json(response, 201, card(bad.id));
    await outbox.retry(bad.id, [{ kind: 'report', body: { ...bad.body, lon: 106 } }]);
    await outbox.flush();
    expect(JSON.parse(asked.at(-1)!.body)).toMatchObject({ id: bad.id, lon: 106 });
    expect(shown.items).toEqual([]);
  });

  it('does not let one item at which the server fails hold up the others', async () => {
    const bad = report();
    const good = report();
    answer = (one, response) => (one.body.includes(bad.id) ? problem(response, 500, 'internal') : json(response, 201, card(good.id)));
    await add(bad);
    await add(good);
    await outbox.flush();
    expect(shown).toMatchObject({ trouble: 'server', items: [{ id: bad.id, state: 'waiting' }] });
  });

  it('keeps everything when the session has ended, and says so', async () => {
    answer = (_one, response) => problem(response, 401, 'not_signed_in');
    await add(report());
    await vi.waitFor(() => expect(shown.trouble).toBe('session'));
    await add(report());
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    await new Promise((resolve) => setTimeout(resolve, 100));
    // The second one waits behind the first: with the same session it would fail the same way.
    expect(asked[1]).toEqual(asked[0]);
    expect(shown).toMatchObject({ trouble: 'session', next: null, items: [{ state: 'waiting' }, { state: 'waiting' }] });
  });

  it('takes a missing token for an ended session if there is none, and for a passing trouble if there is one', async () => {
    let signedIn = false;
    answer = (one, response) => {
      if (one.path === '/api/me') return signedIn ? json(response, 200, {}) : problem(response, 401, 'not_signed_in');
      return problem(response, 403, 'csrf');
    };
    await add(report());
    await vi.waitFor(() => expect(shown.trouble).toBe('session'));
    signedIn = true;
    await outbox.flush();
    expect(shown).toMatchObject({ trouble: 'server', items: [{ state: 'waiting' }] });
  });

  it('never shows or sends what another person left on this device', async () => {
    answer = (_one, response) => problem(response, 503, 'unavailable');
    await add(report());
    await outbox.flush();
    outbox.stop();
    const before = asked.length;
    outbox = await open(8, `queue-${queues}`);
    expect(shown.items).toEqual([]);
    expect(asked).toHaveLength(before);
  });

  it('leaves a step to the person if someone else has moved the case on', async () => {
    const id = uuid7();
    answer = (_one, response) => problem(response, 409, 'stale', { current: card(id, 3) });
    await outbox.add({ id: uuid7(), incident: id, class_key: '', steps: [{ kind: 'action', incident: id, action: 'handle', body: { mutation_id: uuid7(), version: 2, text: 'done' } }] });
    await outbox.flush();
    expect(shown.items).toMatchObject([{ state: 'refused', error: { code: 'stale' } }]);
  });

  it('does not bring back what was thrown away while it was being sent', async () => {
    const one = report();
    answer = (_one, response) => { void outbox.discard(one.id).then(() => json(response, 201, card(one.id))); };
    await add(one, [uuid7()]);
    await outbox.flush();
    expect(shown.items).toEqual([]);
  });
});

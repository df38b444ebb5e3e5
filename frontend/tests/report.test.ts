/** A report from the form to the queue and, when it was refused, back. */
import 'fake-indexeddb/auto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ReportBody } from '@/api/types';
import { queueAsText } from '@/components/queue/exportQueue';
import { useReport } from '@/components/report/draft';
import { useOutbox } from '@/stores/outbox';
import { card } from './cards';

let server: Server;
let taken: ReportBody[];
let others: { url: string; body: string }[];
let refusal: { status: number; code: string } | null;
let person = 100;
const CENTRE = { lon: 105.44, lat: 28.88 };
const BYTES = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);

const photo = (id: string, kind: 'before' | 'after') => ({ id, kind, blob: new Blob([BYTES], { type: 'image/jpeg' }), url: '' });

beforeEach(async () => {
  setActivePinia(createPinia());
  taken = [];
  others = [];
  refusal = null;
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const reports = request.url === '/api/incidents';
      const body = reports ? JSON.parse(Buffer.concat(chunks).toString()) as ReportBody : null;
      if (body && !refusal) taken.push(body);
      if (!reports) others.push({ url: request.url ?? '', body: Buffer.concat(chunks).toString() });
      const status = body && refusal ? refusal.status : 201;
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(status === 201 ? { id: body?.id, version: 1, state: 'reported' } : { code: refusal!.code, message: 'no', fields: {}, detail: {} }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  (window as unknown as { happyDOM: { setURL(url: string): void } }).happyDOM.setURL(`http://127.0.0.1:${port}/`);
  person += 1;
  await useOutbox().start(person);
});

afterEach(() => {
  useOutbox().stop();
  server.closeAllConnections();
  server.close();
});

describe('report', () => {
  it('needs no more than a class, and takes the middle of the map', async () => {
    const report = useReport();
    report.begin(CENTRE);
    report.choose('S/event/0110');
    const { id } = report;
    await report.send();
    await vi.waitFor(() => expect(useOutbox().items).toEqual([]));
    expect(taken).toMatchObject([{ id, class_key: 'S/event/0110', ...CENTRE, source: 'patrol', level: 'street', self_handled: false }]);
    expect(taken[0]).not.toHaveProperty('condition');
    expect(report.begun).toBe(false);
  });

  it('asks for the condition anew when the class changes', () => {
    const report = useReport();
    report.begin(CENTRE);
    report.choose('S/object/0305');
    report.condition = 2;
    report.choose('S/object/0305');
    expect(report.condition).toBe(2);
    report.choose('S/event/0110');
    expect(report.condition).toBeNull();
  });

  it('leaves a place that was set by hand where it is', () => {
    const report = useReport();
    report.begin(CENTRE);
    report.locate({ lon: 1, lat: 2, accuracy_m: 9, by: 'gps' });
    expect(report.place).toMatchObject({ lon: 1, by: 'gps' });
    report.locate({ lon: 3, lat: 4, accuracy_m: null, by: 'hand' });
    report.locate({ lon: 1, lat: 2, accuracy_m: 9, by: 'gps' });
    expect(report.place).toMatchObject({ lon: 3, by: 'hand' });
  });

  it('stays in the cell when she has handled it, and only then sends the photo of afterwards', async () => {
    const report = useReport();
    report.begin(CENTRE);
    report.choose('S/event/0110');
    report.photos = [photo('p1', 'before'), photo('p2', 'after')];
    report.selfHandled = true;
    refusal = { status: 422, code: 'point_outside' };
    await report.send();
    await vi.waitFor(() => expect(useOutbox().refused).toHaveLength(1));
    const [first, ...rest] = useOutbox().refused[0]!.steps;
    expect(first).toMatchObject({ body: { self_handled: true, level: 'cell' } });
    expect(rest).toMatchObject([{ kind: 'photo', photo: 'before' }, { kind: 'photo', photo: 'after' }]);
  });

  it('comes back as it was when it is refused, and goes out changed under the same id', async () => {
    const report = useReport();
    const outbox = useOutbox();
    report.begin(CENTRE);
    report.choose('S/object/0305');
    report.condition = 3;
    report.description = 'two bags';
    report.photos = [photo('p3', 'before')];
    const { id } = report;
    refusal = { status: 422, code: 'point_outside' };
    await report.send();
    await vi.waitFor(() => expect(outbox.refused).toHaveLength(1));
    await report.mend(outbox.refused[0]!);
    expect(report).toMatchObject({ id, step: 'send', classKey: 'S/object/0305', condition: 3, description: 'two bags' });
    expect(new Uint8Array(await report.photos[0]!.blob.arrayBuffer())).toEqual(BYTES);
    refusal = null;
    report.locate({ lon: 105.45, lat: 28.89, accuracy_m: null, by: 'hand' });
    await report.send();
    await vi.waitFor(() => expect(outbox.items).toEqual([]));
    expect(taken).toMatchObject([{ id, lon: 105.45, condition: 3 }]);
  });

  it('takes a new id where the server knows the old one for something else', async () => {
    const report = useReport();
    const outbox = useOutbox();
    report.begin(CENTRE);
    report.choose('S/event/0110');
    const { id } = report;
    refusal = { status: 409, code: 'id_reused' };
    await report.send();
    await vi.waitFor(() => expect(outbox.refused).toHaveLength(1));
    await report.mend(outbox.refused[0]!);
    refusal = null;
    await report.send();
    await vi.waitFor(() => expect(outbox.items).toEqual([]));
    expect(taken).toHaveLength(1);
    expect(taken[0]!.id).not.toBe(id);
  });

  it('stands in the exported file with its photo', async () => {
    const report = useReport();
    const outbox = useOutbox();
    report.begin(CENTRE);
    report.choose('S/event/0110');
    report.photos = [photo('p4', 'before')];
    refusal = { status: 422, code: 'point_outside' };
    await report.send();
    await vi.waitFor(() => expect(outbox.refused).toHaveLength(1));
    const file = JSON.parse(await queueAsText(outbox.items, outbox.photo)) as { items: { steps: { body?: ReportBody }[]; photos: Record<string, string> }[] };
    expect(file.items[0]!.steps[0]!.body).toMatchObject({ class_key: 'S/event/0110' });
    const base64 = file.items[0]!.photos.p4!.replace('data:image/jpeg;base64,', '');
    expect([...Buffer.from(base64, 'base64')]).toEqual([...BYTES]);
  });

  it('joins a case that is there already: one step and the photos of the report, no case of its own', async () => {
    const report = useReport();
    report.begin(CENTRE);
    report.choose('S/event/0110');
    report.photos = [photo('p1', 'before'), photo('p2', 'after')];
    report.description = ' 又多了两袋 ';
    const { id } = report;
    await report.join(card({ id: 'other' }));
    await vi.waitFor(() => expect(useOutbox().items).toEqual([]));
    const [joined, ...photos] = others;
    expect(joined!.url).toBe('/api/incidents/other/join');
    expect(JSON.parse(joined!.body)).toMatchObject({ mutation_id: id, text: '又多了两袋', seen: { ...CENTRE, source: 'patrol' } });
    expect(photos.map(({ url }) => url)).toEqual(['/api/incidents/other/photos']);
    expect(photos[0]!.body).toContain(id);
    expect(taken).toEqual([]);
    expect(report.begun).toBe(false);
  });

  it('opens what came too late to join as a report of its own', async () => {
    const report = useReport();
    const seen = { ...CENTRE, occurred_at: '2026-01-05T02:00:00Z', source: 'patrol' as const };
    await report.mend({
      id: 'j1', user: person, incident: 'other', class_key: 'S/event/0110', created: '', state: 'refused',
      steps: [{ kind: 'action', incident: 'other', action: 'join', body: { mutation_id: 'j1', text: '说明', seen } }],
      error: { status: 409, code: 'wrong_state', message: '', fields: {} },
    });
    expect(report).toMatchObject({ classKey: 'S/event/0110', description: '说明', step: 'send' });
    expect(report.id).not.toBe('j1');
    await report.send();
    await vi.waitFor(() => expect(taken).toMatchObject([{ class_key: 'S/event/0110', ...CENTRE, description: '说明', occurred_at: seen.occurred_at }]));
  });
});

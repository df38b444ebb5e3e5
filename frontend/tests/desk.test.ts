/** The desk: saved filters, what is chosen in a list, one step for several cases against a real server on loopback. */
import { createPinia, setActivePinia } from 'pinia';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ref } from 'vue';
import type { BulkBody, BulkResult } from '@/api/desk';
import { parts } from '@/pages/street/saved';
import { PRESETS } from '@/pages/street/presets';
import { useSelection } from '@/pages/street/useSelection';
import { BulkAttempt, possible, wayBack } from '@/stores/bulk';
import { bare, same, usable } from '@/stores/filters';
import { useIncidents } from '@/stores/incidents';
import { card } from './cards';

describe('a saved filter', () => {
  it('is the same whatever does not filter in it', () => {
    expect(same({ q: '', urgent: false, overdue: true }, { overdue: true, area: undefined })).toBe(true);
    expect(same({ overdue: true }, { urgent: true })).toBe(false);
    expect(Object.keys(bare({ q: '井盖', area: '', open: true }))).toEqual(['open', 'q']);
  });

  it('is used without what is gone', () => {
    expect(usable({ filter: { class_key: 'x', urgent: true, department: 9 }, unknown: ['class_key', 'department'] })).toEqual({ urgent: true });
  });

  it.each(PRESETS)('finds its figure of the strip: $name', ({ name, filter }) => {
    expect(parts({ ...filter, q: '望江', urgent: true })).toMatchObject({ preset: name, narrowing: { q: '望江', urgent: true, area: '', class_key: '' } });
  });

  it('keeps what no figure of the strip shows', () => {
    expect(parts({ state: ['assigned'], department: 3, area: '99' })).toMatchObject({ preset: null, basis: { state: ['assigned'], department: 3 }, narrowing: { area: '99' } });
  });
});

describe('choosing', () => {
  const cards = ref(['a', 'b', 'c', 'd', 'e'].map((id) => card({ id })));
  const chosen = (selection: ReturnType<typeof useSelection>): string => selection.cards.value.map((one) => one.id).join('');

  it('takes one, a range from it in either direction, all, none', () => {
    const selection = useSelection(cards);
    selection.toggle('d');
    selection.range('b');
    expect(chosen(selection)).toBe('bcd');
    selection.toggle('c');
    expect(chosen(selection)).toBe('bd');
    selection.all();
    expect(chosen(selection)).toBe('abcde');
    selection.clear();
    expect([chosen(selection), selection.on.value]).toEqual(['', false]);
  });

  it('acts on nothing that the list does not show any more', () => {
    const list = ref([...cards.value]);
    const selection = useSelection(list);
    selection.all();
    list.value = list.value.slice(2);
    expect(chosen(selection)).toBe('cde');
  });
});

describe('one step for several cases', () => {
  let server: Server;
  let asked: BulkBody[];
  let answer: (body: BulkBody) => BulkResult[] | null;

  beforeEach(async () => {
    setActivePinia(createPinia());
    [asked, answer] = [[], ({ cases }) => cases.map(({ id, version }) => ({ id, result: 'done', code: null, message: null, card: card({ id, version: version + 1, state: 'filed' }) }))];
    server = createServer((request, response) => {
      let text = '';
      request.on('data', (part) => { text += part; });
      request.on('end', () => {
        const body = JSON.parse(text) as BulkBody;
        asked.push(body);
        const results = answer(body);
        if (results) response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ results }));
        else response.destroy();
      });
    });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    const { port } = server.address() as AddressInfo;
    (window as unknown as { happyDOM: { setURL(url: string): void } }).happyDOM.setURL(`http://127.0.0.1:${port}/`);
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => { server.close(resolve); });
  });

  const cards = (count: number): ReturnType<typeof card>[] => Array.from({ length: count }, (_, index) => card({ id: `id-${index}`, version: index + 1 }));

  it('sends each case with its version and an id of its own, some at a time, and shows what came of it', async () => {
    const attempt = new BulkAttempt('file', cards(70));
    await attempt.send({ reason: '一并' });
    expect(asked.map((body) => body.cases.length)).toEqual([50, 20]);
    const sent = asked.flatMap((body) => body.cases);
    expect(new Set(sent.map((one) => one.mutation_id)).size).toBe(70);
    expect(sent.map((one) => one.version)).toEqual(cards(70).map((one) => one.version));
    expect(attempt.done).toHaveLength(70);
    expect(useIncidents().cards.get('id-3')?.state).toBe('filed');
  });

  it('sends again only what has no final answer, under the same ids', async () => {
    const attempt = new BulkAttempt('file', cards(3));
    answer = ({ cases }) => cases.map(({ id }, index) => ({ id, result: (['done', 'stale', 'failed'] as const)[index]!, code: null, message: null, card: null }));
    await attempt.send({});
    answer = ({ cases }) => cases.map(({ id }) => ({ id, result: 'done', code: null, message: null, card: null }));
    await attempt.send({});
    expect(asked[1]!.cases).toEqual([asked[0]!.cases[2]]);
    expect([attempt.of('done').length, attempt.of('stale').length, attempt.of('failed').length]).toEqual([2, 1, 0]);
  });

  it('keeps the ids when the answer is lost', async () => {
    const attempt = new BulkAttempt('note', cards(2));
    answer = () => null;
    await expect(attempt.send({ reason: '看过' })).rejects.toMatchObject({ code: 'offline' });
    answer = ({ cases }) => cases.map(({ id }) => ({ id, result: 'done', code: null, message: null, card: null }));
    await attempt.send({ reason: '看过' });
    expect(asked.at(-1)!.cases).toEqual(asked[0]!.cases);
  });

  it('knows from which states a step is possible, and where there is a way back', () => {
    const some = [card({ state: 'reported' }), card({ state: 'filed' }), card({ state: 'filed' })];
    expect([possible('file', some), possible('assign', some), possible('close', some), possible('note', some)]).toEqual([1, 2, 0, 3]);
    expect([wayBack('assign'), wayBack('file'), wayBack('close'), wayBack('note')]).toEqual(['withdraw', null, null, null]);
  });
});

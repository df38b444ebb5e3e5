/** One record between the desk and a server: of two questions the later one counts, a refusal is read, no connection is waited for. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RecordStep } from '@/api/outbox';
import { useRecord, type RecordWork } from '@/components/register/useRecord';

interface Asked { method: string; path: string; body: Record<string, unknown> }
type Answer = (asked: Asked) => Response | Promise<Response>;

const json = (status: number, body: unknown): Response => new Response(JSON.stringify(body), { status });
const detail = (id: string, version = 1, values = { floors: 5, name: '3幢' }): unknown => ({
  id, record: 'place', title: `title of ${id}`, area: '990101001001001', version, point: null, values, references: {}, parts: {}, proposals: [], can_edit: true,
});

let asked: Asked[];
let answer: Answer;
let kept: RecordStep[];
let always: boolean;
let work: RecordWork;

beforeEach(() => {
  asked = [];
  kept = [];
  always = false;
  answer = ({ path }) => json(200, detail(path.split('/').at(-1)!));
  vi.stubGlobal('document', { cookie: '' });
  vi.stubGlobal('fetch', async (path: string, { method, body }: { method: string; body?: string }) => {
    const one = { method, path, body: JSON.parse(body ?? '{}') as Record<string, unknown> };
    asked.push(one);
    return answer(one);
  });
  work = useRecord((step) => { kept.push(step); return Promise.resolve(); }, () => always);
});
afterEach(() => vi.unstubAllGlobals());

describe('what is shown', () => {
  it('is the record that was asked for last, whichever is answered last', async () => {
    let late: ((response: Response) => void) | undefined;
    answer = ({ path }) => (path.endsWith('one') ? new Promise((resolve) => { late = resolve; }) : json(200, detail('two')));
    const first = work.load('place', 'one');
    await work.load('place', 'two');
    late!(json(200, detail('one', 9)));
    await first;
    expect(work.record.value?.id).toBe('two');
  });

  it('is what ends, with its own version', async () => {
    await work.load('place', 'one');
    answer = ({ path }) => new Promise(() => { expect(path).toContain('two'); });
    void work.load('place', 'two');
    expect(await work.end()).toBe('refused');
    expect(asked.filter(({ method }) => method === 'POST')).toEqual([]);
  });
});

describe('a correction at a desk', () => {
  it('that is refused is kept to be read, field by field', async () => {
    await work.load('place', 'one');
    answer = () => json(422, { code: 'invalid', message: 'look at it', fields: { floors: 'too high' }, detail: {} });
    work.draft.floors = 999;
    expect(await work.send('change', { floors: 999 })).toBe('refused');
    expect([work.refused.value?.fields, work.draft.floors, kept]).toEqual([{ floors: 'too high' }, 999, []]);
  });

  it('of what another changed shows both sides, and is sent again knowing the other', async () => {
    await work.load('place', 'one');
    work.draft.floors = 7;
    const current = detail('one', 4, { floors: 6, name: '8幢' });
    answer = () => json(409, { code: 'record_changed', message: 'someone', fields: {}, detail: { current, yours: { floors: 7 }, fields: ['floors'] } });
    await work.send('change', { floors: 7 });
    expect([work.refused.value?.clash, work.refused.value?.current?.values.floors]).toEqual([['floors'], 6]);
    work.settle(true);
    expect([work.draft, work.record.value?.version]).toEqual([{ floors: 7, name: '8幢' }, 4]);
    answer = () => json(200, {});
    expect(await work.send('change', { floors: 7 })).toBe('done');
    expect(asked.at(-1)!.body.version).toBe(4);
  });

  it('gives way to what stands there now where she wishes so', async () => {
    await work.load('place', 'one');
    work.draft.floors = 7;
    answer = () => json(409, { code: 'record_changed', detail: { current: detail('one', 4, { floors: 6, name: '3幢' }), fields: ['floors'] } });
    await work.send('change', { floors: 7 });
    work.settle(false);
    expect([work.draft.floors, work.refused.value]).toEqual([6, null]);
  });

  it('waits in the queue only where there is no connection, under the id under which it was sent', async () => {
    await work.load('place', 'one');
    answer = () => { throw new TypeError('no connection'); };
    expect(await work.send('change', { floors: 7 }, { lon: 105, lat: 28 })).toBe('kept');
    expect(kept[0]!.body).toEqual(asked.at(-1)!.body);
    expect(kept[0]!.body).toMatchObject({ version: 1, values: { floors: 7 }, lon: 105, lat: 28 });
  });
});

describe('a look', () => {
  it('in the field goes by the queue, with the version and the moment', async () => {
    always = true;
    await work.load('place', 'one');
    expect(await work.send('verify', {})).toBe('kept');
    expect(asked.every(({ method }) => method === 'GET')).toBe(true);
    expect(kept[0]).toMatchObject({ verb: 'verify', body: { version: 1, seen_at: expect.any(String) as string } });
  });
});

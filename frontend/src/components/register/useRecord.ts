import { reactive, ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { ApiError } from '@/api/client';
import type { RecordStep } from '@/api/outbox';
import { endRecord, fetchRecord, proposeRecord, type Kind, type RecordDetail, type RecordRow, type Values } from '@/api/register';
import { sendRecord } from '@/api/sendRecord';
import { uuid7 } from '@/api/uuid7';
import type { Place } from '@/model/cellmap';
import { errorText } from '@/stores/toasts';

/** Why nothing was stored: a sentence, what is wrong by field, and where another changed the same values how they are now. */
export interface Refused { text: string; fields: Record<string, string>; current: RecordRow | null; clash: string[] }
/** 'kept' is on the way of the queue; 'refused' says why in `refused`. */
export type Went = 'done' | 'kept' | 'refused';

export interface RecordWork {
  record: ShallowRef<RecordDetail | null>;
  error: ShallowRef<unknown>;
  refused: ShallowRef<Refused | null>;
  busy: Ref<boolean>;
  draft: Values;
  load: (kind: Kind, id: string) => Promise<void>;
  send: (verb: 'verify' | 'change', values: Values, place?: Place | null) => Promise<Went>;
  propose: (values: Values) => Promise<Went>;
  end: () => Promise<Went>;
  settle: (mine: boolean) => void;
}

/** One record on its way to the eye and back. `keep` puts a step into the queue; `always` sends everything that way. */
export function useRecord(keep: (step: RecordStep) => Promise<void>, always: () => boolean): RecordWork {
  const record = shallowRef<RecordDetail | null>(null);
  const error = shallowRef<unknown>(null);
  const refused = shallowRef<Refused | null>(null);
  const busy = ref(false);
  const draft = reactive<Values>({});
  let asked = 0;

  function put(values: Values): void {
    for (const name of Object.keys(draft)) delete draft[name];
    Object.assign(draft, values);
  }

  /** Of two questions the later one counts, whichever is answered last. */
  async function load(kind: Kind, id: string): Promise<void> {
    asked += 1;
    const mine = asked;
    error.value = refused.value = null;
    if (record.value?.id !== id) record.value = null;
    try {
      const found = await fetchRecord(kind, id);
      if (mine !== asked) return;
      record.value = found;
      put(found.values as Values);
    } catch (failure) {
      if (mine === asked) error.value = failure;
    }
  }

  /** Does one thing with the record that is shown; what the server refuses is kept to be read. */
  async function act(work: (shown: RecordDetail) => Promise<Went>): Promise<Went> {
    const shown = record.value;
    if (!shown || busy.value) return 'refused';
    busy.value = true;
    refused.value = null;
    try {
      return await work(shown);
    } catch (failure) {
      if (record.value?.id === shown.id) refused.value = whyNot(failure);
      return 'refused';
    } finally {
      busy.value = false;
    }
  }

  const send = (verb: 'verify' | 'change', values: Values, place: Place | null = null): Promise<Went> => act(async (shown) => {
    const seen = { mutation_id: uuid7(), version: shown.version };
    const at = { kind: 'record', record: shown.record, id: shown.id, title: shown.title } as const;
    const step: RecordStep = verb === 'verify'
      ? { ...at, verb, body: seen }
      : { ...at, verb, body: { ...seen, values: { ...values }, ...place } };
    if (!always()) {
      try {
        await sendRecord(step);
        return 'done';
      } catch (failure) {
        if (!(failure instanceof ApiError) || failure.status !== 0) throw failure;
      }
    }
    // When she looked is told only where it is sent later: until then the server's own clock is the better one.
    await keep(step.verb === 'verify' ? { ...step, body: { ...step.body, seen_at: new Date().toISOString() } } : step);
    return 'kept';
  });

  const propose = (values: Values): Promise<Went> => act(async ({ record: kind, id }) => {
    await proposeRecord(kind, id, { id: uuid7(), values: { ...values } });
    return 'done';
  });

  const end = (): Promise<Went> => act(async ({ record: kind, id, version }) => {
    await endRecord(kind, id, { mutation_id: uuid7(), version });
    return 'done';
  });

  /** After a clash: what she wrote gives way to what stands there now, or is kept to be sent again, knowing the other. */
  function settle(mine: boolean): void {
    const { current = null, clash = [] } = refused.value ?? {};
    if (!record.value || !current) return;
    const before = record.value.values;
    record.value = { ...record.value, ...current };
    for (const [name, value] of Object.entries(current.values as Values)) {
      const untouched = (draft[name] ?? '') === (before[name] ?? '');
      if (untouched || (!mine && clash.includes(name))) draft[name] = value;
    }
    refused.value = null;
  }

  return { record, error, refused, busy, draft, load, send, propose, end, settle };
}

function whyNot(failure: unknown): Refused {
  const { fields = {}, detail = {} } = failure instanceof ApiError ? failure : {};
  return { text: errorText(failure), fields, current: (detail.current as RecordRow | undefined) ?? null, clash: (detail.fields as string[] | undefined) ?? [] };
}

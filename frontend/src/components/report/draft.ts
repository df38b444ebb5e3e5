import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { OutboxItem, Step } from '@/api/outbox';
import type { ActionBody, Card, PhotoKind, ReportBody } from '@/api/types';
import { uuid7 } from '@/api/uuid7';
import { preparePhoto } from '@/model/photo';
import { channelOf, given, missing, type Answers } from '@/model/questions';
import { useCatalogue } from '@/stores/catalogue';
import { bytesOf, photoSteps, useOutbox } from '@/stores/outbox';

export type ReportStep = 'photo' | 'class' | 'send';
export interface DraftPhoto { id: string; kind: PhotoKind; blob: Blob; url: string }
/** Where the report is, in degrees, and how we know. */
export interface DraftPlace { lon: number; lat: number; accuracy_m: number | null; by: 'centre' | 'gps' | 'hand' }
export type ReportLevel = 'street' | 'cell';

const MOST_PHOTOS = 6;

/** The report a person is making; it stays while she looks at something else, until it is sent or thrown away. */
export const useReport = defineStore('report', () => {
  const outbox = useOutbox();
  const catalogue = useCatalogue();
  const id = ref('');
  const step = ref<ReportStep>('photo');
  const photos = shallowRef<readonly DraftPhoto[]>([]);
  const classKey = ref('');
  const condition = ref<number | null>(null);
  const place = shallowRef<DraftPlace | null>(null);
  const description = ref('');
  const level = ref<ReportLevel>('street');
  const selfHandled = ref(false);
  const occurredAt = ref('');
  const answers = shallowRef<Answers>({});
  /** The refused item that is being changed. */
  const mending = shallowRef<OutboxItem | null>(null);

  const begun = computed(() => id.value !== '');
  const worthKeeping = computed(() => photos.value.length > 0 || classKey.value !== '' || description.value !== '');
  const questions = computed(() => catalogue.byKey.get(classKey.value)?.questions ?? []);
  /** The number to call instead; the report does not go then. */
  const channel = computed(() => channelOf(questions.value, answers.value));
  const unanswered = computed(() => missing(questions.value, answers.value));
  const full = computed(() => photos.value.length >= MOST_PHOTOS);

  /** Begins where the map looks; without a map the place comes from the device or not at all. */
  function begin(centre: { lon: number; lat: number } | null): void {
    if (begun.value) return;
    id.value = uuid7();
    occurredAt.value = new Date().toISOString();
    place.value = centre && { ...centre, accuracy_m: null, by: 'centre' };
  }

  function reset(): void {
    for (const photo of photos.value) URL.revokeObjectURL(photo.url);
    id.value = '';
    step.value = 'photo';
    photos.value = [];
    classKey.value = '';
    condition.value = null;
    place.value = null;
    description.value = '';
    level.value = 'street';
    selfHandled.value = false;
    answers.value = {};
    mending.value = null;
  }

  /** Takes a picture in; rejects if the file is none. */
  async function addPhoto(file: Blob, kind: PhotoKind): Promise<void> {
    const blob = await preparePhoto(file);
    photos.value = [...photos.value, { id: uuid7(), kind, blob, url: URL.createObjectURL(blob) }];
  }

  function removePhoto(photo: DraftPhoto): void {
    URL.revokeObjectURL(photo.url);
    photos.value = photos.value.filter((one) => one !== photo);
  }

  function choose(key: string): void {
    if (classKey.value !== key) {
      condition.value = null;
      answers.value = {};
    }
    classKey.value = key;
    step.value = 'send';
  }

  /** Moves the place; what a person has set by hand is never moved by the machine. */
  function locate(next: DraftPlace): void {
    if (place.value?.by === 'hand' && next.by !== 'hand') return;
    place.value = next;
  }

  function body(): ReportBody {
    const { lon, lat } = place.value!;
    const said = given(questions.value, answers.value);
    return {
      id: id.value, class_key: classKey.value, lon, lat, occurred_at: occurredAt.value, source: 'patrol',
      level: selfHandled.value ? 'cell' : level.value, self_handled: selfHandled.value,
      ...(Object.keys(said).length ? { answers: said } : {}),
      ...(condition.value === null ? {} : { condition: condition.value }),
      ...(description.value.trim() ? { description: description.value.trim() } : {}),
    };
  }

  /** Saves the report on this device, from where it is sent; rejects if it could not be stored, and keeps the draft then. */
  async function send(): Promise<void> {
    const wanted = photos.value.filter((photo) => photo.kind === 'before' || selfHandled.value);
    const steps: Step[] = [{ kind: 'report', body: body() }, ...photoSteps(id.value, wanted)];
    const bytes = await bytesOf(wanted);
    if (mending.value?.incident === id.value) {
      await outbox.retry(mending.value.id, steps, bytes);
    } else {
      await outbox.add({ id: id.value, incident: id.value, class_key: classKey.value, steps }, bytes);
      if (mending.value) await outbox.discard(mending.value.id);
    }
    reset();
  }

  /** Says of a case that it is the same thing: the report joins it instead of opening one. Saved here like any report. */
  async function join(card: Card): Promise<void> {
    const wanted = photos.value.filter((photo) => photo.kind === 'before');
    const { lon, lat } = place.value!;
    const text = description.value.trim();
    const body = { mutation_id: id.value, text, seen: { lon, lat, occurred_at: occurredAt.value, source: 'patrol' as const } };
    const steps: Step[] = [
      { kind: 'action', incident: card.id, action: 'join', body },
      ...photoSteps(card.id, wanted).map((step) => ({ ...step, report: id.value })),
    ];
    await outbox.add({ id: id.value, incident: card.id, class_key: card.class_key, steps }, await bytesOf(wanted));
    if (mending.value && mending.value.id !== id.value) await outbox.discard(mending.value.id);
    reset();
  }

  /** Opens what wanted to join a case, and came too late, as a report of its own. */
  async function mendJoin(item: OutboxItem, body: ActionBody): Promise<void> {
    const seen = body.seen!;
    reset();
    mending.value = item;
    id.value = uuid7();
    occurredAt.value = seen.occurred_at;
    classKey.value = item.class_key;
    place.value = { lon: seen.lon, lat: seen.lat, accuracy_m: null, by: 'hand' };
    description.value = body.text ?? '';
    photos.value = await storedPhotos(item);
    step.value = 'send';
  }

  /** Opens a refused report again, to be changed and sent once more. */
  async function mend(item: OutboxItem): Promise<void> {
    const first = item.steps[0];
    if (first?.kind === 'action' && first.action === 'join') return mendJoin(item, first.body);
    if (first?.kind !== 'report') return;
    reset();
    const { body: old } = first;
    mending.value = item;
    // An id the server knows for something else cannot be used again; any other refusal has left no trace there.
    id.value = item.error?.code === 'id_reused' ? uuid7() : old.id;
    occurredAt.value = ['future_time', 'too_old'].includes(item.error?.code ?? '') ? new Date().toISOString() : old.occurred_at;
    classKey.value = old.class_key;
    condition.value = old.condition ?? null;
    place.value = { lon: old.lon, lat: old.lat, accuracy_m: null, by: 'hand' };
    description.value = old.description ?? '';
    selfHandled.value = old.self_handled ?? false;
    answers.value = old.answers ?? {};
    level.value = old.level === 'cell' && !selfHandled.value ? 'cell' : 'street';
    photos.value = await storedPhotos(item);
    step.value = 'send';
  }

  async function storedPhotos(item: OutboxItem): Promise<DraftPhoto[]> {
    const list: DraftPhoto[] = [];
    for (const one of item.steps) {
      const bytes = one.kind === 'photo' ? await outbox.photo(one.id) : undefined;
      if (one.kind !== 'photo' || !bytes) continue;
      const blob = new Blob([bytes], { type: 'image/jpeg' });
      list.push({ id: one.id, kind: one.photo, blob, url: URL.createObjectURL(blob) });
    }
    return list;
  }

  return {
    id, step, photos, classKey, condition, place, description, level, selfHandled, answers, mending,
    questions, channel, unanswered,
    begun, worthKeeping, full, begin, reset, addPhoto, removePhoto, choose, locate, send, join, mend,
  };
});

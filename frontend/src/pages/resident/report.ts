/** One report of a resident: what was filled in, and sending it so that a repeat does no harm. */
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { sendPhoto, sendReport } from '@/api/residents';
import type { PublicClass, Receipt } from '@/api/types';
import { uuid7 } from '@/api/uuid7';
import type { Place } from '@/model/cellmap';
import { errorText } from '@/stores/toasts';

interface Photo { id: string; blob: Blob; url: string }

export interface Reporting {
  klass: ShallowRef<PublicClass | null>;
  text: Ref<string>;
  photos: ShallowRef<Photo[]>;
  place: ShallowRef<Place | null>;
  receipt: ShallowRef<Receipt | null>;
  /** How many photos the server does not have yet. */
  left: Ref<number>;
  busy: Ref<boolean>;
  fault: Ref<string>;
  send(cell: string): Promise<void>;
  sendPhotos(): Promise<void>;
  restart(): void;
}

/** The state of the page's one report. What was filled in stays until the server has it. */
export function useReporting(): Reporting {
  const klass = shallowRef<PublicClass | null>(null);
  const text = ref('');
  const photos = shallowRef<Photo[]>([]);
  const place = shallowRef<Place | null>(null);
  const receipt = shallowRef<Receipt | null>(null);
  const left = ref(0);
  const busy = ref(false);
  const fault = ref('');
  let sent = new Set<string>();
  let attempt: { words: string; id: string; key: string } | null = null;

  async function send(cell: string): Promise<void> {
    if (busy.value || !klass.value) return;
    const said = { class_key: klass.value.key, text: text.value.trim(), ...place.value };
    // The same words go out as the same report; changed ones are another.
    if (attempt?.words !== JSON.stringify(said)) attempt = { words: JSON.stringify(said), id: uuid7(), key: uuid7() };
    busy.value = true;
    fault.value = '';
    try {
      receipt.value = await sendReport(cell, { ...said, id: attempt.id, key: attempt.key });
    } catch (error) {
      fault.value = errorText(error);
    }
    busy.value = false;
    if (receipt.value) await sendPhotos();
  }

  async function sendPhotos(): Promise<void> {
    const mine = receipt.value;
    if (!mine || busy.value) return;
    busy.value = true;
    fault.value = '';
    left.value = 0;
    for (const photo of photos.value.filter(({ id }) => !sent.has(id))) {
      try {
        await sendPhoto({ number: mine.number, password: mine.password }, photo);
        sent.add(photo.id);
      } catch (error) {
        left.value += 1;
        fault.value = errorText(error);
      }
    }
    busy.value = false;
  }

  function restart(): void {
    klass.value = null;
    text.value = '';
    photos.value = [];
    place.value = null;
    receipt.value = null;
    left.value = 0;
    fault.value = '';
    sent = new Set();
    attempt = null;
  }

  return { klass, text, photos, place, receipt, left, busy, fault, send, sendPhotos, restart };
}

/** The people of one service, as they are listed or found; what was opened is shut again after a minute. */
import { computed, onBeforeUnmount, ref, shallowRef, watch } from 'vue';
import * as api from '@/api/persons';
import type { People, Person, Reason, Service, Services, Values } from '@/api/persons';
import { useToasts } from '@/stores/toasts';

const SHOWN_S = 60;

export function usePeople() {
  const toasts = useToasts();
  const known = shallowRef<Services | null>(null);
  const key = ref('');
  const ended = ref(false);
  const asked = ref({ name: '', phone: '' });
  const found = shallowRef<People | null>(null);
  const searched = ref(false);
  /** One record is shown by itself. */
  const alone = ref(false);
  const error = shallowRef<unknown>(null);
  const opened = shallowRef<{ id: string; values: Values } | null>(null);
  const left = ref(0);
  let timer = 0;
  let asking = 0;

  const service = computed<Service | null>(() => known.value?.services.find((one) => one.key === key.value) ?? null);

  function hide(): void {
    window.clearInterval(timer);
    opened.value = null;
  }

  /** Of two that were asked for one after the other the later one is shown. */
  async function show(work: () => Promise<People>, before: Person[] = []): Promise<void> {
    const mine = ++asking;
    try {
      const page = await work();
      if (mine !== asking) return;
      found.value = { people: [...before, ...page.people], more: page.more };
      error.value = null;
    } catch (failure) {
      if (mine === asking) error.value = failure;
    }
  }

  async function load(): Promise<void> {
    hide();
    searched.value = false;
    alone.value = false;
    if (service.value) await show(() => api.fetchPeople(key.value, { ended: ended.value, after: null }));
  }

  async function more(): Promise<void> {
    const before = found.value?.people ?? [];
    await show(() => api.fetchPeople(key.value, { ended: ended.value, after: before[before.length - 1]?.id ?? null }), before);
  }

  async function search(): Promise<void> {
    const { name, phone } = asked.value;
    if (!name.trim() && !phone.trim()) return load();
    hide();
    searched.value = true;
    alone.value = false;
    return show(() => api.searchPeople(key.value, { name, phone }));
  }

  /** The record of one who is known already, masked. */
  async function only(id: string): Promise<void> {
    hide();
    found.value = null;
    asked.value = { name: '', phone: '' };
    searched.value = false;
    alone.value = true;
    await show(async () => ({ people: [await api.fetchPerson(key.value, id)], more: false }));
  }

  async function start(): Promise<void> {
    try {
      known.value = await api.fetchServices();
      key.value ||= known.value.services[0]?.key ?? '';
    } catch (failure) {
      error.value = failure;
    }
  }

  /** Opens values for a minute; throws what the server says against it. */
  async function reveal(person: Person, reason: Reason, fields: string[]): Promise<void> {
    const { values } = await api.revealPerson(person, reason, fields);
    hide();
    opened.value = { id: person.id, values };
    left.value = SHOWN_S;
    timer = window.setInterval(() => {
      left.value -= 1;
      if (left.value <= 0) hide();
    }, 1000);
  }

  watch([key, ended], () => {
    found.value = null;
    asked.value = { name: '', phone: '' };
    void load();
  });
  onBeforeUnmount(hide);
  return { known, key, service, ended, asked, found, searched, alone, error, opened, left, start, load, more, search, only, reveal, hide, toasts };
}

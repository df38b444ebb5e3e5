import { computed, onMounted, shallowRef, type ComputedRef, type ShallowRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { fetchKinds, type Kind, type RecordField, type RecordKind } from '@/api/register';
import { useToasts } from '@/stores/toasts';

interface Spoken { zh: string; en: string }
export interface Kinds {
  kinds: ShallowRef<RecordKind[]>;
  fieldsOf: ComputedRef<(kind: Kind) => RecordField[]>;
  say: (thing: Spoken) => string;
  /** A value as people read it. */
  shown: (field: RecordField, value: unknown, references?: Record<string, string>) => string;
}

/** The kinds of records with their fields, in the language of the interface. */
export function useKinds(): Kinds {
  const { locale } = useI18n();
  const toasts = useToasts();
  const kinds = shallowRef<RecordKind[]>([]);
  const say = (thing: Spoken): string => (locale.value === 'en' ? thing.en : thing.zh);

  function shown(field: RecordField, value: unknown, references: Record<string, string> = {}): string {
    if (value === null || value === undefined || value === '') return '–';
    if (field.type === 'record' || field.type === 'department') return references[field.name] ?? '…';
    const choice = field.choices.find(({ code }) => code === value);
    return choice ? say(choice) : String(value as string | number);
  }

  onMounted(() => fetchKinds().then((found) => { kinds.value = found; }, toasts.fail));
  return { kinds, say, shown, fieldsOf: computed(() => (kind: Kind) => kinds.value.find(({ name }) => name === kind)?.fields ?? []) };
}

import { defineStore } from 'pinia';
import { ref } from 'vue';
import { ApiError } from '@/api/client';
import { i18n } from '@/i18n';

export interface Toast { id: number; kind: 'info' | 'good' | 'bad'; text: string }

const STAYS = { info: 4000, good: 3000, bad: 8000 };

/** Short messages at the foot of the page. */
export const useToasts = defineStore('toasts', () => {
  const list = ref<Toast[]>([]);
  let counter = 0;

  function show(text: string, kind: Toast['kind'] = 'info'): void {
    counter += 1;
    const id = counter;
    list.value = [...list.value.slice(-2), { id, kind, text }];
    setTimeout(() => dismiss(id), STAYS[kind]);
  }

  function dismiss(id: number): void {
    list.value = list.value.filter((toast) => toast.id !== id);
  }

  /** Says what went wrong and what to do, in the server's words where it has some. */
  function fail(error: unknown): void {
    show(errorText(error), 'bad');
  }

  return { list, show, dismiss, fail };
});

/** What went wrong, in words for a person. */
export function errorText(error: unknown): string {
  const { t } = i18n.global;
  if (!(error instanceof ApiError)) return t('common.errorTitle');
  if (error.status === 0) return `${t('common.offlineTitle')} · ${t('common.offlineHint')}`;
  if (error.status >= 500) return `${t('common.serverTitle')} · ${t('common.serverHint')}`;
  return error.message;
}

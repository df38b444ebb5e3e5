import { computed, type ComputedRef } from 'vue';
import { useI18n } from 'vue-i18n';
import type { Card } from '@/api/types';
import { agoWords, clockTime, dayOf, durationWords, fullDay, fullTime, limitParts, shortTime } from '@/model/time';
import { useNow } from './useNow';

export interface Words {
  duration(minutes: number, working: boolean): string;
  ago(iso: string): string;
  full(iso: string): string;
  day(iso: string): string;
  short(iso: string): string;
  limit(limit: string): string;
  /** When a card is due, as one says it: "今天 16:30". */
  due(card: Pick<Card, 'due_at'>): string;
  now: ComputedRef<number>;
}

/** Times in the words of the interface; they follow the clock and the language. */
export function useWords(): Words {
  const { t, locale } = useI18n();
  const now = useNow();

  function duration(minutes: number, working: boolean): string {
    const { key, values } = durationWords(minutes, working);
    return t(`incident.clock.${key}`, values);
  }

  function ago(iso: string): string {
    const { key, n } = agoWords(Date.parse(iso), now.value);
    return key === 'days' && n > 6 ? shortTime(iso, now.value) : t(`incident.ago.${key}`, { n });
  }

  function limit(text: string): string {
    const parts = limitParts(text);
    if (!parts) return text;
    return t(`incident.limit.${parts.unit}${parts.continuous ? 'Continuous' : ''}`, { n: parts.amount }, parts.amount);
  }

  function due({ due_at }: Pick<Card, 'due_at'>): string {
    if (!due_at) return t('incident.clock.none');
    const ahead = Math.round((Date.parse(dayOf(Date.parse(due_at))) - Date.parse(dayOf(now.value))) / 86_400_000);
    const name = { '-1': 'yesterday', 0: 'today', 1: 'tomorrow' }[String(ahead) as '0'];
    return name ? t(`incident.day.${name}`, { time: clockTime(due_at) }) : shortTime(due_at, now.value);
  }

  return {
    duration, ago, limit, due,
    full: (iso) => fullTime(iso, locale.value),
    day: (iso) => fullDay(iso, locale.value),
    short: (iso) => shortTime(iso, now.value),
    now: computed(() => now.value),
  };
}

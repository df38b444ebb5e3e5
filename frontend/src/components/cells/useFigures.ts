/** How figures of plans and cells are written. */
import { useI18n } from 'vue-i18n';
import type { Plan } from '@/api/plans';

export type Summary = NonNullable<Plan['summary']>;
export const percent = (share: number): string => `${Math.round(share * 100)}%`;
export const signed = (share: number): string => `${share > 0 ? '+' : share < 0 ? '−' : ''}${Math.abs(Math.round(share * 100))}%`;
export const metres = (value: number): string => `${Math.round(value)} m`;

export function useFigures(): { rows: { key: string; of: (one: Summary) => string; ofBlocks?: boolean }[]; stateText: (plan: Plan) => string } {
  const { t } = useI18n();
  const rows = [
    { key: 'cells', of: (one: Summary) => String(one.cells) },
    { key: 'households', of: (one: Summary) => `${one.least}–${one.most}` },
    { key: 'in_range', of: (one: Summary) => `${one.in_range} / ${one.usual}` },
    { key: 'deviation', of: (one: Summary) => percent(one.deviation) },
    { key: 'compactness', of: (one: Summary) => one.compactness.toFixed(2) },
    { key: 'on_lines', of: (one: Summary) => percent(one.on_lines), ofBlocks: true },
    { key: 'crossed', of: (one: Summary) => metres(one.crossed), ofBlocks: true },
    { key: 'walk', of: (one: Summary) => metres(one.walk), ofBlocks: true },
    { key: 'most_incidents', of: (one: Summary) => String(one.most_incidents) },
  ];
  const stateText = (plan: Plan): string => {
    const parts = [t(`plan.states.${plan.state}`)];
    if (plan.valid_from) parts.push(plan.valid_from);
    if (!plan.publishable) parts.push(t('plan.statisticsOnly'));
    if (plan.guessed) parts.push(t('plan.guessed'));
    if (plan.fault && plan.state === 'draft') parts.push(t('plan.notInForce'));
    return parts.join(' · ');
  };
  return { rows, stateText };
}

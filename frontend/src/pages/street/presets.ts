import type { IncidentFilter } from '@/api/endpoints';
import type { Summary } from '@/api/types';

export type Preset = 'open' | 'new' | 'due' | 'overdue' | 'verify';

/** Each figure of the strip with the filter that shows exactly what it counts. */
export const PRESETS: readonly { name: Preset; figure: keyof Summary; filter: IncidentFilter }[] = [
  { name: 'open', figure: 'open', filter: { open: true } },
  { name: 'new', figure: 'new', filter: { state: ['reported'] } },
  { name: 'due', figure: 'due_hour', filter: { due_within: 60 } },
  { name: 'overdue', figure: 'overdue', filter: { overdue: true } },
  { name: 'verify', figure: 'to_verify', filter: { state: ['verifying', 'to_verify'] } },
];

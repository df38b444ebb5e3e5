/** A saved filter in the terms of this page: a figure of the strip with its narrowing, or a basis of its own. */
import type { IncidentFilter } from '@/api/endpoints';
import { bare, same } from '@/stores/filters';
import type { Narrowing } from './FilterBar.vue';
import { PRESETS, type Preset } from './presets';

export interface Shown { preset: Preset | null; basis: IncidentFilter; narrowing: Narrowing }

/** The parts of a filter; `preset` is null where no figure of the strip shows its basis. */
export function parts(filter: IncidentFilter): Shown {
  const { q = '', class_key = '', area = '', urgent = false, ...rest } = filter;
  const basis = bare(rest);
  return { preset: PRESETS.find((one) => same(one.filter, basis))?.name ?? null, basis, narrowing: { q, class_key, area, urgent } };
}

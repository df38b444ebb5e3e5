import type { IncidentClass } from '@/api/types';
import type { RuleDraft } from '@/api/routing';

export type Kind = 'all' | 'major' | 'one' | 'territory';

/** For which classes a rule is, as the form asks it. */
export function kindOf(rule: RuleDraft | null): Kind {
  if (!rule) return 'one';
  if (rule.territory) return 'territory';
  if (rule.class_key) return 'one';
  return rule.major ? 'major' : 'all';
}

export interface Major { value: string; domain: 'event' | 'object'; name: string }

/** The major classes of the catalogue, events first, each once. */
export function majorsOf(classes: readonly IncidentClass[]): Major[] {
  const found = new Map(classes.map(({ domain, major }) => [`${domain}/${major}`, { value: `${domain}/${major}`, domain, name: major }]));
  return [...found.values()].sort((a, b) => a.domain.localeCompare(b.domain) || a.name.localeCompare(b.name, 'zh'));
}

/** Both ends of the day's hours, null for none; undefined while only one is given or they are the same moment. */
export function hoursOf(start: number | '', end: number | ''): [number, number] | null | undefined {
  if (start === '' && end === '') return null;
  if (start === '' || end === '' || start === end) return undefined;
  return [start, end];
}

/** The pairs that are filled in. */
export function answersOf(pairs: readonly { key: string; value: string }[]): Record<string, string> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key.trim(), value.trim()]).filter(([key, value]) => key && value));
}

/** Kinds of events in words: those of cases as a timeline has them, others by their own. */
import { useI18n } from 'vue-i18n';

// What was asked without admission stands with the demands.
const domainOf = (kind: string): string => kind.split('.')[0]!.replace('unadmitted', 'gate');

export interface KindGroup { domain: string; title: string; kinds: string[] }

export function useKinds(): { word: (kind: string) => string; groups: (kinds: readonly string[]) => KindGroup[] } {
  const { t, te } = useI18n();

  function word(kind: string): string {
    const key = [`hooks.kind.${kind}`, kind.replace(/^incident\./, 'incident.doing.')].find((one) => te(one, 'zh'));
    return key ? t(key) : kind;
  }

  function groups(kinds: readonly string[]): KindGroup[] {
    const first = (domain: string): number => (domain === 'incident' ? 0 : 1);
    return [...new Set(kinds.map(domainOf))]
      .sort((a, b) => first(a) - first(b))
      .map((domain) => ({ domain, title: t(`hooks.domain.${domain}`), kinds: kinds.filter((kind) => domainOf(kind) === domain) }));
  }

  return { word, groups };
}

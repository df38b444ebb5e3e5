/** Routing rules: what the server says of a case, versions of a district's rules, and changes of a draft. */
import { request, type RequestOptions } from './client';
import type { components } from './schema';
import { uuid7 } from './uuid7';

type Schemas = components['schemas'];
export type CaseRouting = Schemas['CaseRouting'];
export type Both = Schemas['Both'];
export type RoutingOverview = Schemas['RoutingOverview'];
export type RuleSet = Schemas['RuleSetOut'];
export type RuleSetHead = Schemas['RuleSetHead'];
export type RoutingRule = Schemas['RuleOut'];
export type Check = Schemas['RulesCheckOut'];
export type Gap = Schemas['GapOut'];
export type Trial = Schemas['RulesTrialOut'];
/** A rule as a form gives it; the server adds names and what is wrong with it. */
export type RuleDraft = Pick<RoutingRule, 'area' | 'department' | 'class_key' | 'major' | 'months' | 'answers' | 'territory'> & { hours: [number, number] | null };
type Changed = Schemas['RuleSetChanged'];

export const fetchCaseRouting = (id: string, options: Pick<RequestOptions, 'signal'> = {}): Promise<CaseRouting> =>
  request('GET', `/api/incidents/${id}/routing`, options);
export const fetchRoutingOverview = (): Promise<RoutingOverview> => request('GET', '/api/routing/sets');
export const fetchRuleSet = (id: string): Promise<RuleSet> => request('GET', `/api/routing/sets/${id}`);
/** Tries a version on the last month's cases; may take some seconds. */
export const tryRuleSet = (id: string): Promise<Trial> => request('GET', `/api/routing/sets/${id}/trial`, { timeout: 60_000 });

export const startDraft = (area: string): Promise<Changed> =>
  request('POST', '/api/routing/sets', { json: { mutation_id: uuid7(), area } });
export const replaceRules = (set: RuleSetHead, rules: readonly RuleDraft[]): Promise<Changed> =>
  change(set, 'rules', { rules });
export const putInForce = (set: RuleSetHead, reason: string): Promise<Changed> => change(set, 'in-force', { reason });
export const discardDraft = (set: RuleSetHead): Promise<Changed> => change(set, 'discard', {});

function change(set: RuleSetHead, what: string, body: object): Promise<Changed> {
  return request('POST', `/api/routing/sets/${set.id}/${what}`, { json: { mutation_id: uuid7(), version: set.version, ...body } });
}

/** A rule as it is sent back. */
export function asDraft(rule: RoutingRule): RuleDraft {
  const { area, department, class_key, major, months, answers, territory } = rule;
  const hours = rule.hours ? [rule.hours[0]!, rule.hours[1]!] as [number, number] : null;
  return { area, department, class_key, major, months, answers, territory, hours };
}

/** Plans of cells: proposals for a community, changed by hand, published with a date. */
import { request } from './client';
import type { components } from './schema';
import { uuid7 } from './uuid7';
import type { GivenCell } from '@/model/given';

type Schemas = components['schemas'];
export type Plan = Schemas['PlanOut'];
export type Ground = Schemas['PlanGround'];
export type Comparison = Schemas['PlanComparison'];
export type Method = Plan['wish']['method'];
export interface Wish { area: string; name: string; method: Method; target: number; tolerance: number; seed: number; start: 'anew' | 'little' | 'as_is'; base: string | null; estimate: boolean; given: GivenCell[] }
/** What is changed by hand. */
export interface Drawn { cells: number[]; locked: number[]; dedicated: number[]; names: Record<string, string>; name: string }

const at = (id: string, what = ''): string => `/api/cells/plans/${id}${what}`;
export const fetchPlans = (area: string): Promise<Plan[]> => request('GET', '/api/cells/plans', { query: { area } });
export const fetchPlan = (id: string): Promise<Plan> => request('GET', at(id));
export const fetchGround = (id: string): Promise<Ground> => request('GET', at(id, '/ground'));
export const fetchComparison = (id: string): Promise<Comparison> => request('GET', at(id, '/comparison'));
/** `id` is made once per wish, so that sending it again proposes nothing twice. */
export const propose = (id: string, wish: Wish): Promise<unknown> => request('POST', '/api/cells/plans', { json: { id, ...wish } });
export const savePlan = (plan: Pick<Plan, 'id' | 'version'>, drawn: Drawn): Promise<{ version: number }> =>
  request('PUT', at(plan.id), { json: { mutation_id: uuid7(), version: plan.version, ...drawn } });
const step = (plan: Plan, what: string, more: object = {}): Promise<unknown> =>
  request('POST', at(plan.id, `/${what}`), { json: { mutation_id: uuid7(), version: plan.version, ...more } });
export const publishPlan = (plan: Plan, valid_from: string): Promise<unknown> => step(plan, 'publish', { valid_from });
export const recallPlan = (plan: Plan): Promise<unknown> => step(plan, 'recall');
export const discardPlan = (plan: Plan): Promise<unknown> => step(plan, 'discard');

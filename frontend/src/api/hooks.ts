/** Webhooks: addresses of other systems that are told of events. */
import { request } from './client';
import type { components } from './schema';
import { uuid7 } from './uuid7';

type Schemas = components['schemas'];
export type Hook = Schemas['HookOut'];
export type HookDetail = Schemas['HookDetail'];
export type Hooks = Schemas['HooksOut'];
type Secret = Schemas['HookSecret'];
export type Attempt = Schemas['AttemptOut'];
export interface HookForm { name: string; url: string; area: string; kinds: string[] }

export const fetchHooks = (): Promise<Hooks> => request('GET', '/api/hooks');
export const fetchHook = (id: string): Promise<HookDetail> => request('GET', `/api/hooks/${id}`);
/** `id` is made once per form, so that sending it again adds no second webhook. */
export const addHook = (id: string, form: HookForm): Promise<Secret> => request('POST', '/api/hooks', { json: { id, ...form } });
/** A new secret; the answer is the only one that holds it. */
export const renewSecret = ({ id, version }: Hook): Promise<Secret> => request('POST', `/api/hooks/${id}/secret`, { json: { mutation_id: uuid7(), version } });
export const changeHook = (hook: Hook, changes: Partial<Pick<Hook, 'name' | 'url' | 'kinds' | 'active'>>): Promise<unknown> => {
  const { name, url, kinds, active, version } = { ...hook, ...changes };
  return request('PUT', `/api/hooks/${hook.id}`, { json: { mutation_id: uuid7(), version, name, url, kinds, active } });
};
export const removeHook = (id: string): Promise<unknown> => request('DELETE', `/api/hooks/${id}`);
/** Has a test sent, or one of the last messages once more. */
export const askHook = (id: string, attempt: number | null): Promise<unknown> =>
  request('POST', `/api/hooks/${id}/ask`, { json: { mutation_id: uuid7(), attempt } });

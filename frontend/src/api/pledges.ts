/** Needs of communities and offers of organisations (双向认领). */
import { request } from './client';
import type { components } from './schema';
import { uuid7 } from './uuid7';

export type Pledge = components['schemas']['PledgeOut'];
export type PledgeForm = Pick<Pledge, 'kind' | 'text' | 'area'> & { by: string | null };

export const fetchPledges = (area: string): Promise<Pledge[]> => request('GET', '/api/pledges', { query: { area } });
/** `id` is made once per form, so that sending it again adds nothing. */
export const addPledge = (id: string, form: PledgeForm): Promise<unknown> => request('POST', '/api/pledges', { json: { mutation_id: id, id, ...form } });
export const takePledge = ({ id, version }: Pledge, by: string | null): Promise<unknown> =>
  request('POST', `/api/pledges/${id}/take`, { json: { mutation_id: uuid7(), version, by } });
export const finishPledge = ({ id, version }: Pledge): Promise<unknown> =>
  request('POST', `/api/pledges/${id}/finish`, { json: { mutation_id: uuid7(), version } });

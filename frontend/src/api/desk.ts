/** What a desk keeps beside the cases: saved filters, standard texts, who looks, one step for several cases. */
import { request } from './client';
import type { IncidentFilter } from './endpoints';
import type { components } from './schema';

type Schemas = components['schemas'];

export type SavedFilter = Omit<Schemas['FilterOut'], 'filter' | 'replayed'> & { filter: IncidentFilter };
export type StandardText = Schemas['TextOut'];
export type BulkAction = Schemas['BulkIn']['action'];
export type BulkResult = Schemas['BulkResult'];
export type BulkBody = Pick<Schemas['BulkIn'], 'action' | 'cases'> & { reason?: string; department?: number };

export const fetchFilters = (): Promise<SavedFilter[]> => request('GET', '/api/filters');
/** Keeps a filter under an id made by us; safe to repeat. */
export const saveFilter = (id: string, name: string, filter: IncidentFilter): Promise<SavedFilter> =>
  request('POST', '/api/filters', { json: { id, name, filter } });
export const renameFilter = (id: string, name: string): Promise<SavedFilter> =>
  request('PATCH', `/api/filters/${id}`, { json: { name } });
export const deleteFilter = (id: string): Promise<null> => request('DELETE', `/api/filters/${id}`);
export const orderFilters = (ids: readonly string[]): Promise<null> =>
  request('PUT', '/api/filters/order', { json: { ids } });

/** The standard texts for an action on a case, filled with what it says now. */
export const fetchTexts = (incident: string, action: string, department?: number): Promise<StandardText[]> =>
  request('GET', `/api/incidents/${incident}/texts`, { query: { action, department } });

/** Says that this person has the case open; answers who else has. A 401 here is no reason to ask for a new sign-in. */
export const look = (incident: string): Promise<{ others: string[] }> =>
  request('PUT', `/api/incidents/${incident}/presence`, { unauthorized: 'throw' });
export const lookAway = (incident: string): Promise<null> =>
  request('DELETE', `/api/incidents/${incident}/presence`, { unauthorized: 'throw' });

/** Takes one step on several cases, each by itself; safe to repeat with the same mutation ids. */
export const actOnSeveral = (body: BulkBody): Promise<{ results: BulkResult[] }> =>
  request('POST', '/api/incidents/bulk', { json: body, timeout: 120_000 });

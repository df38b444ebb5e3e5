/** The register of demands on communities: what is asked, decisions, answers to forms, what was asked without it. */
import { requestBlob, request, type RequestOptions } from './client';
import type { components } from './schema';
import { uuid7 } from './uuid7';

type Schemas = components['schemas'];
export type Register = Schemas['RegisterOut'];
export type Demand = Schemas['DemandOut'];
export type DemandDetail = Schemas['DemandDetail'];
export type DemandKind = Demand['kind'];
export type DemandStep = Demand['may'][number];
export type FormField = Schemas['FormField'];
export type Form = Schemas['FormOut'];
export type FormRow = Schemas['FormRow'];
export type KnownFields = Schemas['KnownFields'];
export type Unadmitted = Schemas['UnadmittedOut'];
export type FieldDraft = Schemas['FormFieldIn'];
export type Proposal = Schemas['DemandIn'];
export type UnadmittedBody = Schemas['UnadmittedIn'];
export type Tab = 'in_force' | 'proposed' | 'refused' | 'expired';
type Changed = Schemas['DemandChanged'];
type Options = Pick<RequestOptions, 'signal'>;

export const fetchRegister = (query: { tab: Tab; q?: string; offset?: number }, options: Options = {}): Promise<Register> =>
  request('GET', '/api/gate/demands', { query, ...options });
export const fetchDemand = (id: string): Promise<DemandDetail> => request('GET', `/api/gate/demands/${id}`);
export const fetchKnownFields = (): Promise<KnownFields> => request('GET', '/api/gate/fields');
export const fetchForm = (id: string, area: string, period: string): Promise<Form> =>
  request('GET', `/api/gate/demands/${id}/form`, { query: { area, period } });
export const fetchUnadmitted = (options: Options = {}): Promise<Unadmitted[]> => request('GET', '/api/gate/unadmitted', options);

export const propose = (body: Proposal): Promise<Changed> => request('POST', '/api/gate/demands', { json: body });
export const decide = (demand: Demand, outcome: 'approve' | 'refuse' | 'end', reason: string): Promise<Changed> =>
  request('POST', `/api/gate/demands/${demand.id}/decision`, { json: { mutation_id: uuid7(), version: demand.version, outcome, reason } });
export const withdraw = (demand: Demand, reason: string): Promise<Changed> =>
  request('POST', `/api/gate/demands/${demand.id}/withdrawal`, { json: { mutation_id: uuid7(), version: demand.version, reason } });
export const answerForm = (form: Form, values: Record<string, string | number | null>): Promise<Changed> =>
  request('POST', `/api/gate/demands/${form.demand}/answers`, {
    json: { mutation_id: uuid7(), area: form.area, period: form.period, version: form.version, values },
  });
export const recordUnadmitted = (body: UnadmittedBody): Promise<unknown> => request('POST', '/api/gate/unadmitted', { json: body });
/** The answers of a form as CSV; the server keeps who took them and what for. */
export const exportAnswers = (id: string, reason: string): Promise<Blob> =>
  requestBlob('POST', `/api/gate/demands/${id}/export`, { json: { reason }, timeout: 120_000 });

/** Forms: what departments ask, answered by the register. */
import { download, request } from './client';
import type { components } from './schema';
import { uuid7 } from './uuid7';

type Schemas = components['schemas'];
export type FormQuestion = Required<Schemas['FormIO']>;
export type FormFilter = Required<Schemas['FilterIO']>;
export type KeptForm = Schemas['KeptForm'];
export type FilterPart = Schemas['FilterPart'];
export type KindParts = Schemas['KindParts'];
export type FormsAnswer = Schemas['FormsOut'];
export type FormTable = Schemas['FormTable'];
export interface FormWish { area: string; name: string; day: number | null; form: FormQuestion }

export const fetchForms = (): Promise<FormsAnswer> => request('GET', '/api/forms');
export const askForm = (area: string, form: FormQuestion): Promise<FormTable> => request('POST', '/api/forms/ask', { json: { area, form } });
export const exportForm = (area: string, form: FormQuestion, format: 'csv' | 'xlsx'): ReturnType<typeof download> => download('/api/forms/export', { area, form, format });
/** `id` is made once per form, so that sending it again keeps no second one. */
export const keepForm = (id: string, wish: FormWish): Promise<Schemas['FormDone']> => request('POST', '/api/forms', { json: { id, ...wish } });
export const changeForm = (kept: KeptForm, wish: FormWish): Promise<Schemas['FormDone']> =>
  request('PUT', `/api/forms/${kept.id}`, { json: { mutation_id: uuid7(), version: kept.version, ...wish } });
export const dropForm = (id: string): Promise<null> => request('DELETE', `/api/forms/${id}`);
export const exportResult = (form: string, result: number, format: 'csv' | 'xlsx'): ReturnType<typeof download> => download(`/api/forms/${form}/results/${result}/export`, { format });
export const fetchResult = (form: string, result: number): Promise<FormTable> => request('GET', `/api/forms/${form}/results/${result}`);

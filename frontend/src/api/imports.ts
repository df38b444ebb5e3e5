/** Imports: files of records on their way into the register. */
import { request, requestBlob } from './client';
import type { components } from './schema';
import { uuid7 } from './uuid7';
import { packed } from './packed';

type Schemas = components['schemas'];
export type ImportRun = Schemas['RunOut'];
export type ImportDetail = Schemas['RunDetail'];
export type Imports = Schemas['RunsOut'];
export type Target = Schemas['TargetOut'];
export type RecordName = ImportRun['record'];
export type ImportStep = 'check' | 'start' | 'stop' | 'undo';
export interface Mapping { columns: Record<string, string>; fixed: Record<string, string>; reference: string; swapped: boolean; make_places: boolean }

export const fetchImports = (): Promise<Imports> => request('GET', '/api/imports');
export const fetchImport = (id: string): Promise<ImportDetail> => request('GET', `/api/imports/${id}`);

/** `id` is made once per form, so that sending it again uploads nothing twice. */
export async function uploadImport(id: string, area: string, record: RecordName, chosen: File): Promise<Schemas['RunDone']> {
  const file = await packed(chosen);
  const form = new FormData();
  form.set('id', id);
  form.set('area', area);
  form.set('record', record);
  form.set('file', file, file.name);
  return request('POST', '/api/imports', { form, timeout: 300_000 });
}

export const stepImport = (run: Pick<ImportRun, 'id' | 'version'>, step: ImportStep, mapping?: Mapping): Promise<Schemas['RunDone']> =>
  request('POST', `/api/imports/${run.id}/${step}`, { json: { mutation_id: uuid7(), version: run.version, mapping: mapping ?? null } });

/** All refused rows as CSV. */
export const fetchRefusals = (id: string): Promise<Blob> => requestBlob('GET', `/api/imports/${id}/refusals`);

/** The register of a cell: places, households, public objects, organisations. */
import { request, type RequestOptions } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];
export type RecordKind = Schemas['RecordKind'];
export type RecordField = Schemas['RecordField'];
export type RecordRow = Schemas['RecordOut'];
export type RecordDetail = Schemas['RecordDetail'];
export type RecordEntry = Schemas['RecordEntry'];
export type RecordProposal = Schemas['RecordProposal'];
export type OwnProposal = Schemas['OwnProposal'];
export type CellPage = Schemas['CellPageOut'];
export type Kind = RecordRow['record'];
export type Values = Record<string, string | number | null>;
export interface Found { records: RecordRow[]; next: string | null }
export interface Wanted { area?: string; q?: string; parent?: string; due?: boolean; after?: string }
export interface ChangeBody { mutation_id: string; version: number; values: Values; lon?: number; lat?: number }
/** `seen_at` is when somebody looked, if she had no connection then. */
export interface SeenBody { mutation_id: string; version: number; seen_at?: string }
export interface NewBody { id: string; values: Values; lon?: number; lat?: number }

const one = (kind: Kind, id: string): string => `/api/register/${kind}/${id}`;
let kinds: Promise<RecordKind[]> | null = null;

/** The kinds with their fields, asked for once a page. */
export function fetchKinds(): Promise<RecordKind[]> {
  kinds ??= request<RecordKind[]>('GET', '/api/register/kinds').catch((error: unknown) => { kinds = null; throw error; });
  return kinds;
}
export const findRecords = (kind: Kind, wanted: Wanted, signal?: AbortSignal): Promise<Found> =>
  request('GET', `/api/register/${kind}`, { query: { ...wanted }, signal });
export const fetchRecord = (kind: Kind, id: string): Promise<RecordDetail> => request('GET', one(kind, id));
export const fetchHistory = (kind: Kind, id: string): Promise<RecordEntry[]> => request('GET', `${one(kind, id)}/history`);
export const addRecord = (kind: Kind, body: NewBody): Promise<unknown> => request('POST', `/api/register/${kind}`, { json: body });
export const verifyRecord = (kind: Kind, id: string, body: SeenBody, options: RequestOptions = {}): Promise<unknown> =>
  request('POST', `${one(kind, id)}/verify`, { ...options, json: body });
export const changeRecord = (kind: Kind, id: string, body: ChangeBody, options: RequestOptions = {}): Promise<unknown> =>
  request('PATCH', one(kind, id), { ...options, json: body });
export const endRecord = (kind: Kind, id: string, body: { mutation_id: string; version: number }): Promise<unknown> =>
  request('POST', `${one(kind, id)}/end`, { json: body });
export const proposeRecord = (kind: Kind, id: string, body: { id: string; values: Values }): Promise<unknown> =>
  request('POST', `${one(kind, id)}/propose`, { json: body });
export const fetchProposals = (): Promise<RecordProposal[]> => request('GET', '/api/register/proposals');
export const fetchOwnProposals = (): Promise<OwnProposal[]> => request('GET', '/api/register/proposals/own');
/** `version` is that of the record as it stood beside the proposal. */
export const decideProposal = (id: string, body: { mutation_id: string; version: number; accept: boolean; reason: string }): Promise<unknown> =>
  request('POST', `/api/register/proposals/${id}`, { json: body });
export const fetchCellPage = (code: string): Promise<CellPage> => request('GET', `/api/areas/${code}/page`);

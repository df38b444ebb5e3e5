import type { FeatureCollection } from 'geojson';
import { download, request, type RequestOptions } from './client';
import type {
  ActionBody, Area, Basemap, Card, Catalogue, Deadlines, Department, Detail, Domain, DraftBody, DryRun, EarlierMatter, EventsAnswer, Flaw,
  IncidentPage,
  DutyState, IncidentState, Located, MatterBody, MatterKind, Me, Near, PhotoAdded, PhotoKind, Procedure, Registered, ReportBody, Stage,
  StaffBooking, Summary,
  Verdict, WorkerPosition,
  Brief, ExportBody, Repeat, Statistics,
} from './types';

/** The filters that the list, the tiles and the figures share. */
export interface IncidentFilter {
  state?: readonly IncidentState[];
  /** Neither closed nor declined. */
  open?: boolean;
  mine?: 'reported' | 'todo' | 'asked';
  domain?: Domain;
  class_key?: string;
  department?: number;
  area?: string;
  q?: string;
  overdue?: boolean;
  urgent?: boolean;
  due_within?: number;
}

export interface IncidentQuery extends IncidentFilter {
  order?: 'due' | 'new';
  cursor?: string;
  limit?: number;
}

type Options = Pick<RequestOptions, 'signal' | 'unauthorized'>;

export const fetchMe = (options: Options = {}): Promise<Me> =>
  request('GET', '/api/me', { unauthorized: 'throw', ...options });
export const login = (username: string, password: string): Promise<Me> =>
  request('POST', '/api/login', { json: { username, password }, unauthorized: 'throw' });
export const logout = (): Promise<null> => request('POST', '/api/logout', { unauthorized: 'throw' });
export const setLanguage = (language: 'zh' | 'en'): Promise<Me> =>
  request('PATCH', '/api/me', { json: { language } });

export const fetchAreas = (level?: number): Promise<Area[]> => request('GET', '/api/areas', { query: { level } });
export const fetchAreaShapes = (level: number): Promise<FeatureCollection> =>
  request('GET', '/api/areas.geojson', { query: { level } });
/** The cell, community and street at a point in degrees; ApiError 404 'point_outside' beyond every area. */
export const locate = (lon: number, lat: number, options: Options = {}): Promise<Located> =>
  request('GET', '/api/locate', { query: { lon, lat }, ...options });
export const fetchDepartments = (): Promise<Department[]> => request('GET', '/api/departments');
export const fetchBasemap = (): Promise<Basemap> => request('GET', '/api/basemap');

/** Events after the cursors ("stream:epoch:seq" each); the live client's way to catch up. */
export function fetchEvents(since: string[], options: Options = {}): Promise<EventsAnswer> {
  const query = new URLSearchParams(since.map((cursor) => ['since', cursor]));
  return request('GET', `/api/events?${query}`, options);
}

export const fetchCatalogue = (): Promise<Catalogue> => request('GET', '/api/catalogue');
export const listIncidents = (query: IncidentQuery, options: Options = {}): Promise<IncidentPage> =>
  request('GET', '/api/incidents', { query: { ...query }, ...options });
/** Open cases of a class close to a place in degrees, nearest first: was it reported already? */
export const fetchNearby = (query: { lon: number; lat: number; class_key: string }, options: Options = {}): Promise<Near[]> =>
  request('GET', '/api/incidents/nearby', { query, ...options });
export const fetchSummary = (): Promise<Summary> => request('GET', '/api/incidents/summary');
export const fetchIncident = (id: string, options: Options = {}): Promise<Detail> =>
  request('GET', `/api/incidents/${id}`, options);

/** Why a case is due when it is, for each of its deadlines. */
export const fetchDeadlines = (id: string, options: Options = {}): Promise<Deadlines> =>
  request('GET', `/api/incidents/${id}/deadline`, options);

/** Sends a report; safe to repeat with the same id. */
export const reportIncident = (body: ReportBody, options: Options = {}): Promise<Card & { replayed?: boolean }> =>
  request('POST', '/api/incidents', { json: body, ...options });
/** Takes one step of the workflow; safe to repeat with the same mutation_id, 409 'stale' if the version is old. */
export const actOnIncident = (id: string, action: string, body: ActionBody, options: Options = {}): Promise<Card> =>
  request('POST', `/api/incidents/${id}/${action}`, { json: body, ...options });

export const fetchMatterKinds = (): Promise<MatterKind[]> => request('GET', '/api/matters/kinds');
/** The bookings of a day (yyyy-mm-dd), the earliest first. */
export const fetchBookings = (day: string): Promise<StaffBooking[]> => request('GET', '/api/bookings', { query: { day } });
/** Registers a matter; safe to repeat with the same id. */
export const registerMatter = (body: MatterBody): Promise<Registered> => request('POST', '/api/matters', { json: body });
/** The matter of this number and those before it, as far as they may be seen; empty where there is none. */
export const fetchEarlier = (number: string, area: string): Promise<EarlierMatter[]> =>
  request('GET', '/api/matters/earlier', { query: { number, area } });
export const fetchProcedures = (): Promise<Procedure[]> => request('GET', '/api/procedures');
/** Gives a class a procedure of its own in an area, with an empty draft; safe to repeat. */
export const beginProcedure = (body: { mutation_id: string; class_key: string; area: string }): Promise<{ procedure: number }> =>
  request('POST', '/api/procedures', { json: body });
/** What would keep these stages from being put in force. */
export const checkStages = (area: string, stages: Stage[]): Promise<{ flaws: Flaw[] }> =>
  request('POST', '/api/procedures/check', { json: { area, stages } });
export const saveDraft = (id: number, body: DraftBody): Promise<unknown> =>
  request('PUT', `/api/procedures/${id}/draft`, { json: body });
export const putInForce = (id: number, body: { mutation_id: string; valid_from: string }): Promise<unknown> =>
  request('POST', `/api/procedures/${id}/force`, { json: body });
export const tryProcedure = (id: number, version: number): Promise<DryRun> =>
  request('GET', `/api/procedures/${id}/trial`, { query: { version } });

/** What the signature of a PDF is worth. */
export function checkArchive(file: Blob): Promise<Verdict> {
  const form = new FormData();
  form.set('file', file, 'archive.pdf');
  return request('POST', '/api/archives/check', { form, timeout: 120_000, unauthorized: 'throw' });
}

/** Uploads one photo under an id made by us; safe to repeat. */
export function uploadPhoto(
  incident: string, photo: { id: string; kind: PhotoKind; blob: Blob; report?: string }, options: Options = {},
): Promise<PhotoAdded> {
  const form = new FormData();
  form.set('id', photo.id);
  form.set('kind', photo.kind);
  if (photo.report) form.set('report', photo.report);
  form.set('file', photo.blob, `${photo.id}.jpg`);
  return request('POST', `/api/incidents/${incident}/photos`, { form, timeout: 120_000, ...options });
}

export const setDuty = (on: boolean): Promise<DutyState> =>
  request('POST', '/api/duty', { json: { on } });
export const fetchDuty = (): Promise<WorkerPosition[]> => request('GET', '/api/duty');
export const sendPosition = (fix: { lon: number; lat: number; accuracy_m: number; at: string }): Promise<null> =>
  request('POST', '/api/position', { json: fix });

/** The days (yyyy-mm-dd, both included) and the area that are counted; an empty area is all that one serves. */
export interface Period { first: string; last: string; area: string }

export const fetchStatistics = (period: Period, options: Options = {}): Promise<Statistics> =>
  request('GET', '/api/statistics', { query: { ...period }, ...options });
/** Squares of the map with their number of cases. */
export const fetchHeat = (period: Period, options: Options = {}): Promise<FeatureCollection> =>
  request('GET', '/api/statistics/heat.geojson', { query: { ...period }, ...options });
/** Where and of what class trouble came back, most often first. */
export const fetchRepeats = (period: Period, options: Options = {}): Promise<Repeat[]> =>
  request('GET', '/api/statistics/repeats', { query: { ...period }, ...options });
export const fetchBrief = (day: string, span: 'day' | 'week', area: string, options: Options = {}): Promise<Brief> =>
  request('GET', '/api/brief', { query: { day, span, area }, ...options });
/** A table as a file; the server logs what was taken and what for. */
export const exportTable = (body: ExportBody): Promise<{ blob: Blob; name: string }> => download('/api/exports', body);

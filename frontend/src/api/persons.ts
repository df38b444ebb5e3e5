/** People by service, and who looked at them. Names and numbers travel in bodies alone, never in an address. */
import { request } from './client';
import type { components } from './schema';
import { uuid7 } from './uuid7';

type Schemas = components['schemas'];
export type Service = Schemas['ServiceOut'];
export type ServiceField = Schemas['FieldOut'];
export type Services = Schemas['ServicesOut'];
export type Person = Schemas['PersonOut'];
export type People = Schemas['PersonsOut'];
export type PersonIn = Schemas['PersonIn'];
export type Agreed = Schemas['AgreedIn'];
export type Reason = Schemas['ReasonIn'];
export type Look = Schemas['LookOut'];
export type Chain = Schemas['ChainOut'];
export type Many = Schemas['ManyOut'];
export type Values = Schemas['RevealedOut']['values'];
export type Copy = Schemas['CopyOut'];
export type PlaceFound = Pick<Schemas['RecordOut'], 'id' | 'title'>;
type Done = Schemas['PersonDone'];
type Seen = Pick<Person, 'id' | 'service' | 'version'>;

const at = (person: Seen, step = ''): string => `/api/persons/${person.service}/${person.id}${step}`;
const once = (person: Seen): { mutation_id: string; version: number } => ({ mutation_id: uuid7(), version: person.version });

export const fetchServices = (): Promise<Services> => request('GET', '/api/services');
export const fetchPeople = (service: string, query: { ended: boolean; after: string | null }): Promise<People> => request('GET', `/api/persons/${service}`, { query });
export const fetchPerson = (service: string, id: string): Promise<Person> => request('GET', `/api/persons/${service}/${id}`);
export const searchPeople = (service: string, asked: { name: string; phone: string }): Promise<People> => request('POST', `/api/persons/${service}/search`, { json: asked });
export const registerPerson = (service: string, form: PersonIn): Promise<Done> => request('POST', `/api/persons/${service}`, { json: form });
export const changePerson = (person: Seen, values: Record<string, unknown>): Promise<Done> => request('PUT', at(person), { json: { ...once(person), ...values } });
export const recordConsent = (person: Seen, agreed: Agreed): Promise<Done> => request('POST', at(person, '/consent'), { json: { ...once(person), ...agreed } });
export const withdrawConsent = (person: Seen): Promise<Done> => request('POST', at(person, '/withdrawal'), { json: once(person) });
export const endService = (person: Seen): Promise<Done> => request('POST', at(person, '/end'), { json: once(person) });
export const deletePerson = (person: Seen, why: string): Promise<Done> => request('POST', at(person, '/deletion'), { json: { ...once(person), why } });
export const revealPerson = (person: Seen, reason: Reason, fields: string[]): Promise<{ values: Values }> =>
  request('POST', at(person, '/reveal'), { json: { ...reason, fields } });
export const copyOfPerson = (person: Seen, reason: Reason): Promise<Copy> => request('POST', at(person, '/copy'), { json: reason });

/** Places of the register by words of their address, the first eight. */
export const findPlaces = async (area: string, q: string): Promise<PlaceFound[]> =>
  (await request<Schemas['RecordsOut']>('GET', '/api/register/place', { query: { area, q } })).records.slice(0, 8);

export interface LooksAsked { area: string; service: string; month: string; before?: number | null }
export const fetchLooks = (query: LooksAsked): Promise<{ looks: Look[] }> => request('GET', '/api/looks', { query: { ...query } });
export const fetchChains = (): Promise<Chain[]> => request('GET', '/api/looks/chains');
export const fetchMany = (): Promise<Many[]> => request('GET', '/api/looks/many');

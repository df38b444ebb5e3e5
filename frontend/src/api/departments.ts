/** The tree of departments and its people, as administrators define them. */
import { request } from './client';
import type { components } from './schema';
import { uuid7 } from './uuid7';

type Schemas = components['schemas'];
export type DepartmentRow = Schemas['DepartmentRow'];
export type Seen = Pick<DepartmentRow, 'id' | 'version'>;
export type Member = Schemas['Member'];
export type Person = Schemas['Person'];
export type PersonGrant = Schemas['PersonGrant'];
export type People = Schemas['PeopleOut'];
export type NewDepartment = Pick<DepartmentRow, 'code' | 'name' | 'name_en' | 'area' | 'parent'>;
type Done = Schemas['DepartmentDone'];

export const fetchDepartmentTree = (): Promise<DepartmentRow[]> => request('GET', '/api/departments/tree');
export const addDepartment = (body: NewDepartment): Promise<Done> =>
  request('POST', '/api/departments/tree', { json: { mutation_id: uuid7(), ...body } });

const change = (one: Seen, step: string, body: object): Promise<Done> =>
  request('POST', `/api/departments/${one.id}/${step}`, { json: { mutation_id: uuid7(), version: one.version, ...body } });

export const renameDepartment = (one: Seen, name: string, name_en: string): Promise<Done> =>
  change(one, 'rename', { name, name_en });
export const moveDepartment = (one: Seen, parent: number | null): Promise<Done> =>
  change(one, 'move', { parent });
/** Ends it after a day, or at once (null); what lies with it then goes to the successor. */
export const endDepartment = (one: Seen, last_day: string | null, successor: number | null): Promise<Done> =>
  change(one, 'end', { last_day, successor });
/** Takes back an end that has not come yet. */
export const keepDepartment = (one: Seen): Promise<Done> => change(one, 'keep', {});

export const fetchPeople = (q: string): Promise<People> => request('GET', '/api/people', { query: { q } });
export const movePerson = (person: number, grant: number, area: string, department: number | null): Promise<Person> =>
  request('POST', `/api/people/${person}/move`, { json: { mutation_id: uuid7(), grant, area, department } });

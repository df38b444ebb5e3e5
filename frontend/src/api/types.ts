/** The shapes the server speaks. Times are ISO 8601 in UTC, coordinates WGS 84 degrees. */

export type Role =
  | 'worker' | 'acceptor' | 'dispatcher' | 'handler' | 'director'
  | 'community' | 'planner' | 'auditor' | 'administrator';

export type IncidentState =
  | 'reported' | 'verifying' | 'declined' | 'filed' | 'assigned'
  | 'in_work' | 'to_verify' | 'verified' | 'closed';

export type Level = 'cell' | 'community' | 'street' | 'district';
export type Domain = 'event' | 'object';
export type Bounds = [west: number, south: number, east: number, north: number];

export interface DepartmentRef { id: number; name: string }

export interface Grant {
  role: Role;
  area_code: string;
  area_name: string;
  department: DepartmentRef | null;
}

export interface Me {
  id: number;
  username: string;
  name: string;
  language: 'zh' | 'en';
  roles: Role[];
  grants: Grant[];
  actions: string[];
  home: string;
  bounds: Bounds | null;
  on_duty: boolean;
}

export interface Area {
  code: string;
  name: string;
  name_en: string;
  level: number;
  kind: string;
  parent: string | null;
  provisional: boolean;
  households: number | null;
  center: [number, number] | null;
  bounds: Bounds | null;
}

export interface Located {
  cell: { code: string; name: string } | null;
  community: { code: string; name: string } | null;
  street: { code: string; name: string } | null;
}

export interface Department { id: number; code: string; name: string; name_en: string }

export interface Condition { number: number; label: string; label_en: string; limit: string }

export interface IncidentClass {
  key: string;
  scheme: string;
  domain: Domain;
  code: string;
  major: string;
  name: string;
  name_en: string;
  pinyin: string;
  initials: string;
  urgent: boolean;
  conditions: Condition[];
  department: number | null;
}

export interface Catalogue { classes: IncidentClass[]; quick: string[] }

export interface Card {
  id: string;
  number: string;
  class_key: string;
  title: string;
  title_en: string;
  domain: Domain;
  state: IncidentState;
  level: Level;
  area: string;
  area_name: string;
  lon: number | null;
  lat: number | null;
  urgent: boolean;
  department: number | null;
  department_name: string | null;
  source: string;
  reported_at: string;
  due_at: string | null;
  overdue: boolean;
  version: number;
  photo: string | null;
}

export interface Photo {
  id: string;
  kind: 'before' | 'after';
  url: string;
  thumb_url: string;
  width: number;
  height: number;
}

export interface TimelineEntry {
  at: string;
  seq: number;
  kind: string;
  actor_name: string | null;
  actor_role: string | null;
  text: string | null;
  department_name: string | null;
  from_state: IncidentState | null;
  to_state: IncidentState | null;
}

export type Need = 'reason' | 'department' | 'text' | 'outcome' | 'photo' | 'photo?';

export interface IncidentAction { name: string; needs: Need[]; roles: Role[] }

export interface Clock {
  due_at: string | null;
  limit: string;
  left_minutes: number | null;
  running: boolean;
  kind: 'working' | 'continuous';
}

export interface AssignmentInfo {
  department_name: string;
  limit: string;
  due_at: string | null;
  left_minutes: number | null;
  assigned_at: string;
  ended_at: string | null;
  outcome: string;
}

export interface Detail extends Card {
  description: string;
  address: string;
  occurred_at: string;
  reporter_name: string | null;
  verifier_name: string | null;
  condition: Condition | null;
  photos: Photo[];
  timeline: TimelineEntry[];
  actions: IncidentAction[];
  clock: Clock | null;
  assignments: AssignmentInfo[];
}

export interface StreamCursor { epoch: string | number; seq: number }
export type Cursors = Record<string, StreamCursor>;

export interface IncidentPage { items: Card[]; next: string | null; total: number; cursors: Cursors }

export interface Summary {
  new: number;
  due_hour: number;
  overdue: number;
  to_verify: number;
  open: number;
  on_duty: number;
}

export interface LogEvent {
  stream: string;
  seq: number;
  kind: string;
  at: string;
  area: string;
  object: string;
  version: number | null;
  payload: Record<string, unknown>;
}

export interface EventsAnswer {
  events: LogEvent[];
  cursors: Cursors;
  reset: { stream: string; reason: string }[];
  more: boolean;
}

export interface WorkerPosition {
  id: number;
  name: string;
  lon: number | null;
  lat: number | null;
  accuracy_m: number | null;
  fixed_at: string | null;
  area: string | null;
  on?: boolean;
}

export interface Basemap {
  bounds: Bounds | null;
  center: [number, number] | null;
  attributions: string[];
  version: string | number;
}

export interface ReportBody {
  id: string;
  class_key: string;
  condition?: number;
  lon: number;
  lat: number;
  description?: string;
  address?: string;
  occurred_at: string;
  source?: string;
  level?: Level;
  self_handled?: boolean;
  note?: string;
}

export interface ActionBody {
  mutation_id: string;
  version: number;
  reason?: string;
  text?: string;
  department?: number;
  condition?: number;
  outcome?: 'pass' | 'fail';
  person?: number;
}

/** Every error answer of the server has this shape. */
export interface ErrorBody {
  code: string;
  message: string;
  fields: Record<string, string>;
  detail: Record<string, unknown>;
}

export type Frame =
  | { type: 'welcome'; groups: string[]; streams: Cursors; heartbeat: number }
  | { type: 'events'; group: string; stream: string; epoch: string | number; prev: number; events: LogEvent[] }
  | { type: 'heartbeat'; streams: Cursors; at: string }
  | { type: 'behind' }
  | { type: 'scope' }
  | { type: 'positions'; whole: boolean; workers: WorkerPosition[] };

/** The shapes the server speaks, by short names; all but the live frames come from the OpenAPI document. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Me = Schemas['Me'];
export type Grant = Schemas['GrantOut'];
export type Area = Schemas['AreaOut'];
export type Located = Schemas['PlaceOut'];
export type Department = Schemas['DepartmentOut'];
export type Condition = Schemas['ConditionOut'];
export type IncidentClass = Schemas['ClassOut'];
export type Catalogue = Schemas['CatalogueOut'];
export type Card = Schemas['Card'];
export type IncidentState = Card['state'];
export type Level = Card['level'];
export type Domain = Card['domain'];
export type Photo = Schemas['PhotoOut'];
export type PhotoAdded = Schemas['PhotoAdded'];
export type PhotoKind = PhotoAdded['kind'];
export type TimelineEntry = Schemas['MomentOut'];
export type IncidentAction = Schemas['ActionOut'];
export type Clock = Schemas['ClockOut'];
export type Deadlines = Schemas['DeadlinesOut'];
export type Deadline = Schemas['DeadlineOut'];
export type DeadlinePiece = Schemas['PieceOut'];
export type AssignmentInfo = Schemas['AssignmentOut'];
export type CaseRequest = Schemas['RequestOut'];
export type CasePart = Schemas['PartOut'];
export type SuspensionCause = NonNullable<CaseRequest['cause']>;
export type Detail = Schemas['Detail'];
export type Question = Schemas['ClassQuestionOut'];
export type Near = Schemas['NearOut'];
export type JoinedReport = Schemas['JoinedOut'];
export type Correction = Partial<Schemas['CorrectionIn']>;
export type IncidentPage = Schemas['ListOut'];
export type Summary = Schemas['SummaryOut'];
export type MatterKind = Schemas['MatterKindOut'];
export type EarlierMatter = Schemas['EarlierOut'];
export type Procedure = Schemas['ProcedureOut'];
export type ProcedureVersion = Schemas['VersionOut'];
export type Stage = Schemas['StageRow'];
export type Guide = Schemas['Guide'];
export type Flaw = Schemas['FlawOut'];
export type DryRun = Schemas['DryRunOut'];
export type Verdict = Schemas['VerdictOut'];
export type Basemap = Schemas['BasemapOut'];
/** What a client must send; fields with a default may be left out. */
type Sent<T, Required extends keyof T> = Pick<T, Required> & Partial<T>;

export type ReportBody = Sent<Schemas['ReportIn'], 'id' | 'class_key' | 'lon' | 'lat' | 'occurred_at'>;
export type ActionBody = Sent<Schemas['ActionIn'], 'mutation_id'>;
export type PublicCell = Schemas['CellPage'];
export type PublicClass = Schemas['PublicClass'];
export type CellMap = Schemas['CellMap'];
export type ResidentReport = Sent<Schemas['ResidentReport'], 'id' | 'key' | 'class_key'>;
export type Receipt = Schemas['ReceiptOut'];
export type ReceiptHolder = Schemas['Holder'];
export type ReceiptPage = Schemas['ReceiptPage'];
export type Solved = Schemas['RatingIn']['outcome'];
export type ResidentPart = Schemas['ResidentOut'];
export type GuideKind = Schemas['GuideKind'];
/** What a guide shows of a stage; a stage of the procedure itself will do. */
export type GuideStage = Pick<Stage, 'key' | 'name' | 'name_en' | 'limit'>;
export type GuidePage = Schemas['GuidePage'];
export type Registered = Schemas['RegisteredOut'];
export type HandedReceipt = Schemas['HandedOut'];
export type MatterSoFar = Schemas['MatterSoFar'];
export type BookingPlace = Schemas['BookingPlace'];
export type BookingMode = BookingPlace['modes'][number];
export type FreeSlots = Schemas['FreeSlots'];
export type BookingBody = Schemas['BookingIn'];
export type ApplicationBody = Schemas['ApplicationIn'];
export type BookingSoFar = Schemas['BookingSoFar'];
export type StaffBooking = Schemas['BookingOut'];
export type MatterBody = Sent<Schemas['MatterIn'], 'id' | 'class_key' | 'area'>;
export type DraftBody = Schemas['DraftIn'];
export type Figures = Schemas['FiguresOut'];
export type FigureGroup = Schemas['GroupOut'];
export type FigureLine = Schemas['LineOut'];
export type MatterGroup = Schemas['MatterGroupOut'];
export type Spread = Schemas['SpreadOut'];
export type Statistics = Schemas['StatisticsOut'];
export type Repeat = Schemas['RepeatOut'];
export type Brief = Schemas['BriefOut'];
export type ExportBody = Sent<Schemas['ExportIn'], 'mutation_id' | 'what' | 'purpose' | 'first' | 'last'>;
export type DutyState = Schemas['DutyState'];
export type EventsAnswer = Schemas['EventsOut'];
export type LogEvent = EventsAnswer['events'][number];
export type StreamCursor = Schemas['Cursor'];
export type Cursors = Record<string, StreamCursor>;
/** Every error answer has this shape. */
export type ErrorBody = Schemas['Problem'];
/** A worker on duty; `on` is false in the live frame that says she has gone. */
export type WorkerPosition = Schemas['WorkerOut'] & { on?: boolean };
export type Bounds = [west: number, south: number, east: number, north: number];

export type Role =
  | 'worker' | 'acceptor' | 'dispatcher' | 'handler' | 'director'
  | 'community' | 'planner' | 'auditor' | 'administrator';

/** What the socket says; a message is a list of these. */
export type Frame =
  | { type: 'welcome'; groups: string[]; streams: Cursors; heartbeat: number }
  | { type: 'events'; group: string; stream: string; epoch: string; prev: number; events: LogEvent[] }
  | { type: 'heartbeat'; streams: Cursors; at: string }
  | { type: 'behind' }
  | { type: 'scope' }
  | { type: 'positions'; whole: boolean; workers: WorkerPosition[] };

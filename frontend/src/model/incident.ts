/** What the interface knows about cases without asking the server: groups of states, filters and order. */
import type { IncidentFilter } from '@/api/endpoints';
import type { Card, IncidentClass, IncidentState } from '@/api/types';

export type StateGroup = 'new' | 'assigned' | 'work' | 'verify' | 'still' | 'closed';

export const GROUPS: readonly StateGroup[] = ['new', 'assigned', 'work', 'verify', 'still', 'closed'];

/** The states of each group, in the order of the workflow. */
export const STATES: Readonly<Record<StateGroup, readonly IncidentState[]>> = {
  new: ['reported', 'filed'],
  assigned: ['assigned'],
  work: ['in_work', 'processing'],
  verify: ['verifying', 'to_verify', 'verified'],
  still: ['waiting', 'suspended'],
  closed: ['closed', 'declined', 'refused', 'merged', 'retracted'],
};

const GROUP_OF = new Map(GROUPS.flatMap((group) => STATES[group].map((state) => [state, group] as const)));

/** The group whose colour and symbol a state has. */
export function groupOf(state: IncidentState): StateGroup {
  return GROUP_OF.get(state) ?? 'new';
}

/** True while somebody still has to do something. */
export function isOpen(state: IncidentState): boolean {
  return groupOf(state) !== 'closed';
}

/** Whether the stages of a procedure say who has a say now. */
export function inStages(state: IncidentState): boolean {
  return state === 'processing' || state === 'waiting';
}

/** Whether a card belongs to a filter; null when only the server can tell. */
export function matches(card: Card, filter: IncidentFilter, now = Date.now()): boolean | null {
  if (filter.open && !isOpen(card.state)) return false;
  if (filter.state?.length && !filter.state.includes(card.state)) return false;
  if (filter.domain && card.domain !== filter.domain) return false;
  if (filter.class_key && card.class_key !== filter.class_key) return false;
  if (filter.department !== undefined && card.department !== filter.department) return false;
  if (filter.area && !card.area.startsWith(filter.area)) return false;
  if (filter.urgent && !card.urgent) return false;
  if (filter.overdue && !(card.overdue && isOpen(card.state))) return false;
  if (filter.due_within !== undefined && !dueWithin(card, filter.due_within, now)) return false;
  if (filter.mine) return null;
  return filter.q ? null : true;
}

function dueWithin(card: Card, minutes: number, now: number): boolean {
  if (!card.due_at || !isOpen(card.state)) return false;
  const due = Date.parse(card.due_at);
  return due > now && due <= now + minutes * 60_000;
}

/** The server's order of a list: by due time (none last) or by the newest report first. */
export function inOrder(order: 'due' | 'new'): (a: Card, b: Card) => number {
  const time = order === 'new' ? (card: Card) => -Date.parse(card.reported_at) : (card: Card) => (card.due_at ? Date.parse(card.due_at) : Infinity);
  return (a, b) => compare(time(a), time(b)) || compare(a.id, b.id);
}

function compare<T>(a: T, b: T): number {
  return a < b ? -1 : Number(a > b);
}

type Searched = Pick<IncidentClass, 'name' | 'name_en' | 'pinyin' | 'initials' | 'code'>;

/** Classes whose name, code, pinyin or initials contain the query; better matches first. */
export function searchClasses<T extends Searched>(classes: readonly T[], query: string): T[] {
  const text = query.trim().toLowerCase().replaceAll(/\s+/g, '');
  if (!text) return [...classes];
  const ranked = classes.map((one) => ({ one, rank: rankOf(one, text) })).filter(({ rank }) => rank > 0);
  return ranked.sort((a, b) => b.rank - a.rank).map(({ one }) => one);
}

function rankOf(one: Searched, text: string): number {
  const name = one.name.toLowerCase();
  const pinyin = one.pinyin.toLowerCase().replaceAll(' ', '');
  const initials = one.initials.toLowerCase();
  if (name.startsWith(text) || initials === text) return 5;
  if (initials.startsWith(text) || pinyin.startsWith(text)) return 4;
  if (name.includes(text)) return 3;
  if (initials.includes(text) || pinyin.includes(text) || one.name_en.toLowerCase().includes(text)) return 2;
  return one.code.startsWith(text) ? 1 : 0;
}

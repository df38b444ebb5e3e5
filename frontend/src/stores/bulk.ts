import { actOnSeveral, type BulkAction, type BulkBody, type BulkResult } from '@/api/desk';
import type { Card, IncidentState } from '@/api/types';
import { uuid7 } from '@/api/uuid7';
import { useIncidents } from './incidents';

/** The states from which a step is possible; a note is always. */
const FROM: Partial<Record<BulkAction, readonly IncidentState[]>> = {
  file: ['reported'], assign: ['filed'], close: ['verified'], withdraw: ['assigned', 'in_work'],
};
/** What takes a step back, where the workflow has a way. */
const BACK: Partial<Record<BulkAction, BulkAction>> = { assign: 'withdraw' };
const AT_ONCE = 50;

/** How many of these cases are in a state from which the step is possible. */
export function possible(action: BulkAction, cards: readonly Card[]): number {
  const from = FROM[action];
  return from ? cards.filter((card) => from.includes(card.state)).length : cards.length;
}

/** The step that takes `action` back; null where there is no way. */
export function wayBack(action: BulkAction): BulkAction | null {
  return BACK[action] ?? null;
}

/**
 * One step that a person takes on several cases. Each case keeps its version and its mutation id: `send` may be called
 * again after a failure, and whatever was done already is answered, not done twice.
 */
export class BulkAttempt {
  readonly action: BulkAction;
  readonly results = new Map<string, BulkResult>();
  private readonly cases: BulkBody['cases'];

  constructor(action: BulkAction, cards: readonly Card[]) {
    this.action = action;
    this.cases = cards.map((card) => ({ id: card.id, version: card.version, mutation_id: uuid7() }));
  }

  /** Sends what has no final answer yet, some at a time; throws ApiError when the server does not answer at all. */
  async send(values: { reason?: string; department?: number }): Promise<void> {
    const incidents = useIncidents();
    const open = this.cases.filter(({ id }) => !this.results.has(id) || this.results.get(id)!.result === 'failed');
    for (let at = 0; at < open.length; at += AT_ONCE) {
      const answer = await actOnSeveral({ action: this.action, cases: open.slice(at, at + AT_ONCE), ...values });
      for (const result of answer.results) {
        this.results.set(result.id, result);
        if (result.card) incidents.apply(result.card);
      }
    }
  }

  /** The cards of what was done, as they are after it. */
  get done(): Card[] {
    return [...this.results.values()].flatMap(({ result, card }) => (result === 'done' && card ? [card] : []));
  }

  of(result: BulkResult['result']): BulkResult[] {
    return [...this.results.values()].filter((one) => one.result === result);
  }
}

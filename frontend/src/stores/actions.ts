import { ApiError } from '@/api/client';
import { actOnIncident, uploadPhoto } from '@/api/endpoints';
import type { ActionBody, Card, Photo } from '@/api/types';
import { useIncidents } from './incidents';

export interface ActionInput {
  values: Omit<ActionBody, 'mutation_id' | 'version'>;
  photos: { id: string; blob: Blob }[];
  photoKind: Photo['kind'];
}

/** The card as someone else has just made it, when a change of ours came too late. */
export class StaleCase extends Error {
  readonly current: Card | null;

  constructor(current: Card | null) {
    super('stale');
    this.name = 'StaleCase';
    this.current = current;
  }
}

/**
 * Takes one step with a case: photos first, then the action, so that whoever is told of the step sees them.
 * Safe to repeat with the same `mutation` after a failure. Throws StaleCase if the case has changed meanwhile.
 */
export async function takeAction(card: Card, action: string, mutation: string, input: ActionInput): Promise<Card> {
  const incidents = useIncidents();
  for (const photo of input.photos) await uploadPhoto(card.id, { ...photo, kind: input.photoKind });
  const version = incidents.cards.get(card.id)?.version ?? card.version;
  try {
    const next = await actOnIncident(card.id, action, { ...input.values, mutation_id: mutation, version });
    incidents.apply(next);
    return next;
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'stale') throw error;
    const current = (error.detail.current ?? null) as Card | null;
    if (current) incidents.apply(current);
    throw new StaleCase(current);
  }
}

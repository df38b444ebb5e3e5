import { ApiError } from '@/api/client';
import { actOnIncident, uploadPhoto } from '@/api/endpoints';
import type { ActionBody, Card, PhotoKind } from '@/api/types';
import { uuid7 } from '@/api/uuid7';
import { useIncidents } from './incidents';

export type ActionValues = Omit<ActionBody, 'mutation_id' | 'version'>;
export interface NewPhotos { kind: PhotoKind; list: readonly { id: string; blob: Blob }[] }

/** A change of ours came too late: someone else has just changed the case, which the store shows already. */
export class StaleCase extends Error {
  constructor() {
    super('stale');
    this.name = 'StaleCase';
  }
}

/**
 * One step that a person takes with a case. After a failure `send` may be called again: the same values go out as the
 * same mutation, so that a step whose answer was lost is not taken twice; changed values are a new one.
 */
export class ActionAttempt {
  private readonly card: Card;
  private readonly action: string;
  private sent: { values: string; body: ActionBody } | null = null;

  constructor(card: Card, action: string) {
    this.card = card;
    this.action = action;
  }

  /** Takes the step, then sends its photos. Throws StaleCase or ApiError. */
  async send(values: ActionValues, photos: NewPhotos): Promise<Card> {
    // 'photo' is the one action that consists of its photos.
    const card = this.action === 'photo' ? this.card : await this.act(values);
    for (const photo of photos.list) await uploadPhoto(card.id, { ...photo, kind: photos.kind });
    return card;
  }

  private async act(values: ActionValues): Promise<Card> {
    const text = JSON.stringify(values);
    if (this.sent?.values !== text) {
      this.sent = { values: text, body: { ...values, mutation_id: uuid7(), version: this.card.version } };
    }
    const incidents = useIncidents();
    try {
      const card = await actOnIncident(this.card.id, this.action, this.sent.body);
      incidents.apply(card);
      return card;
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'stale') throw error;
      if (error.detail.current) incidents.apply(error.detail.current as Card);
      throw new StaleCase();
    }
  }
}

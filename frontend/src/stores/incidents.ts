import { defineStore } from 'pinia';
import { shallowReactive } from 'vue';
import type { Card, LogEvent } from '@/api/types';

export interface CardChange {
  card: Card;
  before: Card | null;
  /** Why it changed: the kind of the event ('incident.reported'), or '' when it came with an answer of ours. */
  kind: string;
  /** False for what a catch-up brought: shown without announcement. */
  live: boolean;
}

type Subscriber = (changes: CardChange[]) => void;

/** The newest known card of every case this page has met; a card only ever gives way to a newer version. */
export const useIncidents = defineStore('incidents', () => {
  const cards = shallowReactive(new Map<string, Card>());
  const subscribers = new Set<Subscriber>();

  function take(card: Card): Card | null | undefined {
    const before = cards.get(card.id);
    if (before && before.version >= card.version) return undefined;
    cards.set(card.id, card);
    return before ?? null;
  }

  function publish(changes: CardChange[]): void {
    if (changes.length) for (const subscriber of subscribers) subscriber(changes);
  }

  /** Takes cards of a list without telling anyone; returns the newest known of each. */
  function remember(list: readonly Card[]): Card[] {
    return list.map((card) => {
      take(card);
      return cards.get(card.id)!;
    });
  }

  /** Takes a card that the server answered to an action of ours. */
  function apply(card: Card): void {
    const before = take(card);
    if (before !== undefined) publish([{ card, before, kind: '', live: true }]);
  }

  /** Takes the cards of log events. */
  function applyEvents(events: readonly LogEvent[], live: boolean): void {
    const changes: CardChange[] = [];
    for (const event of events) {
      const card = cardOf(event);
      if (!card) continue;
      const before = take(card);
      if (before !== undefined) changes.push({ card, before, kind: event.kind, live });
    }
    publish(changes);
  }

  /** Tells of every change until the returned function is called. */
  function subscribe(subscriber: Subscriber): () => void {
    subscribers.add(subscriber);
    return () => subscribers.delete(subscriber);
  }

  return { cards, remember, apply, applyEvents, subscribe };
});

/** The card that an event carries; null for events that are not about one case. */
function cardOf(event: LogEvent): Card | null {
  return 'class_key' in event.payload ? event.payload as Card : null;
}

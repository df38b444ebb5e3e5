import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { zh } from '@/i18n/zh';

interface Schema { properties?: { kind?: { const?: string; enum?: string[] }; stream?: unknown } }

/** The kinds of all events, as the document of the API has them. */
function kinds(): string[] {
  const document = JSON.parse(readFileSync('openapi.json', 'utf8')) as { components: { schemas: Record<string, Schema> } };
  const events = Object.values(document.components.schemas).filter((schema) => schema.properties?.stream && schema.properties.kind);
  return events.flatMap(({ properties }) => properties!.kind!.enum ?? [properties!.kind!.const ?? '']).filter(Boolean);
}

const at = (path: string): unknown => path.split('.').reduce<unknown>((found, key) => (found as Record<string, unknown> | undefined)?.[key], zh);

describe('kinds of events that webhooks tell', () => {
  it('have words and a heading', () => {
    // Of what nobody sees by area no webhook tells.
    const told = kinds().filter((kind) => !['calendar', 'export', 'grant', 'hook', 'household', 'person'].includes(kind.split('.')[0]!));
    expect(told.length).toBeGreaterThan(60);
    const bare = told.filter((kind) => !at(`hooks.kind.${kind}`) && !at(kind.replace(/^incident\./, 'incident.doing.')));
    expect(bare).toEqual([]);
    expect(told.map((kind) => kind.split('.')[0]!.replace('unadmitted', 'gate')).filter((domain) => !at(`hooks.domain.${domain}`))).toEqual([]);
  });
});

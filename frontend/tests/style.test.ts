import { createExpression, validateStyleMin, type StyleSpecification } from '@maplibre/maplibre-gl-style-spec';
import { describe, expect, it } from 'vitest';
import { baseStyle } from '@/map/style';
import { symbolExpression, symbolKinds, symbolName } from '@/map/symbols';
import { GROUPS, STATES } from '@/model/incident';

const basemap = { bounds: null, center: null, attributions: ['示例数据'], version: '1-abc', maxzoom: 16 };

describe('the base map', () => {
  it.each(['light', 'dark'] as const)('%s is a valid style', (theme) => {
    const style = baseStyle(theme, basemap) as unknown as StyleSpecification;
    expect(validateStyleMin(style).map((error) => error.message)).toEqual([]);
  });

  it('has the same layers in light and dark, so that only colours change', () => {
    const ids = (theme: 'light' | 'dark'): string[] => baseStyle(theme, basemap).layers.map((layer) => layer.id);
    expect(ids('dark')).toEqual(ids('light'));
  });

  it('asks nobody but our own server', () => {
    const addresses = JSON.stringify(baseStyle('light', basemap)).match(/https?:\/\/[^/"]+/g) ?? [];
    expect(new Set(addresses)).toEqual(new Set([location.origin]));
    expect(baseStyle('light', basemap)).not.toHaveProperty('glyphs');
  });
});

describe('the symbols of cases', () => {
  const known = new Set(symbolKinds().map(symbolName));
  const parsed = createExpression(symbolExpression() as unknown[], 'layers[0].layout.icon-image');

  it('are there for every case that a tile can hold', () => {
    if (parsed.result === 'error') throw new Error(parsed.value.map((error) => error.message).join());
    for (const state of GROUPS.flatMap((group) => STATES[group])) {
      for (const domain of ['event', 'object']) {
        for (const [urgent, overdue] of [[0, 0], [0, 1], [1, 0], [1, 1]]) {
          const properties = { state, domain, urgent, overdue };
          const name = parsed.value.evaluate({ zoom: 15 }, { type: 'Point', properties }) as string;
          expect(known, name).toContain(name);
        }
      }
    }
  });
});

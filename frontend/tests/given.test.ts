import { describe, expect, it } from 'vitest';
import { tidy } from '@/components/cells/usePlan';
import { readCells } from '@/model/given';

const ring = [[105, 28], [105.01, 28], [105.01, 28.01], [105, 28]];
const feature = (geometry: object, properties: object = {}): object => ({ type: 'Feature', geometry, properties });

describe('cells of a file', () => {
  it('come with their names, and a school is dedicated', () => {
    const text = JSON.stringify({ type: 'FeatureCollection', features: [
      feature({ type: 'Polygon', coordinates: [ring] }, { 名称: '第一小学', 类型: '专属网格' }),
      feature({ type: 'MultiPolygon', coordinates: [[ring], [ring]] }),
      feature({ type: 'Point', coordinates: [105, 28] }),
    ] });
    expect(readCells(text).map((cell) => [cell.name, cell.dedicated])).toEqual([['第一小学', true], ['', false], ['', false]]);
  });

  it.each([['{', 'notGeoJson'], ['3', 'notGeoJson'], ['{"type":"FeatureCollection","features":[]}', 'noCells'],
    [JSON.stringify({ type: 'Polygon', coordinates: [[[500000, 3100000], [500010, 3100000], [500010, 3100010], [500000, 3100000]]] }), 'notDegrees']])('%s is %s', (text, word) => {
    expect(() => readCells(text)).toThrow(word);
  });
});

describe('a plan of which a cell is gone', () => {
  it('is numbered without gaps, and locks and names go along', () => {
    const drawn = { cells: [0, 2, 2], locked: [2], dedicated: [1], names: { 2: '河西', 1: '没了' }, name: '' };
    expect(tidy(drawn)).toEqual({ cells: [0, 1, 1], locked: [1], dedicated: [], names: { 1: '河西' }, name: '' });
  });
});

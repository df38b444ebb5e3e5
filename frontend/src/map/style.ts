/** The base map from our own vector tiles: pale, so that cases are the only strong colour. */
import type {
  DataDrivenPropertyValueSpecification, ExpressionSpecification, LayerSpecification, StyleSpecification,
} from 'maplibre-gl';
import type { Basemap } from '@/api/types';
import type { Theme } from '@/theme';
import { palettes } from './palette';

/** Names drawn by the browser itself: no glyph server is asked. */
export const FONT = ['Noto Sans CJK SC', 'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', 'sans-serif'];

type Kinds = string[];
const MAJOR: Kinds = ['motorway', 'trunk', 'primary', 'secondary'];
const MIDDLE: Kinds = ['tertiary', 'residential'];

const isKind = (kinds: Kinds): ExpressionSpecification => ['in', ['get', 'kind'], ['literal', kinds]];

/** A width in pixels that doubles with each zoom level, being `at16` at zoom 16. */
function width(at16: number, extra = 0): DataDrivenPropertyValueSpecification<number> {
  return ['interpolate', ['exponential', 1.7], ['zoom'], 11, Math.max(0.4, at16 / 14) + extra, 16, at16 + extra, 20, at16 * 8 + extra];
}

const inBase = { source: 'base' } as const;

function ground(theme: Theme): LayerSpecification[] {
  const c = palettes[theme];
  return [
    { id: 'ground', type: 'background', paint: { 'background-color': c.ground } },
    { id: 'compound', ...inBase, 'source-layer': 'compound', type: 'fill', minzoom: 13, paint: { 'fill-color': c.compound } },
    { id: 'green', ...inBase, 'source-layer': 'green', type: 'fill', paint: { 'fill-color': c.green } },
    { id: 'water', ...inBase, 'source-layer': 'water', type: 'fill', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': c.water } },
    { id: 'water-line', ...inBase, 'source-layer': 'water', type: 'line', filter: ['==', ['geometry-type'], 'LineString'], paint: { 'line-color': c.water, 'line-width': width(4) } },
  ];
}

function roads(theme: Theme): LayerSpecification[] {
  const c = palettes[theme];
  const classes: { id: string; kinds: Kinds; size: number; color: string; from: number }[] = [
    { id: 'lane', kinds: ['service'], size: 3.5, color: c.road, from: 14 },
    { id: 'middle', kinds: MIDDLE, size: 7, color: c.road, from: 12 },
    { id: 'major', kinds: MAJOR, size: 12, color: c.roadMajor, from: 9 },
  ];
  const line = { ...inBase, 'source-layer': 'road', type: 'line', layout: { 'line-cap': 'round', 'line-join': 'round' } } as const;
  return [
    { ...line, id: 'road-path', minzoom: 15, filter: isKind(['footway']), paint: { 'line-color': c.path, 'line-width': width(1.5), 'line-dasharray': [2, 1.5] } },
    ...classes.map((one): LayerSpecification => ({
      ...line, id: `road-${one.id}-casing`, minzoom: Math.max(one.from, 13), filter: isKind(one.kinds),
      paint: { 'line-color': c.roadCasing, 'line-width': width(one.size, 1.6) },
    })),
    ...classes.map((one): LayerSpecification => ({
      ...line, id: `road-${one.id}`, minzoom: one.from, filter: isKind(one.kinds),
      paint: { 'line-color': one.color, 'line-width': width(one.size) },
    })),
  ];
}

function buildings(theme: Theme): LayerSpecification[] {
  const c = palettes[theme];
  return [{
    id: 'building', ...inBase, 'source-layer': 'building', type: 'fill', minzoom: 14,
    paint: {
      'fill-color': c.building,
      'fill-outline-color': c.buildingLine,
      'fill-opacity': ['interpolate', ['linear'], ['zoom'], 14, 0, 14.6, 1],
    },
  }];
}

interface Label { id: string; layer: string; from: number; size: number; color: string; line?: boolean; filter?: ExpressionSpecification; padding?: number }

function label(one: Label, halo: string): LayerSpecification {
  return {
    id: one.id, ...inBase, 'source-layer': one.layer, type: 'symbol', minzoom: one.from,
    filter: ['all', ['has', 'name'], ['!=', ['get', 'name'], ''], one.filter ?? true],
    layout: {
      'text-field': ['get', 'name'],
      'text-font': FONT,
      'text-size': ['interpolate', ['linear'], ['zoom'], one.from, one.size - 1, 18, one.size + 2],
      'text-padding': one.padding ?? 6,
      'text-max-width': 7,
      ...(one.line ? { 'symbol-placement': 'line', 'symbol-spacing': 320, 'text-max-angle': 35 } : {}),
    },
    paint: { 'text-color': one.color, 'text-halo-color': halo, 'text-halo-width': 1.4, 'text-halo-blur': 0.4 },
  } as LayerSpecification;
}

function labels(theme: Theme): LayerSpecification[] {
  const c = palettes[theme];
  const list: Label[] = [
    { id: 'building-name', layer: 'building', from: 17, size: 11, color: c.text },
    { id: 'place-name', layer: 'place', from: 15.5, size: 11.5, color: c.text, padding: 12 },
    { id: 'compound-name', layer: 'compound', from: 15, size: 12, color: c.compoundText },
    { id: 'green-name', layer: 'green', from: 14.5, size: 12, color: c.greenText },
    { id: 'road-name-minor', layer: 'road', from: 15.5, size: 11, color: c.text, line: true, filter: isKind([...MIDDLE, 'service']) },
    { id: 'road-name', layer: 'road', from: 13, size: 12, color: c.text, line: true, filter: isKind(MAJOR) },
    { id: 'water-name', layer: 'water', from: 12, size: 13, color: c.waterText, line: false },
  ];
  return list.map((one) => label(one, c.halo));
}

/** The base layers from bottom to top. */
export function baseLayers(theme: Theme): LayerSpecification[] {
  return [...ground(theme), ...roads(theme), ...buildings(theme), ...labels(theme)];
}

/** The whole style; it names no address outside our own server. */
export function baseStyle(theme: Theme, basemap: Basemap): StyleSpecification {
  return {
    version: 8,
    sources: {
      base: {
        type: 'vector',
        tiles: [`${location.origin}/api/tiles/base/{z}/{x}/{y}?v=${basemap.version}`],
        minzoom: 9,
        maxzoom: basemap.maxzoom,
        ...(basemap.bounds ? { bounds: basemap.bounds } : {}),
        attribution: basemap.attributions.join(' · '),
      },
    },
    layers: baseLayers(theme),
  };
}

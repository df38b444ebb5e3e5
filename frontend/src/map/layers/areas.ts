/** Communities and cells: thin borders, names, and the user's own cells slightly lit. */
import type { GeoJSONSource, LayerSpecification, Map as MapLibreMap } from 'maplibre-gl';
import type { Area } from '@/api/types';
import { repaint } from '../map';
import { palettes } from '../palette';
import { FONT } from '../style';
import type { Theme } from '@/theme';

export interface AreaLayer {
  setAreas(areas: readonly Area[], name: (area: Area) => string): void;
  setTheme(theme: Theme): void;
  remove(): void;
}

const COMMUNITY = 5;
const CELL = 6;
const tiles = { source: 'areas' } as const;

function layers(theme: Theme, lit: boolean): LayerSpecification[] {
  const c = palettes[theme];
  const mine = ['==', ['to-number', ['get', 'mine'], 0], 1] as never;
  const text = { 'text-color': c.textStrong, 'text-halo-color': c.halo, 'text-halo-width': 1.6 };
  return [
    { id: 'cell-lit', ...tiles, 'source-layer': 'cell', type: 'fill', filter: mine, paint: { 'fill-color': c.lit, 'fill-opacity': lit ? 0.09 : 0 } },
    { id: 'cell-line', ...tiles, 'source-layer': 'cell', type: 'line', minzoom: 12.5, paint: { 'line-color': c.cellLine, 'line-width': ['interpolate', ['linear'], ['zoom'], 13, 0.6, 17, 1.2], 'line-dasharray': [4, 3] } },
    { id: 'cell-mine', ...tiles, 'source-layer': 'cell', type: 'line', filter: mine, minzoom: 11, paint: { 'line-color': c.lit, 'line-width': 2, 'line-opacity': lit ? 0.75 : 0 } },
    { id: 'community-line', ...tiles, 'source-layer': 'community', type: 'line', paint: { 'line-color': c.communityLine, 'line-width': ['interpolate', ['linear'], ['zoom'], 11, 1, 16, 2.2] } },
    { id: 'cell-name', source: 'area-names', type: 'symbol', minzoom: 14.2, filter: ['==', ['get', 'level'], CELL], layout: { 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': 12, 'text-padding': 8 }, paint: { ...text, 'text-color': c.text } },
    { id: 'community-name', source: 'area-names', type: 'symbol', maxzoom: 16, filter: ['==', ['get', 'level'], COMMUNITY], layout: { 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': ['interpolate', ['linear'], ['zoom'], 11, 12, 15, 16] }, paint: text },
  ];
}

/** Adds the layer; `lit` marks the cells of the user's own grants. */
export function addAreas(map: MapLibreMap, theme: Theme, lit: boolean): AreaLayer {
  map.addSource('areas', { type: 'vector', tiles: [`${location.origin}/api/tiles/areas/{z}/{x}/{y}`], minzoom: 9, maxzoom: 16 });
  map.addSource('area-names', { type: 'geojson', data: { type: 'FeatureCollection', features: [] } });
  for (const layer of layers(theme, lit)) map.addLayer(layer);
  return {
    setAreas(areas, name) {
      const shown = areas.filter((area) => area.center && area.level >= COMMUNITY);
      map.getSource<GeoJSONSource>('area-names')?.setData({
        type: 'FeatureCollection',
        features: shown.map((area) => ({
          type: 'Feature', geometry: { type: 'Point', coordinates: area.center! }, properties: { name: name(area), level: area.level },
        })),
      });
    },
    setTheme: (next) => repaint(map, layers(next, lit)),
    remove() {
      for (const layer of layers(theme, lit)) map.removeLayer(layer.id);
      map.removeSource('areas');
      map.removeSource('area-names');
    },
  };
}

/** Where cases lie, as warmth: squares of the map weighted by their number of cases. */
import type { FeatureCollection } from 'geojson';
import type { GeoJSONSource, HeatmapLayerSpecification, Map as MapLibreMap } from 'maplibre-gl';
import { repaint } from '../map';
import { palettes } from '../palette';
import type { Theme } from '@/theme';

export interface HeatLayer {
  setData(data: FeatureCollection): void;
  setTheme(theme: Theme): void;
  remove(): void;
}

const EMPTY: FeatureCollection = { type: 'FeatureCollection', features: [] };

function layer(theme: Theme, most: number): HeatmapLayerSpecification {
  const { work, new: cool } = palettes[theme].state;
  return {
    id: 'heat', source: 'heat', type: 'heatmap',
    paint: {
      'heatmap-weight': ['min', 1, ['/', ['get', 'cases'], most]],
      'heatmap-radius': ['interpolate', ['exponential', 2], ['zoom'], 10, 5, 14, 24, 18, 120],
      'heatmap-intensity': ['interpolate', ['linear'], ['zoom'], 10, 0.8, 16, 1.6],
      'heatmap-opacity': 0.75,
      'heatmap-color': ['interpolate', ['linear'], ['heatmap-density'], 0, 'rgba(0,0,0,0)', 0.2, cool, 0.55, work, 1, palettes[theme].overdue],
    },
  };
}

/** Adds the layer, empty at first; the warmest square has the full colour. */
export function addHeat(map: MapLibreMap, theme: Theme): HeatLayer {
  let most = 1;
  map.addSource('heat', { type: 'geojson', data: EMPTY });
  map.addLayer(layer(theme, most));
  return {
    setData(data) {
      most = Math.max(1, ...data.features.map((feature) => Number(feature.properties?.cases ?? 0)));
      map.getSource<GeoJSONSource>('heat')?.setData(data);
      repaint(map, [layer(theme, most)]);
    },
    setTheme(next) {
      theme = next;
      repaint(map, [layer(next, most)]);
    },
    remove() {
      map.removeLayer('heat');
      map.removeSource('heat');
    },
  };
}

/** Where this device is: a dot, with the circle in which it may really be. Only on this screen; sharing is another matter. */
import type { Feature } from 'geojson';
import type { GeoJSONSource, LayerSpecification, Map as MapLibreMap } from 'maplibre-gl';
import type { Theme } from '@/theme';
import { accuracyCircle, type Here } from '../circle';
import { repaint } from '../map';
import { palettes } from '../palette';

export interface HereLayer {
  show(here: Here | null): void;
  setTheme(theme: Theme): void;
  remove(): void;
}

function layers(theme: Theme): LayerSpecification[] {
  const c = palettes[theme];
  return [
    { id: 'here-circle', source: 'here', type: 'fill', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': c.lit, 'fill-opacity': 0.12 } },
    { id: 'here-dot', source: 'here', type: 'circle', filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 8, 'circle-color': c.lit, 'circle-stroke-color': c.symbolEdge, 'circle-stroke-width': 3 } },
  ];
}

/** Adds the layer. */
export function addHere(map: MapLibreMap, theme: Theme): HereLayer {
  map.addSource('here', { type: 'geojson', data: { type: 'FeatureCollection', features: [] } });
  for (const layer of layers(theme)) map.addLayer(layer);
  return {
    show(here) {
      const point: Feature[] = here ? [{ type: 'Feature', geometry: { type: 'Point', coordinates: [here.lon, here.lat] }, properties: {} }] : [];
      map.getSource<GeoJSONSource>('here')?.setData({ type: 'FeatureCollection', features: here ? [accuracyCircle(here), ...point] : [] });
    },
    setTheme: (next) => repaint(map, layers(next)),
    remove() {
      for (const layer of layers(theme)) map.removeLayer(layer.id);
      map.removeSource('here');
    },
  };
}

/** Where this device is: a dot, with the circle in which it may really be. Only on this screen; sharing is another matter. */
import type { Feature, Polygon } from 'geojson';
import type { GeoJSONSource, LayerSpecification, Map as MapLibreMap } from 'maplibre-gl';
import type { Theme } from '@/theme';
import { repaint } from '../map';
import { palettes } from '../palette';

export interface Here { lon: number; lat: number; accuracy_m: number }

export interface HereLayer {
  show(here: Here | null): void;
  setTheme(theme: Theme): void;
  remove(): void;
}

const METRES_PER_DEGREE = 111_320;
const CORNERS = 48;

/** A circle of the accuracy around a point; exact enough for a picture. */
export function accuracyCircle({ lon, lat, accuracy_m }: Here): Feature<Polygon> {
  const up = accuracy_m / METRES_PER_DEGREE;
  const across = up / Math.cos((lat * Math.PI) / 180);
  const ring = Array.from({ length: CORNERS + 1 }, (_, corner) => {
    const angle = (corner % CORNERS) * ((2 * Math.PI) / CORNERS);
    return [lon + across * Math.cos(angle), lat + up * Math.sin(angle)];
  });
  return { type: 'Feature', geometry: { type: 'Polygon', coordinates: [ring] }, properties: {} };
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

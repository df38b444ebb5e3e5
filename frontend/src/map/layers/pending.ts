/** Reports that wait on this device: hollow and dashed, so that nobody takes them for cases the office knows of. */
import type { GeoJSONSource, LayerSpecification, Map as MapLibreMap, MapMouseEvent } from 'maplibre-gl';
import type { Theme } from '@/theme';
import { repaint } from '../map';
import { palettes, type Palette } from '../palette';
import { FONT } from '../style';

export interface Pending { id: string; lon: number; lat: number; refused: boolean; title: string }

export interface PendingLayer {
  show(list: readonly Pending[]): void;
  setTheme(theme: Theme): void;
  remove(): void;
}

const SIZE = 40;
const RATIO = 3;

function layers(theme: Theme): LayerSpecification[] {
  const c = palettes[theme];
  return [{
    id: 'pending', source: 'pending', type: 'symbol',
    layout: {
      'icon-image': ['case', ['get', 'refused'], 'pending-refused', 'pending-waiting'],
      'icon-allow-overlap': true,
      'text-field': ['step', ['zoom'], '', 15, ['get', 'title']],
      'text-font': FONT, 'text-size': 12, 'text-anchor': 'top', 'text-offset': [0, 1.3], 'text-optional': true,
    },
    paint: { 'text-color': c.textStrong, 'text-halo-color': c.halo, 'text-halo-width': 1.6 },
  }];
}

function picture(c: Palette, refused: boolean): ImageData {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIZE * RATIO;
  const context = canvas.getContext('2d')!;
  context.scale(RATIO, RATIO);
  context.translate(SIZE / 2, SIZE / 2);
  context.beginPath();
  context.arc(0, 0, 13, 0, Math.PI * 2);
  context.fillStyle = c.symbolEdge;
  context.fill();
  context.lineWidth = 2.6;
  context.strokeStyle = refused ? c.overdue : c.state.new;
  context.setLineDash([4.2, 3]);
  context.stroke();
  context.setLineDash([]);
  context.lineCap = context.lineJoin = 'round';
  context.stroke(new Path2D(refused ? 'M0-5.5V1M0 5.4v.1' : 'M0 5V-5M-4-1 0-5 4-1'));
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

function addPictures(map: MapLibreMap, theme: Theme): void {
  for (const refused of [false, true]) {
    const name = refused ? 'pending-refused' : 'pending-waiting';
    const data = picture(palettes[theme], refused);
    if (map.hasImage(name)) map.updateImage(name, data);
    else map.addImage(name, data, { pixelRatio: RATIO });
  }
}

/** Adds the layer; `open` hears which report was tapped. */
export function addPending(map: MapLibreMap, theme: Theme, open: (id: string) => void): PendingLayer {
  addPictures(map, theme);
  map.addSource('pending', { type: 'geojson', data: { type: 'FeatureCollection', features: [] } });
  for (const layer of layers(theme)) map.addLayer(layer);
  const click = (event: MapMouseEvent): void => {
    const hit = map.queryRenderedFeatures(event.point, { layers: ['pending'] })[0];
    if (hit) open(hit.properties.id as string);
  };
  map.on('click', click);
  return {
    show(list) {
      map.getSource<GeoJSONSource>('pending')?.setData({
        type: 'FeatureCollection',
        features: list.map(({ lon, lat, ...properties }) => ({ type: 'Feature', geometry: { type: 'Point', coordinates: [lon, lat] }, properties })),
      });
    },
    setTheme(next) {
      addPictures(map, next);
      repaint(map, layers(next));
    },
    remove() {
      map.off('click', click);
      for (const layer of layers(theme)) map.removeLayer(layer.id);
      map.removeSource('pending');
    },
  };
}

/** Workers on duty: they glide from one position to the next instead of jumping. */
import type { GeoJSONSource, LayerSpecification, Map as MapLibreMap } from 'maplibre-gl';
import type { WorkerPosition } from '@/api/types';
import { repaint } from '../map';
import { palettes } from '../palette';
import { FONT } from '../style';
import type { Theme } from '@/theme';

export interface WorkerLayer {
  move(workers: Iterable<WorkerPosition>): void;
  setTheme(theme: Theme): void;
  remove(): void;
}

interface Walker { worker: WorkerPosition; from: [number, number]; to: [number, number]; since: number }

const GLIDE = 1000;
const FRAME = 80;
const STALE = 10 * 60_000;

function layers(theme: Theme): LayerSpecification[] {
  const c = palettes[theme];
  return [{
    id: 'workers', source: 'workers', type: 'symbol',
    layout: {
      'icon-image': 'worker',
      'icon-size': ['interpolate', ['linear'], ['zoom'], 12, 0.6, 15, 1],
      'icon-allow-overlap': true,
      'text-field': ['step', ['zoom'], '', 14.5, ['get', 'name']],
      'text-font': FONT,
      'text-size': 12,
      'text-offset': [0, 1.3],
      'text-anchor': 'top',
      'text-optional': true,
    },
    paint: {
      'icon-opacity': ['case', ['get', 'stale'], 0.45, 1],
      'text-color': c.textStrong, 'text-halo-color': c.halo, 'text-halo-width': 1.6,
    },
  }];
}

function at(walker: Walker, now: number): [number, number] {
  const share = Math.min(1, (now - walker.since) / GLIDE);
  return [
    walker.from[0] + (walker.to[0] - walker.from[0]) * share,
    walker.from[1] + (walker.to[1] - walker.from[1]) * share,
  ];
}

/** Adds the layer; the map must know the symbols already. */
export function addWorkers(map: MapLibreMap, theme: Theme): WorkerLayer {
  const walkers = new Map<number, Walker>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  map.addSource('workers', { type: 'geojson', data: { type: 'FeatureCollection', features: [] } });
  // A worker stands where she reports: the case must stay in sight, so she is drawn beneath the cases, above the counts.
  const cases = map.getLayer('incident-selected') ? 'incident-selected' : undefined;
  for (const layer of layers(theme)) map.addLayer(layer, cases);

  function draw(): void {
    const now = performance.now();
    map.getSource<GeoJSONSource>('workers')?.setData({
      type: 'FeatureCollection',
      features: [...walkers.values()].map((walker) => ({
        type: 'Feature',
        geometry: { type: 'Point', coordinates: at(walker, now) },
        properties: { id: walker.worker.id, name: walker.worker.name, stale: isStale(walker.worker) },
      })),
    });
    clearTimeout(timer);
    const gliding = [...walkers.values()].some((walker) => now - walker.since < GLIDE);
    if (gliding && document.visibilityState === 'visible') timer = setTimeout(draw, FRAME);
  }

  function move(workers: Iterable<WorkerPosition>): void {
    const now = performance.now();
    const gone = new Set(walkers.keys());
    for (const worker of workers) {
      if (worker.lon === null || worker.lat === null) continue;
      gone.delete(worker.id);
      const known = walkers.get(worker.id);
      const to: [number, number] = [worker.lon, worker.lat];
      if (known && known.to[0] === to[0] && known.to[1] === to[1]) known.worker = worker;
      else walkers.set(worker.id, { worker, from: known ? at(known, now) : to, to, since: known ? now : now - GLIDE });
    }
    for (const id of gone) walkers.delete(id);
    draw();
  }

  return {
    move,
    setTheme: (next) => repaint(map, layers(next)),
    remove() {
      clearTimeout(timer);
      map.removeLayer('workers');
      map.removeSource('workers');
    },
  };
}

function isStale(worker: WorkerPosition): boolean {
  return worker.fixed_at === null || Date.now() - Date.parse(worker.fixed_at) > STALE;
}

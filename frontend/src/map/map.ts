/** The one map of this page: made once, outside Vue, and carried from one host element to the next. */
import { Map as MapLibreMap, ScaleControl, setWorkerUrl, type LayerSpecification, type LngLatBoundsLike } from 'maplibre-gl';
// MapLibre 6 keeps its worker in a file of its own, which the bundler only emits when asked for it by name.
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import 'maplibre-gl/dist/maplibre-gl.css';
import { fetchBasemap, fetchMe } from '@/api/endpoints';
import type { Bounds } from '@/api/types';
import type { Theme } from '@/theme';
import { baseLayers, baseStyle } from './style';

export interface GridMap {
  readonly map: MapLibreMap;
  /** Where "the whole area" is. */
  readonly bounds: Bounds | null;
}

let element: HTMLDivElement | null = null;
let made: Promise<GridMap> | null = null;

/** Puts the map into a host element, making it at the first call; rejects with ApiError if the base map is not known. */
export function attachMap(host: HTMLElement, theme: Theme, bounds: Bounds | null): Promise<GridMap> {
  element ??= document.createElement('div');
  element.style.cssText = 'position:absolute;inset:0';
  host.append(element);
  made ??= make(element, theme, bounds).catch((error: unknown) => {
    made = null;
    throw error;
  });
  return made.then((grid) => {
    grid.map.resize();
    return grid;
  });
}

/** Takes the map out of its host; it stays ready for the next one. */
export function detachMap(): void {
  element?.remove();
}

async function make(container: HTMLElement, theme: Theme, bounds: Bounds | null): Promise<GridMap> {
  const basemap = await fetchBasemap();
  const whole = bounds ?? basemap.bounds;
  setWorkerUrl(workerUrl);
  const map = new MapLibreMap({
    container,
    style: baseStyle(theme, basemap),
    ...(whole ? { bounds: whole, fitBoundsOptions: { padding: 40 } } : { center: basemap.center ?? [105.4, 28.9], zoom: 13 }),
    minZoom: 9,
    maxZoom: 20,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    attributionControl: { compact: true },
    fadeDuration: 150,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.on('error', tileFailed);
  map.addControl(new ScaleControl({ maxWidth: 90 }), 'bottom-left');
  await new Promise((resolve) => map.once('style.load', resolve));
  return { map, bounds: whole };
}

/** A tile that the server refuses because the session has ended brings up the sign-in; any other comes with the next look. */
function tileFailed({ error }: { error: { message: string } }): void {
  if ('status' in error && error.status === 401) void fetchMe({ unauthorized: 'ask' }).catch(() => undefined);
}

/** Asks for all tiles anew, those that failed among them. */
export function reloadTiles(map: MapLibreMap): void {
  for (const [id, source] of Object.entries(map.getStyle().sources)) if (source.type === 'vector') map.refreshTiles(id);
}

/** Gives layers the colours (and other paint) of new specifications, in place. */
export function repaint(map: MapLibreMap, layers: readonly LayerSpecification[]): void {
  for (const layer of layers) {
    if (!map.getLayer(layer.id)) continue;
    for (const [name, value] of Object.entries(layer.paint ?? {})) map.setPaintProperty(layer.id, name as never, value as never);
  }
}

/** Light or dark base map. */
export function setMapTheme(map: MapLibreMap, theme: Theme): void {
  repaint(map, baseLayers(theme));
}

/** Shows an extent in degrees, leaving `padding` pixels free. */
export function showBounds(map: MapLibreMap, bounds: Bounds, padding = 40): void {
  map.fitBounds(bounds as LngLatBoundsLike, { padding, duration: 500, maxZoom: 18 });
}

/** Moves to a point, closer only if it is far out; `covered` pixels at the right are under a panel. */
export function showPoint(map: MapLibreMap, lon: number, lat: number, zoom = 16, covered = 0): void {
  const near = map.getZoom() >= zoom - 1 && map.getBounds().contains([lon, lat]);
  map.easeTo({
    center: [lon, lat], zoom: near ? map.getZoom() : Math.max(zoom, map.getZoom()), offset: [-covered / 2, 0], duration: 500,
  });
}

/**
 * Cases on the map. The bulk are vector tiles made by the server for the filter at hand (counts in the distance, symbols
 * near by), so 50,000 open cases cost the same as 500. What changed since the tiles were loaded is hidden in them and
 * drawn from a small overlay, until the tiles are asked anew.
 */
import type { Feature, FeatureCollection, Point } from 'geojson';
import type {
  ExpressionSpecification, GeoJSONSource, LayerSpecification, Map as MapLibreMap, MapMouseEvent, PointLike,
  SymbolLayerSpecification, VectorTileSource,
} from 'maplibre-gl';
import { url } from '@/api/client';
import type { IncidentFilter } from '@/api/endpoints';
import type { Card } from '@/api/types';
import { groupOf } from '@/model/incident';
import { repaint } from '../map';
import { palettes } from '../palette';
import { pulse } from '../pulse';
import { FONT } from '../style';
import { addSymbols, symbolExpression } from '../symbols';
import type { Theme } from '@/theme';

export interface IncidentLayer {
  /** Shows what the filter lets through. */
  setFilter(filter: IncidentFilter): void;
  /** Takes changed cards; `shown` tells whether each belongs to the filter now. */
  change(changes: readonly { card: Card; shown: boolean }[]): void;
  /** Asks for the tiles anew. */
  refresh(): void;
  select(card: Card | null): void;
  announce(card: Card): void;
  onOpen(open: (id: string) => void): void;
  setTheme(theme: Theme): void;
  setLanguage(language: string): void;
  remove(): void;
}

const MOST_IN_OVERLAY = 300;
/** How long counts may lag behind changes, in ms: longer where tiles are slow, so that asking never becomes the load. */
const SHORTEST_LAG = 4_000;
const LONGEST_LAG = 30_000;
const LAG_PER_COST = 10;
const REACH = 14;
const SYMBOLS = ['incident-live', 'incident-tile'];
const SOURCES = ['incidents', 'incidents-live', 'incident-selected'];

function symbols(theme: Theme, language: string, id: string, source: { source: string; 'source-layer'?: string }): SymbolLayerSpecification {
  const c = palettes[theme];
  const shown: ExpressionSpecification = ['case', ['boolean', ['feature-state', 'hidden'], false], 0, 1];
  return {
    id, ...source, type: 'symbol',
    layout: {
      'icon-image': symbolExpression(),
      'icon-size': ['interpolate', ['linear'], ['zoom'], 12, 0.7, 17, 1],
      'icon-allow-overlap': true,
      'icon-ignore-placement': true,
      'symbol-sort-key': ['+', ['*', 2, ['to-number', ['get', 'urgent']]], ['to-number', ['get', 'overdue']]],
      'text-field': ['step', ['zoom'], '', 17, ['get', language === 'en' ? 'title_en' : 'title']],
      'text-font': FONT,
      'text-size': 12,
      'text-anchor': 'top',
      'text-offset': [0, 1.3],
      'text-optional': true,
    },
    paint: { 'icon-opacity': shown, 'text-opacity': shown, 'text-color': c.textStrong, 'text-halo-color': c.halo, 'text-halo-width': 1.6 },
  };
}

function layers(theme: Theme, language: string): LayerSpecification[] {
  const c = palettes[theme];
  const cluster = { source: 'incidents', 'source-layer': 'cluster' } as const;
  return [
    {
      ...cluster, id: 'incident-cluster', type: 'circle',
      paint: {
        'circle-radius': ['interpolate', ['linear'], ['ln', ['max', 1, ['get', 'count']]], 0, 10, 3, 16, 8, 30],
        'circle-color': c.cluster,
        'circle-opacity': 0.94,
        'circle-stroke-width': ['case', ['>', ['get', 'overdue'], 0], 3, 2],
        'circle-stroke-color': ['case', ['>', ['get', 'overdue'], 0], c.overdue, c.clusterEdge],
      },
    },
    {
      ...cluster, id: 'incident-count', type: 'symbol',
      layout: { 'text-field': ['to-string', ['get', 'count']], 'text-font': FONT, 'text-size': 12, 'text-allow-overlap': true },
      paint: { 'text-color': c.clusterText },
    },
    {
      id: 'incident-selected', source: 'incident-selected', type: 'circle',
      paint: { 'circle-radius': 24, 'circle-color': c.lit, 'circle-opacity': 0.16, 'circle-stroke-color': c.lit, 'circle-stroke-width': 2.5 },
    },
    ...symbolLayers(theme, language),
  ];
}

function symbolLayers(theme: Theme, language: string): SymbolLayerSpecification[] {
  return [
    symbols(theme, language, 'incident-tile', { source: 'incidents', 'source-layer': 'incident' }),
    symbols(theme, language, 'incident-live', { source: 'incidents-live' }),
    // The open case stays in sight when the filter does not let it through or a count has swallowed it.
    symbols(theme, language, 'incident-open', { source: 'incident-selected' }),
  ];
}

function feature(card: Card): Feature<Point> {
  const { id, state, domain, title, title_en } = card;
  return {
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [card.lon!, card.lat!] },
    properties: { id, state, domain, title, title_en, urgent: Number(card.urgent), overdue: Number(card.overdue) },
  };
}

class Incidents implements IncidentLayer {
  private readonly map: MapLibreMap;
  private theme: Theme;
  private filter: IncidentFilter;
  private generation = 0;
  private lag = SHORTEST_LAG;
  /** Cards changed since the tiles, and whether they belong to the filter. */
  private readonly changed = new Map<string, { card: Card; shown: boolean; generation: number }>();
  private drawing: ReturnType<typeof setTimeout> | undefined;
  private lagging: ReturnType<typeof setTimeout> | undefined;
  private open: (id: string) => void = () => undefined;

  constructor(map: MapLibreMap, theme: Theme, language: string, filter: IncidentFilter) {
    this.map = map;
    this.theme = theme;
    this.filter = filter;
    addSymbols(map, theme);
    const empty = { type: 'FeatureCollection', features: [] } as FeatureCollection;
    map.addSource('incidents', { type: 'vector', tiles: [this.address()], minzoom: 9, maxzoom: 18, promoteId: { incident: 'id' } });
    map.addSource('incidents-live', { type: 'geojson', data: empty });
    map.addSource('incident-selected', { type: 'geojson', data: empty });
    for (const layer of layers(theme, language)) map.addLayer(layer);
    map.on('click', this.click);
    map.on('mousemove', this.hover);
  }

  setFilter(filter: IncidentFilter): void {
    this.filter = filter;
    this.refresh();
  }

  change(changes: readonly { card: Card; shown: boolean }[]): void {
    for (const { card, shown } of changes) {
      this.changed.set(card.id, { card, shown, generation: this.generation });
      this.hide(card.id);
    }
    if (this.changed.size > MOST_IN_OVERLAY) this.refresh();
    else if (this.lagging === undefined && this.countsInSight()) this.lagging = setTimeout(() => this.refresh(), this.lag);
    // Many changes in one breath are drawn once.
    this.drawing ??= setTimeout(() => this.draw(), 60);
  }

  refresh(): void {
    clearTimeout(this.lagging);
    this.lagging = undefined;
    this.generation += 1;
    const wanted = this.generation;
    const asked = performance.now();
    this.map.getSource<VectorTileSource>('incidents')?.setTiles([this.address()]);
    const loaded = (): void => {
      if (wanted !== this.generation) return void this.map.off('idle', loaded);
      if (!this.map.isSourceLoaded('incidents')) return;
      this.map.off('idle', loaded);
      this.lag = Math.min(LONGEST_LAG, Math.max(SHORTEST_LAG, (performance.now() - asked) * LAG_PER_COST));
      this.settle(wanted);
    };
    this.map.on('idle', loaded);
  }

  select(card: Card | null): void {
    const features = card && card.lon !== null && card.lat !== null ? [feature(card)] : [];
    this.map.getSource<GeoJSONSource>('incident-selected')?.setData({ type: 'FeatureCollection', features });
  }

  announce(card: Card): void {
    if (card.lon === null || card.lat === null) return;
    const c = palettes[this.theme];
    pulse(this.map, card.lon, card.lat, card.overdue ? c.overdue : c.state[groupOf(card.state)], card.urgent);
  }

  onOpen(open: (id: string) => void): void {
    this.open = open;
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    addSymbols(this.map, theme);
    repaint(this.map, layers(theme, ''));
  }

  setLanguage(language: string): void {
    for (const layer of symbolLayers(this.theme, language)) this.map.setLayoutProperty(layer.id, 'text-field', layer.layout?.['text-field']);
  }

  remove(): void {
    clearTimeout(this.drawing);
    clearTimeout(this.lagging);
    this.generation += 1;
    this.map.off('click', this.click);
    this.map.off('mousemove', this.hover);
    for (const layer of layers(this.theme, '')) this.map.removeLayer(layer.id);
    for (const source of SOURCES) this.map.removeSource(source);
  }

  private address(): string {
    return location.origin + url('/api/tiles/incidents/{z}/{x}/{y}', { ...this.filter, v: this.generation })
      .replaceAll('%7B', '{').replaceAll('%7D', '}');
  }

  private countsInSight(): boolean {
    return this.map.queryRenderedFeatures({ layers: ['incident-cluster'] }).length > 0;
  }

  private hide(id: string): void {
    this.map.setFeatureState({ source: 'incidents', sourceLayer: 'incident', id }, { hidden: true });
  }

  /** The tiles hold everything up to the refresh: only what changed after it stays in the overlay. */
  private settle(generation: number): void {
    this.map.removeFeatureState({ source: 'incidents', sourceLayer: 'incident' });
    for (const [id, one] of this.changed) {
      if (one.generation < generation) this.changed.delete(id);
      else this.hide(id);
    }
    this.draw();
  }

  private draw(): void {
    clearTimeout(this.drawing);
    this.drawing = undefined;
    const shown = [...this.changed.values()].filter(({ card, shown: inside }) => inside && card.lon !== null && card.lat !== null);
    this.map.getSource<GeoJSONSource>('incidents-live')?.setData({
      type: 'FeatureCollection', features: shown.map(({ card }) => feature(card)),
    });
  }

  private around(event: MapMouseEvent, ids: string[], reach: number): ReturnType<MapLibreMap['queryRenderedFeatures']> {
    const { x, y } = event.point;
    const box: [PointLike, PointLike] = [[x - reach, y - reach], [x + reach, y + reach]];
    const here = ids.filter((id) => this.map.getLayer(id));
    return this.map.queryRenderedFeatures(box, { layers: here }).filter((one) => one.state.hidden !== true);
  }

  private readonly click = (event: MapMouseEvent): void => {
    const hit = this.around(event, SYMBOLS, REACH)[0];
    if (hit) {
      this.open(hit.properties.id as string);
      return;
    }
    const cluster = this.around(event, ['incident-cluster'], 4)[0];
    if (cluster?.geometry.type !== 'Point') return;
    const [lon, lat] = cluster.geometry.coordinates as [number, number];
    this.map.easeTo({ center: [lon, lat], zoom: Math.min(18.5, Math.max(this.map.getZoom() + 1.5, 13)), duration: 400 });
  };

  private readonly hover = (event: MapMouseEvent): void => {
    const over = this.around(event, [...SYMBOLS, 'incident-cluster'], 2).length > 0;
    this.map.getCanvas().style.cursor = over ? 'pointer' : '';
  };
}

/** Adds the layer to the map. */
export function addIncidents(map: MapLibreMap, theme: Theme, language: string, filter: IncidentFilter): IncidentLayer {
  return new Incidents(map, theme, language, filter);
}

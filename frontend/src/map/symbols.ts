/** The symbols of cases, drawn once to canvas: colour and glyph by state, shape by kind, red ring when overdue. */
import type { ExpressionSpecification, Map as MapLibreMap } from 'maplibre-gl';
import type { Domain } from '@/api/types';
import { GLYPHS } from '@/model/glyphs';
import { GROUPS, STATES, type StateGroup } from '@/model/incident';
import { palettes, type Palette } from './palette';
import type { Theme } from '@/theme';

export interface SymbolKind { group: StateGroup; domain: Domain; overdue: boolean; urgent: boolean }

const RATIO = 3;
const CANVAS = 44;

/** The name under which the map knows a symbol. */
export function symbolName({ group, domain, overdue, urgent }: SymbolKind): string {
  return `case-${group}-${domain}-${Number(overdue)}-${Number(urgent)}`;
}

/** The symbol's name from a feature's state, domain, overdue and urgent (0 or 1). */
export function symbolExpression(): ExpressionSpecification {
  const byState = GROUPS.flatMap((group) => [[...STATES[group]], group]);
  return [
    'concat', 'case-', ['match', ['get', 'state'], ...byState, 'new'],
    '-', ['match', ['get', 'domain'], 'object', 'object', 'event'],
    '-', ['to-string', ['get', 'overdue']], '-', ['to-string', ['get', 'urgent']],
  ] as unknown as ExpressionSpecification;
}

/** Every combination that a case can have. */
export function symbolKinds(): SymbolKind[] {
  const flags = [false, true];
  return GROUPS.flatMap((group) => (['event', 'object'] as const).flatMap((domain) =>
    flags.flatMap((overdue) => flags.map((urgent) => ({ group, domain, overdue, urgent })))));
}

function outline(context: CanvasRenderingContext2D, domain: Domain, radius: number): void {
  context.beginPath();
  if (domain === 'event') context.arc(0, 0, radius, 0, Math.PI * 2);
  else context.roundRect(-radius * 0.92, -radius * 0.92, radius * 1.84, radius * 1.84, radius * 0.3);
}

/** Draws one symbol around the origin of the context, in CSS pixels. */
export function drawSymbol(context: CanvasRenderingContext2D, kind: SymbolKind, c: Palette): void {
  const radius = kind.urgent ? 14 : 10.5;
  if (kind.overdue) {
    outline(context, kind.domain, radius + 5);
    context.fillStyle = c.overdue;
    context.fill();
  }
  outline(context, kind.domain, radius + 2);
  context.fillStyle = c.symbolEdge;
  context.fill();
  outline(context, kind.domain, radius);
  context.fillStyle = c.state[kind.group];
  context.fill();
  context.save();
  context.scale(radius / 10.5, radius / 10.5);
  context.lineWidth = 2.4;
  context.lineCap = context.lineJoin = 'round';
  context.strokeStyle = c.symbolEdge;
  context.stroke(new Path2D(GLYPHS[kind.group]));
  context.restore();
}

function picture(kind: SymbolKind, c: Palette): ImageData {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = CANVAS * RATIO;
  const context = canvas.getContext('2d')!;
  context.scale(RATIO, RATIO);
  context.translate(CANVAS / 2, CANVAS / 2);
  drawSymbol(context, kind, c);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** Gives the map all symbols in the colours of a theme; may be called again for another theme. */
export function addSymbols(map: MapLibreMap, theme: Theme): void {
  for (const kind of symbolKinds()) setImage(map, symbolName(kind), picture(kind, palettes[theme]));
  setImage(map, 'worker', workerPicture(palettes[theme]));
}

function setImage(map: MapLibreMap, name: string, data: ImageData): void {
  if (map.hasImage(name)) map.updateImage(name, data);
  else map.addImage(name, data, { pixelRatio: RATIO });
}

function workerPicture(c: Palette): ImageData {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 32 * RATIO;
  const context = canvas.getContext('2d')!;
  context.scale(RATIO, RATIO);
  context.translate(16, 16);
  context.beginPath();
  context.arc(0, 0, 12, 0, Math.PI * 2);
  context.fillStyle = c.worker;
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = c.workerFace;
  context.stroke();
  context.fillStyle = c.workerFace;
  context.fill(new Path2D('M0-7a3.4 3.4 0 1 1 0 6.8A3.4 3.4 0 1 1 0-7zM-6.4 6.4C-6.4 2.6-3.4 1 0 1S6.4 2.6 6.4 6.4z'));
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** A plan of cells counted as `gridmap/cellplan.py` counts it, so that figures follow a drag at once; `tests/cellplan.json` holds both to it. */
export type Unit = readonly [households: number, incidents: number, area: number, outline: number, x: number, y: number];
export type Border = readonly [one: number, two: number, metres: number, kind: number];
export interface GroundNumbers { units: readonly Unit[]; borders: readonly Border[] }
export interface Figures {
  households: number; deviation: number; compactness: number; area: number; on_lines: number; crossed: number; walk: number;
  incidents: number; units: number; in_one_piece: boolean;
}
export const FEWEST = 300;
export const MOST = 500;
const OPEN = 4;
const STREET = 1;

const sum = <T>(list: readonly T[], value: (one: T) => number): number => list.reduce((whole, one) => whole + value(one), 0);
export const inRange = (one: { households: number }): boolean => one.households >= FEWEST && one.households <= MOST;

/** The figures of cells 0 … n - 1, given the cell of each unit. */
export function figures(ground: GroundNumbers, cells: readonly number[], dedicated: readonly number[] = []): Figures[] {
  const count = Math.max(...cells) + 1;
  const own: number[][] = Array.from({ length: count }, () => []);
  cells.forEach((cell, unit) => own[cell]!.push(unit));
  const borders: Border[][] = Array.from({ length: count }, () => []);
  for (const border of ground.borders) for (const cell of new Set([cells[border[0]]!, cells[border[1]]!])) borders[cell]!.push(border);
  const usual = own.filter((_, cell) => !dedicated.includes(cell)).map((units) => sum(units, (unit) => ground.units[unit]![0]));
  const mean = usual.length ? sum(usual, (one) => one) / usual.length : 0;
  return own.map((units, cell) => figuresOf(ground, cells, units, borders[cell]!, mean));
}

function figuresOf(ground: GroundNumbers, cells: readonly number[], own: readonly number[], borders: readonly Border[], mean: number): Figures {
  const units = own.map((unit) => ground.units[unit]!);
  const inner = borders.filter(([one, two]) => cells[one] === cells[two]);
  const outer = borders.filter(([one, two]) => cells[one] !== cells[two]);
  const area = sum(units, (unit) => unit[2]);
  const households = sum(units, (unit) => unit[0]);
  const around = sum(units, (unit) => unit[3]) - 2 * sum(inner, (border) => border[2]);
  const apart = sum(outer, (border) => border[2]);
  return {
    households, deviation: mean ? households / mean - 1 : 0, compactness: around > 0 ? (4 * Math.PI * area) / around ** 2 : 0, area,
    on_lines: apart ? 1 - sum(outer.filter((border) => border[3] === OPEN), (border) => border[2]) / apart : 1,
    crossed: sum(inner.filter((border) => border[3] <= STREET), (border) => border[2]), walk: walkOf(units),
    incidents: sum(units, (unit) => unit[1]), units: own.length, in_one_piece: pieces(own, inner).length === 1,
  };
}

function walkOf(units: readonly Unit[]): number {
  const whole = sum(units, (unit) => unit[0]);
  if (!whole) return 0;
  const x = sum(units, (unit) => unit[0] * unit[4]) / whole;
  const y = sum(units, (unit) => unit[0] * unit[5]) / whole;
  return sum(units, (unit) => unit[0] * Math.hypot(unit[4] - x, unit[5] - y)) / whole;
}

/** What hangs together of some units by the borders between them. */
export function pieces(units: readonly number[], borders: readonly Border[]): number[][] {
  const near = new Map<number, number[]>(units.map((unit) => [unit, []]));
  for (const [one, two] of borders) { near.get(one)?.push(two); near.get(two)?.push(one); }
  const left = new Set(units);
  const found: number[][] = [];
  for (const first of units) {
    if (!left.delete(first)) continue;
    const piece = [first];
    for (const unit of piece) for (const other of near.get(unit) ?? []) if (left.delete(other)) piece.push(other);
    found.push(piece);
  }
  return found;
}

/** The cells that touch a unit, without its own. */
export function neighbours(ground: GroundNumbers, cells: readonly number[], unit: number): number[] {
  const found = new Set<number>();
  for (const [one, two] of ground.borders) if (one === unit || two === unit) found.add(cells[one === unit ? two : one]!);
  found.delete(cells[unit]!);
  return [...found].sort((a, b) => a - b);
}

/** Which cells would be in several pieces, or none any more, if a unit went to another cell. */
export function moveFaults(ground: GroundNumbers, cells: readonly number[], unit: number, to: number): number[] {
  const after = cells.map((cell, at) => (at === unit ? to : cell));
  return [cells[unit]!, to].filter((cell) => {
    const own = after.flatMap((one, at) => (one === cell ? [at] : []));
    return own.length > 0 && pieces(own, ground.borders.filter(([a, b]) => after[a] === cell && after[b] === cell)).length > 1;
  });
}

/** A colour for each cell, by number, so that cells that touch differ. */
export function colours(ground: GroundNumbers, cells: readonly number[], most = 6): number[] {
  const near: Set<number>[] = Array.from({ length: Math.max(0, ...cells) + 1 }, () => new Set());
  for (const [one, two] of ground.borders) {
    const [a, b] = [cells[one]!, cells[two]!];
    if (a !== b) { near[a]!.add(b); near[b]!.add(a); }
  }
  const found: number[] = [];
  near.forEach((others, cell) => {
    const free = Array.from({ length: most }, (_, at) => (at + cell) % most).find((colour) => ![...others].some((other) => found[other] === colour));
    found[cell] = free ?? cell % most;
  });
  return found;
}

type Ring = readonly (readonly number[])[];
export interface Drawing { width: number; height: number; units: string[]; middles: [number, number][]; edges: { path: string; one: number; two: number; kind: number }[] }

/** Units as SVG paths, 1000 wide, north above; and for each border between two the line that both share. */
export function drawing(ground: GroundNumbers, shapes: readonly { geometry: { type: string; coordinates: unknown } }[]): Drawing {
  const rings = shapes.map(({ geometry }) => (geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates) as Ring[][]);
  const points = rings.flat(3) as unknown as (readonly number[])[];
  const [west, east] = [Math.min(...points.map((p) => p[0]!)), Math.max(...points.map((p) => p[0]!))];
  const [south, north] = [Math.min(...points.map((p) => p[1]!)), Math.max(...points.map((p) => p[1]!))];
  const narrow = Math.cos(((south + north) / 2) * (Math.PI / 180));
  const scale = 1000 / ((east - west) * narrow || 1);
  const x = (p: readonly number[]): number => Math.round((p[0]! - west) * narrow * scale * 10) / 10;
  const y = (p: readonly number[]): number => Math.round((north - p[1]!) * scale * 10) / 10;
  const path = (ring: Ring): string => `M${ring.map((p) => `${x(p)} ${y(p)}`).join('L')}Z`;
  const main = new Map<string, number>();
  for (const [one, two, , kind] of ground.borders) main.set(`${one} ${two}`, Math.min(kind, main.get(`${one} ${two}`) ?? OPEN));
  return {
    width: 1000, height: Math.max(1, (north - south) * scale), units: rings.map((polygons) => polygons.flat().map(path).join('')),
    middles: rings.map((polygons) => middle(polygons[0]![0]!, x, y)), edges: shared(rings, x, y, main),
  };
}

function middle(ring: Ring, x: (p: readonly number[]) => number, y: (p: readonly number[]) => number): [number, number] {
  return [sum(ring, x) / ring.length, sum(ring, y) / ring.length];
}

function shared(rings: Ring[][][], x: (p: readonly number[]) => number, y: (p: readonly number[]) => number, main: Map<string, number>): Drawing['edges'] {
  const first = new Map<string, number>();
  const lines = new Map<string, string[]>();
  rings.forEach((polygons, unit) => polygons.flat().forEach((ring) => ring.slice(1).forEach((end, at) => {
    const [a, b] = [`${x(ring[at]!)} ${y(ring[at]!)}`, `${x(end)} ${y(end)}`];
    const key = a < b ? `${a}L${b}` : `${b}L${a}`;
    const other = first.get(key);
    if (other === undefined) first.set(key, unit);
    else if (other !== unit) {
      const pair = other < unit ? `${other} ${unit}` : `${unit} ${other}`;
      lines.set(pair, [...(lines.get(pair) ?? []), `M${key}`]);
    }
  })));
  return [...lines].map(([pair, parts]) => {
    const [one, two] = pair.split(' ').map(Number) as [number, number];
    return { path: parts.join(''), one, two, kind: main.get(pair) ?? OPEN };
  });
}

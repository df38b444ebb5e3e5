/** Cells that are set before the rest is cut, as they come from a drawing or a GeoJSON file. Pure. */
export type Ring = [number, number][];
export interface GivenCell { rings: Ring[]; name: string; dedicated: boolean }

interface Shape { type?: string; coordinates?: unknown; geometry?: Shape | null; features?: Shape[]; geometries?: Shape[]; properties?: Record<string, unknown> | null }
const DIGITS = 1e7;  // of a degree: a centimetre
const NAMES = ['name', '名称', '网格名称'];
const DEDICATED = ['dedicated', 'kind', '类型', '网格类型'];

/** Rings with closed ends, good to a centimetre. */
export function rounded(rings: readonly (readonly (readonly number[])[])[]): Ring[] {
  return rings.map((ring) => ring.map(([lon, lat]) => [Math.round(lon! * DIGITS) / DIGITS, Math.round(lat! * DIGITS) / DIGITS]));
}

function polygons(shape: Shape): number[][][][] {
  if (shape.type === 'Polygon') return [shape.coordinates as number[][][]];
  if (shape.type === 'MultiPolygon') return shape.coordinates as number[][][][];
  return (shape.geometries ?? []).flatMap(polygons);
}

/** The polygons of a GeoJSON text in degrees; throws 'notGeoJson', 'noCells' or 'notDegrees', words of the page. */
export function readCells(text: string): GivenCell[] {
  let found: Shape;
  try { found = JSON.parse(text) as Shape; } catch { throw new Error('notGeoJson'); }
  if (typeof found !== 'object' || found === null) throw new Error('notGeoJson');
  const features = found.type === 'FeatureCollection' ? (found.features ?? []) : [found.type === 'Feature' ? found : { geometry: found }];
  const cells = features.flatMap((one) => {
    const about = one.properties ?? {};
    const name = NAMES.map((key) => about[key]).find((value) => typeof value === 'string') as string | undefined;
    const dedicated = DEDICATED.some((key) => [true, 'true', 'dedicated', '专属', '专属网格'].includes(about[key] as string));
    return one.geometry ? polygons(one.geometry).map((rings) => ({ rings: rounded(rings), name: (name ?? '').slice(0, 60), dedicated })) : [];
  });
  if (!cells.length) throw new Error('noCells');
  const fine = cells.every((cell) => cell.rings.flat().every(([lon, lat]) => Math.abs(lon) <= 180 && Math.abs(lat) <= 90));
  if (!fine) throw new Error('notDegrees');
  return cells;
}

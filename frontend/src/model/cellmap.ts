/** Places on the small map of a cell: from degrees to the units of its picture and back. */
import type { CellMap } from '@/api/types';

type Frame = Pick<CellMap, 'width' | 'height' | 'bounds'>;
export interface Spot { x: number; y: number }
export interface Place { lon: number; lat: number }

/** Where a place lies on the picture; over one cell a straight scale is exact to a centimetre. */
export function spotOf(frame: Frame, { lon, lat }: Place): Spot {
  const [west, south, east, north] = frame.bounds;
  return { x: (lon - west) / (east - west) * frame.width, y: (north - lat) / (north - south) * frame.height };
}

/** The place of a spot of the picture, in degrees. */
export function placeOf(frame: Frame, { x, y }: Spot): Place {
  const [west, south, east, north] = frame.bounds;
  return { lon: west + x / frame.width * (east - west), lat: north - y / frame.height * (north - south) };
}

/** Whether a spot lies on the picture. */
export function onPicture(frame: Frame, { x, y }: Spot): boolean {
  return x >= 0 && y >= 0 && x <= frame.width && y <= frame.height;
}

/** The nearest spot on the picture. */
export function kept(frame: Frame, { x, y }: Spot): Spot {
  return { x: Math.min(frame.width, Math.max(0, x)), y: Math.min(frame.height, Math.max(0, y)) };
}

/** Number or password of a receipt as people read it aloud: in two halves. */
export function halves(text: string): string {
  return text.length === 8 ? `${text.slice(0, 4)}-${text.slice(4)}` : text;
}

import { describe, expect, it } from 'vitest';
import { halves, kept, onPicture, placeOf, spotOf } from '@/model/cellmap';

const frame = { width: 1200, height: 2600, bounds: [105, 28, 105.01, 28.02] as [number, number, number, number] };

describe('the map of a cell', () => {
  it('has its upper left corner in the north-west', () => {
    expect(spotOf(frame, { lon: 105, lat: 28.02 })).toEqual({ x: 0, y: 0 });
    const corner = spotOf(frame, { lon: 105.01, lat: 28 });
    expect(corner.x).toBeCloseTo(1200);
    expect(corner.y).toBeCloseTo(2600);
  });

  it('gives back the place it was given', () => {
    for (const [lon, lat] of [[105.0031, 28.0177], [105.0099, 28.0001]] as const) {
      const place = placeOf(frame, spotOf(frame, { lon, lat }));
      expect(place.lon).toBeCloseTo(lon, 9);
      expect(place.lat).toBeCloseTo(lat, 9);
    }
  });

  it('keeps the mark on the picture', () => {
    expect(onPicture(frame, { x: -1, y: 5 })).toBe(false);
    expect(kept(frame, { x: -1, y: 5000 })).toEqual({ x: 0, y: 2600 });
    expect(onPicture(frame, kept(frame, { x: 9999, y: -3 }))).toBe(true);
  });
});

describe('a password', () => {
  it('is written in two halves', () => {
    expect(halves('ABCD2345')).toBe('ABCD-2345');
    expect(halves('x')).toBe('x');
  });
});

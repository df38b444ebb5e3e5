import { describe, expect, it } from 'vitest';
import { accuracyCircle } from '@/map/circle';

describe('accuracy circle', () => {
  it('is closed and has its radius in metres in every direction', () => {
    const [lon, lat] = [105.44, 28.88];
    const ring = accuracyCircle({ lon, lat, accuracy_m: 50 }).geometry.coordinates[0]!;
    expect(ring[0]).toEqual(ring.at(-1));
    for (const [x, y] of ring as [number, number][]) {
      const east = (x - lon) * 111_320 * Math.cos((lat * Math.PI) / 180);
      const north = (y - lat) * 111_320;
      expect(Math.hypot(east, north)).toBeCloseTo(50, 1);
    }
  });
});

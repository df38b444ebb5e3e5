import type { Feature, Polygon } from 'geojson';

/** A position in degrees with its accuracy. */
export interface Here { lon: number; lat: number; accuracy_m: number }

const METRES_PER_DEGREE = 111_320;
const CORNERS = 48;

/** A circle of the accuracy around a point; exact enough for a picture. */
export function accuracyCircle({ lon, lat, accuracy_m }: Here): Feature<Polygon> {
  const up = accuracy_m / METRES_PER_DEGREE;
  const across = up / Math.cos((lat * Math.PI) / 180);
  const ring = Array.from({ length: CORNERS + 1 }, (_, corner) => {
    const angle = (corner % CORNERS) * ((2 * Math.PI) / CORNERS);
    return [lon + across * Math.cos(angle), lat + up * Math.sin(angle)];
  });
  return { type: 'Feature', geometry: { type: 'Polygon', coordinates: [ring] }, properties: {} };
}

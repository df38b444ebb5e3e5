/** A ring that opens around a point and fades: once for news, three times for urgent news. */
import { Marker, type Map as MapLibreMap } from 'maplibre-gl';
import './pulse.css';

const MOST_AT_ONCE = 12;
let showing = 0;

/** Announces a point in degrees; many at once are not all shown, so that a busy hour stays calm. */
export function pulse(map: MapLibreMap, lon: number, lat: number, color: string, urgent: boolean): void {
  if (showing >= MOST_AT_ONCE) return;
  showing += 1;
  const element = document.createElement('div');
  element.className = urgent ? 'pulse urgent' : 'pulse';
  element.style.setProperty('--pulse', color);
  element.append(document.createElement('span'));
  const marker = new Marker({ element }).setLngLat([lon, lat]).addTo(map);
  setTimeout(() => {
    marker.remove();
    showing -= 1;
  }, urgent ? 3700 : 1700);
}

/** The pin that says where a report is: it stands where the report will be, follows a drag, or jumps to a tap. */
import { Marker, type Map as MapLibreMap, type MapMouseEvent } from 'maplibre-gl';
import './pin.css';

export interface Pin {
  /** Puts the pin at a point in degrees. */
  move(lon: number, lat: number): void;
  remove(): void;
}

/** Adds the pin; `moved` hears where a person has put it. */
export function addPin(map: MapLibreMap, label: string, moved: (lon: number, lat: number) => void): Pin {
  const element = document.createElement('div');
  element.className = 'pin';
  element.setAttribute('role', 'img');
  element.setAttribute('aria-label', label);
  element.innerHTML = '<svg viewBox="0 0 48 60"><path class="body" d="M24 58C14 43 5 35 5 23a19 19 0 0 1 38 0c0 12-9 20-19 35z"/><circle class="eye" cx="24" cy="23" r="7"/></svg>';
  const marker = new Marker({ element, anchor: 'bottom', draggable: true });
  let placed = false;

  const tell = (): void => {
    const { lng, lat } = marker.getLngLat();
    moved(lng, lat);
  };
  const click = (event: MapMouseEvent): void => {
    marker.setLngLat(event.lngLat);
    tell();
  };
  marker.on('dragend', tell);
  map.on('click', click);
  return {
    move(lon, lat) {
      marker.setLngLat([lon, lat]);
      if (!placed) marker.addTo(map);
      placed = true;
    },
    remove() {
      map.off('click', click);
      marker.remove();
    },
  };
}

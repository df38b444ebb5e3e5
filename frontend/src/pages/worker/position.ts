/**
 * The position of this device. It is shared only while its owner is on duty, and only the newest matters: nothing is
 * queued, nothing is kept. For a report it is asked once, and stays on this device until the report is sent.
 */
import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { ApiError } from '@/api/client';
import { sendPosition } from '@/api/endpoints';
import { useDuty } from '@/stores/duty';
import { useSession } from '@/stores/session';

export interface Fix { lon: number; lat: number; accuracy_m: number; at: number }
export type Sensing = 'off' | 'waiting' | 'on' | 'denied' | 'unavailable';

/** At most one position in this many ms. */
const PACE = 5_000;
/** A person who stands still is told of this often, so that her place does not look forgotten. */
const STILL = 60_000;
const ONCE = { enableHighAccuracy: true, maximumAge: 10_000, timeout: 15_000 };
const WORST = 100_000;
const AGAIN = 5_000;
const leavingKey = (user: number): string => `gridmap.leaving.${user}`;

function fixOf({ coords, timestamp }: GeolocationPosition): Fix {
  return { lon: coords.longitude, lat: coords.latitude, accuracy_m: Math.min(WORST, coords.accuracy), at: timestamp };
}

export const usePosition = defineStore('position', () => {
  const session = useSession();
  const duty = useDuty();
  const sensing = ref<Sensing>('off');
  const here = shallowRef<Fix | null>(null);
  /** What the server has confirmed last, which is what others see. */
  const shared = shallowRef<Fix | null>(null);
  /** Why the server does not take the positions of this device, in its own words. */
  const refusal = ref('');
  let watching: number | null = null;
  let still: ReturnType<typeof setInterval> | undefined;
  let pause: ReturnType<typeof setTimeout> | undefined;
  let waiting: Fix | null = null;

  /** She has gone off duty and the server does not know yet; outlives a reload, so that nothing is shared meanwhile. */
  const leaving = ref(session.me !== null && localStorage.getItem(leavingKey(session.me.id)) !== null);
  const sharing = computed(() => (session.me?.on_duty ?? false) && !leaving.value);

  function failed({ code, PERMISSION_DENIED }: GeolocationPositionError): void {
    sensing.value = code === PERMISSION_DENIED ? 'denied' : 'unavailable';
  }

  function take(position: GeolocationPosition): void {
    here.value = fixOf(position);
    sensing.value = 'on';
    if (!sharing.value) return;
    waiting = here.value;
    if (pause === undefined) void share();
  }

  async function share(): Promise<void> {
    const fix = waiting;
    waiting = null;
    if (!fix || !sharing.value) return;
    pause = setTimeout(() => {
      pause = undefined;
      void share();
    }, PACE);
    try {
      await sendPosition({ lon: fix.lon, lat: fix.lat, accuracy_m: fix.accuracy_m, at: new Date(fix.at).toISOString() });
      shared.value = fix;
      refusal.value = '';
    } catch (error) {
      if (error instanceof ApiError) refused(error);
    }
  }

  /** Somebody ended the duty elsewhere, or the clock of this device is wrong. Any other failure is mended by the next position. */
  function refused(error: ApiError): void {
    if (error.status === 422) refusal.value = error.message;
    if (error.code !== 'not_on_duty' || !session.me) return;
    session.me.on_duty = false;
    stop();
  }

  /** Watches the position while on duty; called when the page opens and when duty begins. */
  function start(): void {
    if (leaving.value) void leave();
    if (watching !== null || !sharing.value) return;
    if (!('geolocation' in navigator)) {
      sensing.value = 'unavailable';
      return;
    }
    sensing.value = 'waiting';
    watching = navigator.geolocation.watchPosition(take, failed, { enableHighAccuracy: true, maximumAge: 5_000 });
    still = setInterval(() => {
      const quiet = Date.now() - (shared.value?.at ?? 0) > STILL;
      if (quiet && document.visibilityState === 'visible') navigator.geolocation.getCurrentPosition(take, failed, { ...ONCE, maximumAge: 0 });
    }, STILL / 2);
  }

  function stop(): void {
    if (watching !== null) navigator.geolocation.clearWatch(watching);
    clearInterval(still);
    clearTimeout(pause);
    watching = null;
    pause = undefined;
    waiting = null;
    shared.value = null;
    refusal.value = '';
    sensing.value = 'off';
  }

  /** Goes on or off duty. Going on throws ApiError if the server does not take it; going off stops the sharing at once and tells the server when it can. */
  async function turn(on: boolean): Promise<void> {
    if (!on) {
      setLeaving(true);
      stop();
      return leave();
    }
    await duty.turn(true);
    setLeaving(false);
    start();
  }

  function setLeaving(now: boolean): void {
    leaving.value = now;
    const key = leavingKey(session.me?.id ?? 0);
    if (now) localStorage.setItem(key, '1');
    else localStorage.removeItem(key);
  }

  async function leave(): Promise<void> {
    if (!leaving.value) return;
    try {
      await duty.turn(false);
      setLeaving(false);
      void duty.load().catch(() => undefined);
    } catch {
      setTimeout(() => void leave(), AGAIN);
    }
  }

  /** Where this device is now, for this screen alone; null if it cannot or may not be known. */
  function once(): Promise<Fix | null> {
    if (!('geolocation' in navigator)) return Promise.resolve(null);
    // While the position is watched anyway, the last one is as good as a new question, and there at once.
    if (watching !== null && here.value && Date.now() - here.value.at < STILL) return Promise.resolve(here.value);
    return new Promise((resolve) => {
      navigator.geolocation.getCurrentPosition((position) => {
        here.value = fixOf(position);
        resolve(here.value);
      }, () => resolve(null), ONCE);
    });
  }

  return { sensing, here, shared, refusal, sharing, leaving, start, stop, turn, once };
});

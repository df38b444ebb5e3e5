import { ref, type Ref } from 'vue';
import { useI18n } from 'vue-i18n';
import { useReport } from '@/components/report/draft';
import { useSession } from '@/stores/session';
import { useToasts } from '@/stores/toasts';
import { usePosition, type Fix } from './position';

/** How far beyond her area, in degrees, a position is still believed to be meant: about two kilometres. */
const BEYOND = 0.02;

/** Puts the report where the device is, if that is known and not somewhere else altogether. */
export function useLocating(): { locating: Ref<boolean>; gps: (asked?: boolean) => Promise<void> } {
  const { t } = useI18n();
  const session = useSession();
  const position = usePosition();
  const report = useReport();
  const toasts = useToasts();
  const locating = ref(false);

  function isNear({ lon, lat }: Fix): boolean {
    const bounds = session.me?.bounds;
    if (!bounds) return true;
    const [west, south, east, north] = bounds as [number, number, number, number];
    return lon > west - BEYOND && lon < east + BEYOND && lat > south - BEYOND && lat < north + BEYOND;
  }

  /** `asked` when the person wants it now, even over the place she has set by hand. */
  async function gps(asked = false): Promise<void> {
    if (locating.value) return;
    locating.value = true;
    const fix = await position.once();
    locating.value = false;
    if (!report.begun) return;
    if (!fix) {
      if (asked) toasts.show(t('worker.noGps'), 'bad');
    } else if (!isNear(fix)) {
      if (asked) toasts.show(t('worker.farGps'), 'bad');
    } else {
      const here = { lon: fix.lon, lat: fix.lat, accuracy_m: fix.accuracy_m };
      if (asked) report.place = { ...here, by: 'gps' };
      else report.locate({ ...here, by: 'gps' });
    }
  }

  return { locating, gps };
}

/** The words of a proposal for communities: names, sizes and reasons, as the planner reads them and the district gets them. */
import { useI18n } from 'vue-i18n';
import type { Asked, Change, Community, Resizing } from '@/api/resizing';
import { named } from '@/stores/catalogue';

export function useSizes() {
  const { t } = useI18n();
  const count = (n: number | null): string => (n === null ? t('sizes.unknownNumber') : n.toLocaleString());
  const unit = (asked: Asked): string => t(`sizes.unit.${asked.measure}`);
  const counted = (one: Community, asked: Asked): number | null => one[asked.measure];
  const size = (one: Community, asked: Asked): string => t('sizes.size', { n: count(counted(one, asked)), unit: unit(asked) });

  function byCode(found: Resizing, code: string): Community | undefined {
    return found.before.communities.find((one) => one.code === code);
  }
  /** A community by its name; one that is to be made by its number. */
  function nameOf(one: Community): string {
    return one.code ? named(one) : t('sizes.fresh', { n: one.number });
  }
  function nameOfCode(found: Resizing, code: string): string {
    const known = byCode(found, code);
    return known ? named(known) : code;
  }
  const made = (found: Resizing, change: Change): Community[] => found.after.communities.filter((one) => change.numbers.includes(one.number));

  function because(why: Community['why'], one: Community, asked: Asked): string {
    return why && t(`sizes.why.${why}`, { n: count(counted(one, asked)), unit: unit(asked), least: count(asked.least), most: count(asked.most) });
  }
  /** Why members that are out of range could not be brought there alone. */
  function alone(found: Resizing, change: Change, asked: Asked): string[] {
    return Object.entries(change.alone).flatMap(([code, why]) => {
      const one = byCode(found, code);
      return why && one ? [t('sizes.alone', { name: named(one), why: because(why, one, asked) })] : [];
    });
  }
  /** What a community afterwards is made of: whole ones, or so many cells of each. */
  function parts(found: Resizing, one: Community): string {
    return one.of.map((code) => {
      const cells = one.cells.filter((cell) => cell.startsWith(code)).length;
      return `${nameOfCode(found, code)}${cells ? ` ${t('sizes.withCells', { n: cells })}` : ''}`;
    }).join(' + ');
  }
  const left = (found: Resizing): Community[] => found.after.communities.filter((one) => one.fits !== 'yes');
  const moved = (found: Resizing): number => found.changes.reduce((sum, one) => sum + one.moved, 0);
  return { count, unit, size, nameOf, nameOfCode, made, because, alone, parts, left, moved };
}

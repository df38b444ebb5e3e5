/** The figures of the page: for each its chart and the rows of its table. */
import type { ComposerTranslation } from 'vue-i18n';
import type { ExportBody, FigureGroup, FigureLine, MatterGroup, Spread, Statistics } from '@/api/types';
import type { Option } from '@/components/statistics/echarts';
import { bars, columns, lines, ring, type Colours } from '@/components/statistics/options';
import { hours, percent } from '@/model/figures';
import { named } from '@/stores/catalogue';

export interface Figure {
  id: string;
  title: string;
  head: string[];
  rows: string[][];
  option: (colours: Colours) => Option;
  height: number;
  what: ExportBody['what'] | null;
  wide?: boolean;
  note?: string;
}

type T = ComposerTranslation;
const COLUMNS = ['reported', 'filed', 'declined', 'refused', 'closed', 'unsolved', 'open', 'overdue'] as const;
const LINE = ['reported', 'filed', 'closed', 'unsolved'] as const;
const word = (t: T, name: string): string => t(`statistics.figure.${name}`);

function groups(t: T, id: string, what: ExportBody['what'], rows: FigureGroup[], first: 'reported' | 'open' = 'reported'): Figure {
  const shown = [...rows].sort((a, b) => b[first] - a[first]);
  const second = first === 'open' ? 'overdue' : 'closed';
  return {
    id, what, title: t(`statistics.chart.${id}`), height: Math.max(180, Math.min(12, rows.length) * 34 + 60),
    head: [t('statistics.name'), ...COLUMNS.map((name) => word(t, name)), word(t, 'onTimeShare'), word(t, 'median_h')],
    rows: shown.map((row) => [named(row), ...COLUMNS.map((name) => String(row[name])), percent(row.on_time, row.due), hours(row.median_h)]),
    option: (colours) => bars(shown.map(named), [
      { name: word(t, first), values: shown.map((row) => row[first]) }, { name: word(t, second), values: shown.map((row) => row[second]) },
    ], colours),
  };
}

function course(t: T, found: Statistics): Figure {
  const name = (row: FigureLine): string => (found.unit === 'month' ? row.day.slice(0, 7) : row.day);
  return {
    id: 'line', what: 'line', title: t('statistics.chart.line', { unit: t(`statistics.unit.${found.unit}`) }), height: 300, wide: true,
    head: [t('statistics.day'), ...LINE.map((one) => word(t, one)), word(t, 'onTimeShare')],
    rows: found.line.map((row) => [name(row), ...LINE.map((one) => String(row[one])), percent(row.on_time, row.due)]),
    option: (colours) => lines(found.line.map(name), LINE.map((one) => ({ name: word(t, one), values: found.line.map((row) => row[one]) })), colours),
  };
}

function edge(t: T, value: number): string {
  return value >= 48 ? t('statistics.days', { n: value / 24 }) : String(value);
}

function bins(t: T, edges: readonly number[]): string[] {
  return [t('statistics.under', { n: edges[0]! }), ...edges.slice(1).map((to, n) => t('statistics.between', { from: edges[n]!, to })), t('statistics.over', { n: edges.at(-1)! })];
}

function took(t: T, id: 'closing' | 'handling', spread: Spread, edges: readonly number[]): Figure {
  const short = [`<${edge(t, edges[0]!)}`, ...edges.slice(1).map((to, n) => `${edge(t, edges[n]!)}–${edge(t, to)}`), `≥${edge(t, edges.at(-1)!)}`];
  const values = ['count', 'p25', 'median', 'p75', 'p90', 'mean'] as const;
  return {
    id, what: null, title: t(`statistics.chart.${id}`), height: 260,
    head: [t('statistics.hours'), t('statistics.count')],
    rows: [
      ...(spread.share < 1 ? [[t('statistics.drawn'), percent(spread.share, 1)]] : []),
      ...values.map((name) => [t(`statistics.quartile.${name}`), name === 'count' ? String(spread.count) : `${hours(spread[name])} h`]),
      ...bins(t, edges).map((name, n) => [name, String(spread.bins[n])]),
    ],
    option: (colours) => columns(short, { name: t('statistics.count'), values: spread.bins }, colours),
  };
}

function parts(t: T, id: 'states' | 'sources', what: ExportBody['what'], rows: FigureGroup[]): Figure {
  const shown = rows.filter((row) => row.reported);
  const whole = shown.reduce((sum, row) => sum + row.reported, 0);
  return {
    id, what, title: t(`statistics.chart.${id}`), height: 260,
    head: [t('statistics.name'), word(t, 'reported'), '%'],
    rows: shown.map((row) => [named(row), String(row.reported), percent(row.reported, whole)]),
    option: (colours) => ring(shown.map((row) => ({ name: named(row), value: row.reported })), colours),
  };
}

const OUTCOMES = ['approved', 'running', 'refused'] as const;
const GIVEN = ['approved', 'supplemented', 'refused', 'extended'] as const;

/** What became of matters: their outcomes as parts of a whole, and what each kind was given. Nothing where there is none. */
function matters(t: T, rows: MatterGroup[]): Figure[] {
  if (!rows.length) return [];
  const shown = OUTCOMES.map((name) => ({ name: word(t, name), value: rows.reduce((sum, row) => sum + row[name], 0) }));
  const whole = shown.reduce((sum, part) => sum + part.value, 0);
  return [
    {
      id: 'outcomes', what: null, title: t('statistics.chart.outcomes'), height: 260,
      head: [t('statistics.name'), t('statistics.count'), '%'],
      rows: shown.map((part) => [part.name, String(part.value), percent(part.value, whole)]),
      option: (colours) => ring(shown, colours),
    },
    {
      id: 'matters', what: 'matter', title: t('statistics.chart.matters'), note: t('statistics.mattersHint'),
      height: Math.max(220, Math.min(12, rows.length) * 60 + 60),
      head: [t('statistics.name'), ...(['registered', ...GIVEN, 'running'] as const).map((name) => word(t, name))],
      rows: rows.map((row) => [named(row), ...(['registered', ...GIVEN, 'running'] as const).map((name) => String(row[name]))]),
      option: (colours) => bars(rows.map(named), GIVEN.map((name) => ({ name: word(t, name), values: rows.map((row) => row[name]) })), colours),
    },
  ];
}

/** Every figure of the page, in the order in which it is read. */
export function figuresOf(found: Statistics, t: T): Figure[] {
  return [
    course(t, found), groups(t, 'classes', 'class', found.classes), groups(t, 'majors', 'major', found.majors), parts(t, 'states', 'state', found.states),
    parts(t, 'sources', 'source', found.sources), took(t, 'closing', found.closing, found.edges_h), took(t, 'handling', found.handling, found.edges_h),
    ...matters(t, found.matters), groups(t, 'departments', 'department', found.departments, 'open'), groups(t, 'communities', 'community', found.communities),
    { ...groups(t, 'cells', 'cell', found.cells), wide: true },
  ];
}

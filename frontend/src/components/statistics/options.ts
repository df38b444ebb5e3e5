/** What each chart shows, in the colours of the page. */
import type { Option } from './echarts';

export interface Colours { ink: string; soft: string; line: string; font: string; series: readonly string[] }

const TOKENS = ['--state-new', '--state-verify', '--overdue', '--state-assigned', '--state-work', '--state-closed', '--good'];

/** The colours that show now, light or dark. */
export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const read = (name: string): string => style.getPropertyValue(name).trim();
  return { font: style.fontFamily, ink: read('--ink-2'), soft: read('--surface-3'), line: read('--line-1'), series: TOKENS.map(read) };
}

export interface Series { name: string; values: readonly number[] }

const MOST_BARS = 12;

function base(colours: Colours): Option {
  return {
    animation: false, color: [...colours.series], textStyle: { color: colours.ink, fontFamily: colours.font },
    tooltip: { trigger: 'axis', confine: true }, grid: { left: 8, right: 24, top: 36, bottom: 8, containLabel: true },
    legend: { top: 0, left: 0, itemWidth: 14, itemGap: 16, textStyle: { color: colours.ink, fontFamily: colours.font } },
  };
}

const axis = (colours: Colours): object => ({
  axisLine: { lineStyle: { color: colours.line } }, axisTick: { show: false }, axisLabel: { color: colours.ink, hideOverlap: true }, splitLine: { lineStyle: { color: colours.line } },
});

/** Lying bars, the longest first; at most a dozen, the rest stands in the table. */
export function bars(names: readonly string[], series: readonly Series[], colours: Colours): Option {
  const label = { width: 132, overflow: 'truncate', color: colours.ink };
  return {
    ...base(colours),
    xAxis: { type: 'value', minInterval: 1, ...axis(colours) },
    yAxis: { type: 'category', inverse: true, data: names.slice(0, MOST_BARS), ...axis(colours), axisLabel: label },
    series: series.map(({ name, values }) => ({ type: 'bar', name, data: values.slice(0, MOST_BARS), barMaxWidth: 14 })),
  };
}

/** Standing bars of a distribution. */
export function columns(names: readonly string[], series: Series, colours: Colours): Option {
  return {
    ...base(colours), legend: { show: false },
    xAxis: { type: 'category', data: [...names], ...axis(colours), axisLabel: { color: colours.ink, interval: 0, rotate: 32 } },
    yAxis: { type: 'value', minInterval: 1, ...axis(colours) },
    series: [{ type: 'bar', name: series.name, data: [...series.values], barMaxWidth: 40 }],
  };
}

/** Lines over time, told apart by colour and by the form of their points. */
export function lines(days: readonly string[], series: readonly Series[], colours: Colours): Option {
  const forms = ['circle', 'rect', 'triangle', 'diamond'];
  return {
    ...base(colours),
    xAxis: { type: 'category', data: [...days], ...axis(colours) },
    yAxis: { type: 'value', minInterval: 1, ...axis(colours) },
    series: series.map(({ name, values }, n) => ({ type: 'line', name, data: [...values], symbol: forms[n % 4], symbolSize: 7, showAllSymbol: 'auto' })),
  };
}

/** A ring with the names and numbers of its parts beside it. */
export function ring(parts: readonly { name: string; value: number }[], colours: Colours): Option {
  return {
    ...base(colours), tooltip: { trigger: 'item', confine: true }, legend: { show: false },
    series: [{
      type: 'pie', radius: ['42%', '68%'], data: parts.filter((part) => part.value > 0),
      label: { color: colours.ink, formatter: '{b} {c}' }, itemStyle: { borderColor: colours.soft, borderWidth: 1 },
    }],
  };
}

import { describe, expect, it } from 'vitest';
import { columns, bars, lines, ring, type Colours } from '@/components/statistics/options';
import { daysOf, finished, hours, percent, presetOf, PRESETS } from '@/model/figures';

const colours: Colours = { ink: '#111', soft: '#eee', line: '#ccc', font: 'sans-serif', series: ['#00f', '#0a0'] };
const at = (text: string): number => Date.parse(`${text}+08:00`);

describe('shares and spans', () => {
  it('never make a share out of nothing', () => {
    expect(percent(0, 0)).toBe('—');
    expect(percent(0, 4)).toBe('0%');
    expect(percent(4, 4)).toBe('100%');
  });
  it('count what was refused as finished', () => {
    expect(finished({ closed_of_them: 3, refused_of_them: 2 })).toBe(5);
  });
  it('do not round what is not whole up to all or down to none', () => {
    expect(percent(1, 3)).toBe('33.3%');
    expect(percent(2, 3)).toBe('66.7%');
  });
  it('show hours as people read them', () => {
    expect([hours(null), hours(0), hours(3.25), hours(76.2)]).toEqual(['—', '0.0', '3.3', '76']);
  });
});

describe('periods', () => {
  it('are days of the town, both included', () => {
    expect(daysOf('today', at('2026-03-01T00:30:00'))).toEqual({ first: '2026-03-01', last: '2026-03-01' });
    expect(daysOf('week', at('2026-03-03T12:00:00'))).toEqual({ first: '2026-02-25', last: '2026-03-03' });
    expect(daysOf('days30', at('2026-03-01T12:00:00'))).toEqual({ first: '2026-01-31', last: '2026-03-01' });
  });
  it('know the last month over the turn of the year and in leap years', () => {
    expect(daysOf('lastMonth', at('2026-01-15T12:00:00'))).toEqual({ first: '2025-12-01', last: '2025-12-31' });
    expect(daysOf('lastMonth', at('2028-03-15T12:00:00'))).toEqual({ first: '2028-02-01', last: '2028-02-29' });
  });
  it('are recognised again', () => {
    const now = at('2026-03-17T12:00:00');
    for (const preset of PRESETS) {
      const { first, last } = daysOf(preset, now);
      expect(presetOf(first, last, now)).toBe(preset);
    }
    expect(presetOf('2026-03-02', '2026-03-04', now)).toBeNull();
  });
});

describe('charts', () => {
  it('draw at most a dozen bars, for each of their series', () => {
    const names = Array.from({ length: 30 }, (_, n) => `类别${n}`);
    const option = bars(names, [{ name: '上报', values: names.map((_, n) => n) }, { name: '结案', values: names.map(() => 1) }], colours);
    expect((option.yAxis as { data: string[] }).data).toHaveLength(12);
    expect((option.series as { data: number[] }[]).map((one) => one.data.length)).toEqual([12, 12]);
  });
  it('tell lines apart by form and not by colour alone', () => {
    const option = lines(['2026-03-01'], ['a', 'b', 'c', 'd'].map((name) => ({ name, values: [1] })), colours);
    expect(new Set((option.series as { symbol: string }[]).map((one) => one.symbol)).size).toBe(4);
  });
  it('leave parts that are nothing out of the ring, and move nothing', () => {
    const option = ring([{ name: '已结案', value: 3 }, { name: '处置中', value: 0 }], colours);
    expect((option.series as { data: unknown[] }[])[0]!.data).toEqual([{ name: '已结案', value: 3 }]);
    expect(option.animation).toBe(false);
    expect(columns(['<1'], { name: '件数', values: [2] }, colours).animation).toBe(false);
  });
});

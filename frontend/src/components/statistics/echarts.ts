/** The parts of ECharts that the figures need; loaded only with the first chart. */
import { BarChart, LineChart, PieChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { init, use, type EChartsCoreOption, type EChartsType } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([BarChart, LineChart, PieChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

export type Option = EChartsCoreOption;
export type Chart = EChartsType;

/** A chart in an element with a size. */
export const draw = (host: HTMLElement): Chart => init(host, null, { renderer: 'svg' });

import { forecastOption, type ForecastInk } from '@unroll/charts';
import type { ShownForecast } from '@unroll/contracts';
import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use as register } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { number } from './text';

register([LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

const ink: ForecastInk = {
  // Without quotes: ECharts 6.1 writes them into the attribute unescaped, which is then no XML.
  font: 'Inter, Helvetica, Arial, sans-serif',
  ink: '#1b1f24',
  axis: '#57606a',
  grid: '#e3e6ea',
  accent: '#0072b2',
};
const [chartWidth, chartHeight] = [560, 260];

/** Forecasts against the truth as an SVG picture, two charts beside each other. */
export function forecastSvg(forecasts: readonly ShownForecast[]): string {
  const columns = Math.min(2, forecasts.length);
  const isAlone = forecasts.length === 1;
  const width = columns * chartWidth * (isAlone ? 1.6 : 1);
  const height = Math.ceil(forecasts.length / columns) * chartHeight * (isAlone ? 1.4 : 1);
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({
    backgroundColor: '#ffffff',
    ...forecastOption(forecasts, { ink, mark: number, layout: { columns, width, height } }),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

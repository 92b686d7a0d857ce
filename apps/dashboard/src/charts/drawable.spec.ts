import type { EChartsCoreOption } from 'echarts/core';
import * as echarts from 'echarts';
import { drawable, drawableOption } from './drawable';

const most = Number.MAX_VALUE;
const option = (type: 'value' | 'log', values: readonly number[], ends = {}): EChartsCoreOption => ({
  animation: false,
  xAxis: { type: 'value' },
  yAxis: { type, scale: true, ...ends },
  series: [{ type: 'scatter', data: values.map((value, index) => ({ value: [index + 1, value], trialId: 'a' })) }],
});

/** How many points a chart shows. */
function pointsOf(drawn: EChartsCoreOption): number {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 400, height: 300 });
  chart.setOption(drawn);
  const svg = chart.renderToSVGString();
  chart.dispose();
  expect(svg).not.toMatch(/NaN|Infinity/);
  return svg.match(/<path [^>]*fill="#5070dd"/g)?.length ?? 0;
}

describe('a chart of values as large as numbers are', () => {
  it.each<['value' | 'log', number[], object?]>([
    ['value', [1, 2, 3]],
    ['value', [-most, 0, most]],
    ['value', [-8e307, 0, 8e307]],
    ['log', [1e-3, 1, most]],
    ['log', [1, 10, most], { min: 1, max: Infinity }],
  ])('of scale %s shows all points of %j', (type, values, ends = {}) => {
    expect(pointsOf(drawableOption(option(type, values, ends)))).toBe(3);
  });

  it('moves a point whose value an axis cannot show to its end, and tells the value that was measured', () => {
    const tooltip = { formatter: ({ data }: { data: { value: number[] } }) => String(data.value[1]) };
    const { series, tooltip: told } = drawableOption({ ...option('value', [most, 2]), tooltip }) as any;
    expect(series[0].data.map(({ value }: { value: number[] }) => value[1])).toEqual([1e300, 2]);
    expect(series[0].data.map((data: unknown) => told.formatter({ data }))).toEqual([String(most), '2']);
    expect(series[0].data[0].trialId).toBe('a');
    expect(drawable(0)).toBe(0);
  });
});

import type { ShownWriting } from '@unroll/contracts';
import type { EChartsCoreOption } from 'echarts/core';
import type { Theme } from '../design/theme';
import { percent } from '../format/number';
import { chartInk, scaleColour } from './palette';
import { axisLook } from './scatter-option';
import { tooltip } from './tooltip';

type Example = ShownWriting['examples'][number];

/** Space is a token too. */
const visible = (token: string): string => (token.trim() === '' ? '␣' : token);

/** How each token written (y, the first on top) attends to the steps of its source (x); the darkest has the largest weight of all. */
export function attentionOption({ source, found, attention = [] }: Example, theme: Theme): EChartsCoreOption {
  const { font, grid } = chartInk();
  const look = axisLook();
  const steps = attention[0]?.length ?? 0;
  const names = Array.from({ length: steps }, (_, step) => visible(source?.[step] ?? String(step + 1)));
  const written = attention.map((_, token) => visible(found[token]!));
  const data = attention.flatMap((weights, token) => weights.map((weight, step) => [step, token, weight]));
  const axis = {
    ...look,
    type: 'category',
    nameLocation: 'middle',
    splitLine: { show: false },
    axisLabel: { ...look.axisLabel, interval: 0, hideOverlap: true },
  };
  return {
    textStyle: { fontFamily: font },
    grid: { left: 84, right: 16, top: 8, bottom: 48 },
    tooltip: {
      formatter: ({ value: [step, token, weight] }: { value: [number, number, number] }) =>
        tooltip(`${written[token]} from ${names[step]}`, `${percent(weight)} of the attention`),
    },
    xAxis: { ...axis, data: names, name: 'source', nameGap: 28 },
    yAxis: { ...axis, data: written, name: 'written', nameGap: 60, inverse: true },
    visualMap: {
      show: false,
      min: 0,
      max: Math.max(1e-9, ...data.map(([, , weight]) => weight!)),
      dimension: 2,
      // Almost no weight is almost no colour.
      inRange: { color: [grid, ...[0.75, 0.5, 0.25, 0].map((part) => scaleColour(theme, part))] },
    },
    series: [{ type: 'heatmap', data, progressive: 0 }],
  };
}

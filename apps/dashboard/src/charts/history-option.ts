import type { History } from '@unroll/contracts';
import type { EChartsCoreOption } from 'echarts/core';
import { mark, number } from '../format/number';
import { chartInk } from './palette';
import { axisLook } from './scatter-option';
import { tooltip } from './tooltip';
import { valueScale } from './value-scale';

/** Finished trials as points in order of completion, and the best value so far as a step line. */
export function historyOption({ items, goal }: History): EChartsCoreOption {
  const { font, accent, quiet } = chartInk();
  const look = axisLook();
  const values = items.map(({ value }) => value).sort((a, b) => (goal === 'minimize' ? a - b : b - a));
  const type = valueScale(values);
  // Outliers would flatten the rest, so a linear axis is cut at the 95th percentile.
  const end = values[Math.floor((values.length - 1) * 0.95)];
  const isCut = type === 'value' && items.length > 20;
  return {
    textStyle: { fontFamily: font },
    grid: { left: 58, right: 16, top: 24, bottom: 40 },
    tooltip: {
      formatter: ({ data }: { data: { trialId: string; value: [number, number] } }) =>
        tooltip(`trial ${data.trialId}, finished as number ${data.value[0]}`, number(data.value[1])),
    },
    xAxis: {
      ...look,
      type: 'value',
      min: 1,
      max: Math.max(2, items.length),
      minInterval: 1,
      name: 'trials finished',
      nameLocation: 'middle',
      nameGap: 24,
      splitLine: { show: false },
    },
    yAxis: {
      ...look,
      type,
      scale: true,
      ...(isCut ? { [goal === 'minimize' ? 'max' : 'min']: end } : {}),
      axisLabel: { ...look.axisLabel, formatter: (value: number) => mark(value) },
    },
    series: [
      {
        type: 'scatter',
        symbolSize: items.length > 300 ? 4 : 6,
        itemStyle: { color: quiet },
        data: items.map(({ trialId, value }, index) => ({ trialId, value: [index + 1, value] })),
      },
      {
        type: 'line',
        step: 'end',
        symbol: 'none',
        lineStyle: { color: accent, width: 2 },
        data: items.map(({ trialId, best }, index) => ({ trialId, value: [index + 1, best] })),
      },
    ],
  };
}

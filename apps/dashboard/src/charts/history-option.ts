import type { History } from '@unroll/contracts';
import type { EChartsCoreOption } from 'echarts/core';
import { mark, number } from '../format/number';
import { chartInk } from './palette';
import { axisLook } from './scatter-option';

/** Each finished trial as a point in order of finishing, and the best so far as a line of steps. */
export function historyOption({ items, goal }: History): EChartsCoreOption {
  const { font, accent, quiet } = chartInk();
  const look = axisLook();
  // A diverging trial far away would press the rest flat: the axis ends where nine of ten are.
  const sorted = items.map(({ value }) => value).sort((a, b) => (goal === 'minimize' ? a - b : b - a));
  const end = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))];
  return {
    textStyle: { fontFamily: font },
    grid: { left: 58, right: 16, top: 24, bottom: 40 },
    tooltip: {
      formatter: ({ data }: { data: { trialId: string; value: [number, number] } }) =>
        `trial ${data.trialId}, as number ${data.value[0]}<br>${number(data.value[1])}`,
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
      type: 'value',
      scale: true,
      ...(items.length > 20 ? { [goal === 'minimize' ? 'max' : 'min']: end } : {}),
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

import type { TrialView } from '@unroll/contracts';
import type { EChartsCoreOption } from 'echarts/core';
import { count, mark } from '../format/number';
import { shortPath } from '../format/parameters';
import { category, chartInk } from './palette';
import { axisLook } from './scatter-option';
import { tooltip } from './tooltip';
import { valueScale } from './value-scale';
import type { Theme } from '../design/theme';

/** The numeric parameters that a schedule changes. */
export function changedNumbers(schedule: TrialView['schedule']): string[] {
  const paths = [...new Set(schedule.flatMap(({ parameters }) => Object.keys(parameters)))];
  return paths.filter((path) => {
    const values = schedule.map(({ parameters }) => parameters[path]);
    return values.every((value) => typeof value === 'number') && new Set(values).size > 1;
  });
}

/** A parameter over updates, as population-based training changed it; dots mark the copies of another trial's weights. */
export function scheduleOption(
  { schedule, updates }: Pick<TrialView, 'schedule' | 'updates'>,
  path: string,
  theme: Theme,
): EChartsCoreOption {
  const { font, diverged: red } = chartInk();
  const look = axisLook();
  const steps = schedule.map(({ update, source, parameters }) => ({
    source,
    value: [update, parameters[path] as number],
  }));
  const end = Math.max(updates, schedule.at(-1)!.update);
  const last = steps.at(-1)!;
  return {
    textStyle: { fontFamily: font },
    grid: { left: 60, right: 16, top: 12, bottom: 40 },
    tooltip: {
      formatter: ({ data }: { data: { source: string | null; value: [number, number] } }) =>
        tooltip(
          `from update ${count(data.value[0])}: ${mark(data.value[1])}`,
          data.source ? `copied trial ${data.source}` : 'as drawn',
        ),
    },
    xAxis: { ...look, type: 'value', minInterval: 1, max: end, name: 'update', nameLocation: 'middle', nameGap: 24 },
    yAxis: {
      ...look,
      type: valueScale(steps.map(({ value }) => value[1]!)) === 'log' || isRate(path) ? 'log' : 'value',
      scale: true,
      axisLabel: { ...look.axisLabel, formatter: (value: number) => mark(value) },
    },
    series: [
      {
        type: 'line',
        step: 'end',
        symbol: 'none',
        silent: true,
        lineStyle: { color: category(theme, 0), width: 2 },
        data: [...steps.map(({ value }) => value), [end, last.value[1]]],
      },
      {
        type: 'scatter',
        symbolSize: 8,
        itemStyle: { color: category(theme, 0) },
        data: steps.filter(({ source }) => !source),
      },
      { type: 'scatter', symbolSize: 8, itemStyle: { color: red }, data: steps.filter(({ source }) => source) },
    ],
  };
}

/** Rates are searched on a logarithmic scale. */
const isRate = (path: string): boolean => shortPath(path) === 'learningRate';

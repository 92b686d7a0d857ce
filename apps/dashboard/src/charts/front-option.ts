import type { Front } from '@unroll/contracts';
import type { EChartsCoreOption } from 'echarts/core';
import { mark, number } from '../format/number';
import { parametersText } from '../format/parameters';
import { chartInk } from './palette';
import { axisLook } from './scatter-option';
import { tooltip } from './tooltip';
import { valueScale } from './value-scale';

/** The points of a front. As in other plots, a training that did not end, or not yet, is a triangle; its state is told. */
export const frontPoints = ({ items }: Pick<Front, 'items'>, x: string, y: string) =>
  items.map((row) => ({
    ...row,
    value: [row.values[x]!, row.values[y]!] as [number, number],
    symbol: row.state === 'completed' ? 'circle' : 'emptyTriangle',
    title: `trial ${row.trialId}, front ${row.front}${row.state === 'completed' ? '' : `, ${row.state}`}`,
  }));

/** Configurations by two of their objectives; those that no other dominates are joined by a line. */
export function frontOption({ items, objectives }: Front, x: string, y: string): EChartsCoreOption {
  const { font, accent, quiet } = chartInk();
  const look = axisLook();
  const points = frontPoints({ items }, x, y);
  const best = points.filter(({ front }) => front === 1).sort((a, b) => a.value[0] - b.value[0]);
  const axis = (metric: string, part: 0 | 1) => ({
    ...look,
    type: valueScale(points.map(({ value }) => value[part])),
    name: `${metric} (${goalOf(objectives, metric) === 'minimize' ? 'lower' : 'higher'} is better)`,
    nameLocation: 'middle',
    scale: true,
    axisLabel: { ...look.axisLabel, formatter: (value: number) => mark(value) },
  });
  const dots = (data: typeof points, color: string, symbolSize: number) => ({
    type: 'scatter',
    symbolSize,
    itemStyle: { color },
    data,
  });
  return {
    textStyle: { fontFamily: font },
    grid: { left: 72, right: 20, top: 16, bottom: 48 },
    tooltip: {
      formatter: ({ data }: { data: (typeof points)[number] }) =>
        tooltip(
          data.title,
          `${x} ${number(data.value[0])}, ${y} ${number(data.value[1])}; ${parametersText(data.parameters)}`,
        ),
    },
    xAxis: { ...axis(x, 0), nameGap: 28 },
    yAxis: { ...axis(y, 1), nameGap: 54 },
    series: [
      dots(
        points.filter(({ front }) => front > 1),
        quiet,
        6,
      ),
      // With three objectives, the front is a surface, which a line does not show.
      ...(objectives.length === 2
        ? [
            {
              type: 'line',
              symbol: 'none',
              silent: true,
              lineStyle: { color: accent },
              data: best.map(({ value }) => value),
            },
          ]
        : []),
      dots(best, accent, 9),
    ],
  };
}

const goalOf = (objectives: Front['objectives'], metric: string): string =>
  objectives.find((each) => each.metric === metric)!.goal;

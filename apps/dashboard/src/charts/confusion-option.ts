import type { ClassReport } from '@unroll/contracts';
import type { EChartsCoreOption } from 'echarts/core';
import type { Theme } from '../design/theme';
import { count, percent } from '../format/number';
import { chartInk, scaleColour } from './palette';
import { axisLook } from './scatter-option';
import { tooltip } from './tooltip';

/** Classes up to which each cell has room for its number. */
const mostNumbers = 12;

/** A confusion matrix: the fraction of each true class (y, the first on top) that got each answer (x). */
export function confusionOption({ classes, confusion }: ClassReport, theme: Theme): EChartsCoreOption {
  const { font, axis, grid: empty } = chartInk();
  const look = axisLook();
  const names = classes.map(({ name }) => name);
  const data = (confusion ?? []).flatMap((row, right) =>
    row.map((found, answer) => ({
      value: [answer, right, found / Math.max(1, classes[right]!.count), found],
      // No example is no colour.
      ...(found === 0 ? { visualMap: false, itemStyle: { color: empty } } : {}),
    })),
  );
  const axisOf = { ...look, type: 'category', data: names, splitLine: { show: false }, nameLocation: 'middle' };
  return {
    textStyle: { fontFamily: font },
    grid: { left: 96, right: 16, top: 8, bottom: 64 },
    tooltip: {
      formatter: ({ value: [answer, right, share, found] }: { value: [number, number, number, number] }) =>
        tooltip(
          `true ${names[right]}, answer ${names[answer]}`,
          `${count(found)} examples, ${percent(share)} of the class`,
        ),
    },
    xAxis: {
      ...axisOf,
      name: 'answer',
      nameGap: 40,
      axisLabel: { ...look.axisLabel, rotate: names.length > 8 ? 45 : 0 },
    },
    yAxis: { ...axisOf, name: 'true class', nameGap: 76, inverse: true },
    visualMap: {
      show: false,
      min: 0,
      max: 1,
      dimension: 2,
      inRange: { color: [1, 0.75, 0.5, 0.25, 0].map((part) => scaleColour(theme, part)) },
      textStyle: { color: axis },
    },
    series: [
      {
        type: 'heatmap',
        data,
        progressive: 0,
        label: {
          show: names.length <= mostNumbers,
          formatter: ({ value }: { value: number[] }) => (value[3] === 0 ? '' : count(value[3])),
        },
      },
    ],
  };
}

import type { Points } from '@unroll/contracts';
import type { EChartsCoreOption } from 'echarts/core';
import { mark, number } from '../format/number';
import { parameterText } from '../format/parameters';
import { belowLog, onAxis, tickText, type BelowLog } from './below-log';
import { clippedRange, type Clipped } from './clip';
import { divergenceThreshold, type Threshold } from './diverged';
import { goodRange } from './good-range';
import { chartInk } from './palette';
import { diverged, plotted, wholeTicks } from './plotted';
import { tooltip } from './tooltip';
import { valueScale } from './value-scale';

/** The style shared by all axes. */
export function axisLook() {
  const { axis, grid } = chartInk();
  return {
    axisLine: { show: true, lineStyle: { color: grid } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: grid } },
    nameTextStyle: { color: axis, fontSize: 11 },
    axisLabel: { color: axis, fontSize: 10, hideOverlap: true },
  };
}

const figures = { formatter: (value: number) => mark(value) };

const valuesOf = (points: Points): number[] => plotted(points).flatMap(({ value }) => value ?? []);

/** Where the axis of values of a sweep's slices ends before outliers; null where it shows all. */
export function valuesRange(points: Points): Clipped | null {
  const values = valuesOf(points);
  return valueScale(values) === 'value' ? clippedRange(values) : null;
}

/** The powers of ten around all values, so that the slices of a sweep have one axis. */
const decades = (values: readonly number[]): { min: number; max: number } => ({
  min: 10 ** Math.floor(Math.log10(values.reduce((a, b) => Math.min(a, b), Infinity))),
  max: 10 ** Math.ceil(Math.log10(values.reduce((a, b) => Math.max(a, b), -Infinity))),
});

/** A point of a chart of trials. */
interface Dot {
  value: [unknown, number];
  /** The value of the parameter if the axis has no place for it. */
  parameter?: unknown;
  trialId: string;
  isDiverged?: boolean;
}

/**
 * The value over one parameter, one point per trial; shape and colour mark completed trials. Diverged ones are red, at the end of the worst
 * values; the range of the best trials is shaded, and the rate above which trials diverge is a line.
 */
export function sliceOption(points: Points, index: number): EChartsCoreOption {
  const parameter = points.parameters[index]!;
  const { font } = chartInk();
  const look = axisLook();
  const isCategory = parameter.scale === 'category';
  const below = belowLog(points, index);
  const placed = (items: Points['items'], valueOf: (item: Points['items'][number]) => number | null): Dot[] =>
    items.flatMap((item) => {
      const [place, value] = [item.at[index], valueOf(item)];
      if (value === null || place === null || place === undefined) return [];
      const x = isCategory ? parameterText(place) : onAxis(place, below);
      return [{ value: [x, value], ...(x === below?.at && { parameter: place }), trialId: item.trialId }];
    });
  const shown = plotted(points);
  const values = valuesOf(points);
  const type = valueScale(values);
  const clipped = valuesRange(points);
  const worst = worstOf(clipped ? [clipped.low, clipped.high] : values, points.goal);
  const dots = (completed: boolean) => ({
    ...dotLook(completed, shown.length),
    data: placed(
      shown.filter(({ state }) => (state === 'completed') === completed),
      ({ value }) => value,
    ),
  });
  return {
    textStyle: { fontFamily: font },
    grid: { left: 52, right: 12, top: 18, bottom: 26 },
    tooltip: {
      formatter: ({ data: { trialId, value, parameter: own = value[0], isDiverged } }: { data: Dot }) =>
        tooltip(`trial ${trialId}`, `${parameterText(own)}: ${isDiverged ? 'diverged' : number(value[1])}`),
    },
    xAxis: parameterAxis(points, index, below),
    yAxis: {
      ...look,
      type,
      scale: true,
      splitNumber: 4,
      ...(clipped ? { min: clipped.low, max: clipped.high } : type === 'log' ? decades(values) : {}),
      axisLabel: { ...look.axisLabel, ...figures },
    },
    series: [
      { ...dots(false), ...goodArea(points, index) },
      dots(true),
      divergedSeries(
        placed(diverged(points), () => worst),
        isCategory ? null : divergenceThreshold(points, index),
        parameter.scale === 'log',
      ),
    ],
  };
}

function parameterAxis(points: Points, index: number, below: BelowLog | null) {
  const { scale, values = [] } = points.parameters[index]!;
  const look = axisLook();
  const axisLabel = { ...look.axisLabel, formatter: (value: number) => tickText(value, below) };
  return {
    ...look,
    type: scale === 'linear' ? 'value' : scale,
    ...(scale === 'category'
      ? { data: values.map(parameterText) }
      : { scale: true, ...wholeTicks(points, index), ...(below && { min: below.at }), axisLabel }),
    splitLine: { show: false },
  };
}

function dotLook(completed: boolean, count: number) {
  const { accent, pruned, surface } = chartInk();
  return {
    type: 'scatter',
    symbol: completed ? 'circle' : 'emptyTriangle',
    symbolSize: count > 300 ? 4 : 6,
    itemStyle: {
      color: completed ? accent : pruned,
      borderColor: completed ? surface : pruned,
      borderWidth: 0.5,
      opacity: completed ? 0.9 : 0.6,
    },
  };
}

const worstOf = (values: readonly number[], goal: Points['goal']): number | null =>
  values.length === 0 ? 0 : values.reduce((a, b) => (a < b === (goal === 'minimize') ? b : a));

/** The shaded range of the best trials. */
function goodArea(points: Points, index: number) {
  const range = points.parameters[index]!.scale === 'category' ? null : goodRange(points, index);
  if (!range) return {};
  const { accent } = chartInk();
  const below = belowLog(points, index);
  return {
    markArea: {
      silent: true,
      itemStyle: { color: accent, opacity: 0.12 },
      data: [range.map((end) => ({ xAxis: onAxis(end, below) }))],
    },
  };
}

function divergedSeries(data: Dot[], threshold: Threshold | null, isLogarithmic: boolean) {
  const { diverged: red } = chartInk();
  return {
    type: 'scatter',
    symbol: 'path://M-4,-4L4,4M4,-4L-4,4',
    symbolSize: 7,
    itemStyle: { color: 'transparent', borderColor: red, borderWidth: 1.5 },
    data: data.map((dot) => ({ ...dot, isDiverged: true })),
    ...(threshold && {
      markLine: {
        symbol: 'none',
        silent: true,
        lineStyle: { color: red, type: 'dashed' },
        label: {
          formatter: `diverges above ${mark(threshold.at)}`,
          color: red,
          fontSize: 10,
          position: 'end',
          distance: 4,
          align: isRight(data, threshold, isLogarithmic) ? 'right' : 'left',
        },
        data: [{ xAxis: threshold.at }],
      },
    }),
  };
}

/** Whether a threshold is in the right half of the diverged trials: its label is on the side that has room. */
function isRight(dots: readonly Dot[], { at }: Threshold, isLogarithmic: boolean): boolean {
  const place = (value: number): number => (isLogarithmic ? Math.log(value) : value);
  const places = dots.map(({ value: [x] }) => place(Number(x)));
  const [least, most] = [Math.min(...places), Math.max(...places)];
  return place(at) > (least + most) / 2;
}

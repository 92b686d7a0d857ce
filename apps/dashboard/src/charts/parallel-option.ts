import type { Points } from '@unroll/contracts';
import type { EChartsCoreOption } from 'echarts/core';
import type { Theme } from '../design/theme';
import { parameterText, shortPath } from '../format/parameters';
import { belowLog, onAxis, tickText, type BelowLog } from './below-log';
import { chartInk, scaleColour } from './palette';
import { diverged, plotted, wholeTicks } from './plotted';
import { valueScale } from './value-scale';

/** An axis of the chart: a parameter, or the value as the last one. */
export interface Axis {
  path: string;
  scale: 'linear' | 'log' | 'category';
  /** Category labels, in order. */
  values: string[];
  /** Where values stand that have no place of their own. */
  below?: BelowLog | null;
}

const text = (value: unknown): string => parameterText(value);

/** The axes: every sampled parameter, then the value. */
export function chartAxes(points: Points): Axis[] {
  const { parameters, metric } = points;
  const isWide = valueScale(plotted(points).flatMap(({ value }) => value ?? [])) === 'log';
  return [
    ...parameters.map(({ path, scale, values = [] }, index) => ({
      ...{ path, scale, values: values.map(text), below: belowLog(points, index) },
    })),
    { path: 'value', scale: isWide ? ('log' as const) : ('linear' as const), values: [metric] },
  ];
}

/** The leaderboard condition of a brush on an axis: a range, or all categories that it covers. */
export function brushCondition(axis: Axis, [low, high]: readonly [number, number], exact: readonly unknown[]): string {
  if (axis.scale !== 'category' || axis.path === 'value') {
    const { below } = axis;
    // At the place of what has none there is nothing else.
    const [from, to] = [low, high].map((end) =>
      below && end < 2 * below.at ? below.least : Number(end.toPrecision(4)),
    );
    return `${axis.path}:${from}..${below && high < 2 * below.at ? 0 : to}`;
  }
  const covered = exact.slice(Math.max(0, Math.ceil(low)), Math.floor(high) + 1);
  // A narrow brush between two categories selects the nearer one.
  const nearest = Math.min(exact.length - 1, Math.max(0, Math.round((low + high) / 2)));
  return `${axis.path}:${(covered.length > 0 ? covered : [exact[nearest]]).map(conditionValue).join('|')}`;
}

/** A category in condition syntax, quoted where it would otherwise be misread. */
function conditionValue(value: unknown): string {
  const isPlain = typeof value === 'string' && /^(?!["[{\s])[^|]+(?<!\s)$/.test(value) && !value.includes('..');
  return isPlain ? value : JSON.stringify(value);
}

/** The least width of the chart over so many parameters. Unit: CSS pixels. */
export const parallelWidth = (parameters: number): number => Math.max(640, parameters * 110);

const margin = { left: 56, right: 96 };

/** One line per trial across all axes, coloured by the rank of its value, best first. */
export function parallelOption(points: Points, theme: Theme): EChartsCoreOption {
  const { ink, axis: axisInk, grid, font, accent, surface, diverged: red } = chartInk();
  const axes = chartAxes(points);
  const items = plotted(points);
  const order = items.map(({ value }) => value as number).sort((a, b) => (points.goal === 'minimize' ? a - b : b - a));
  const rank = new Map(order.map((value, index) => [value, index / Math.max(1, order.length - 1)]));
  const line = (item: Points['items'][number]) => ({
    value: [
      ...item.at.map((value, index) =>
        axes[index]!.scale === 'category' && value !== null ? text(value) : onAxis(value, axes[index]!.below ?? null),
      ),
      item.value,
    ],
    lineStyle: { color: scaleColour(theme, rank.get(item.value!) ?? 1) },
    trialId: item.trialId,
  });
  const apart = (parallelWidth(points.parameters.length) - margin.left - margin.right) / points.parameters.length;
  const worst = order.at(-1);
  const failed = worst === undefined ? [] : diverged(points).map((item) => ({ ...item, value: worst }));
  return {
    textStyle: { fontFamily: font },
    parallel: { ...margin, top: 44, bottom: 24, parallelAxisDefault: {} },
    parallelAxis: axes.map(({ path, scale, values, below = null }, dim) => ({
      dim,
      z: 10,
      name: path === 'value' ? values[0]! : shortPath(path),
      nameTextStyle: { color: ink, fontSize: 11, fontWeight: 600 },
      nameGap: 14,
      type: scale === 'linear' ? 'value' : scale,
      ...(scale === 'category' ? { data: values } : { scale: true, ...wholeTicks(points, dim) }),
      axisLine: { lineStyle: { color: axisInk } },
      axisTick: { lineStyle: { color: grid } },
      axisLabel: {
        // A background keeps labels readable over the lines.
        ...{ color: ink, fontSize: 11, backgroundColor: surface, padding: [1, 3], borderRadius: 3 },
        // A long category ends before the next axis.
        ...(scale === 'category'
          ? { width: apart - 12, overflow: 'truncate' }
          : { formatter: (value: number) => tickText(value, below) }),
      },
      areaSelectStyle: { width: 18, color: accent, borderColor: accent, opacity: 0.25 },
    })),
    series: [
      {
        type: 'parallel',
        // Worst first, so that the best are drawn on top.
        data: [
          ...failed.map((item) => ({ ...line(item), lineStyle: { color: red } })),
          ...items.toSorted((a, b) => rank.get(b.value!)! - rank.get(a.value!)!).map(line),
        ],
        lineStyle: { width: items.length > 300 ? 0.8 : 1.4, opacity: items.length > 300 ? 0.45 : 0.7 },
        // Hundreds of faded lines overlap between categories and would add up to look selected.
        inactiveOpacity: Math.min(0.04, 4 / items.length),
        progressive: 0,
        smooth: false,
      },
    ],
  };
}

import type { Points } from '@unroll/contracts';
import type { EChartsCoreOption } from 'echarts/core';
import type { Theme } from '../design/theme';
import { mark, number } from '../format/number';
import { parameterText, shortPath } from '../format/parameters';
import { belowLog } from './below-log';
import { chartInk, scaleColour } from './palette';
import { plotted } from './plotted';
import { axisLook } from './scatter-option';
import { tooltip } from './tooltip';

/** Bins of a numeric parameter with more values than this. */
const bins = 6;

interface Axis {
  name: string;
  labels: string[];
  place: (value: unknown) => number;
}

/**
 * The values of a parameter, or bins of equal width of a numeric one with many: of its logarithm on a logarithmic scale, beside one bin for
 * what has none.
 */
export function binned(points: Points, index: number): Axis {
  const { path, scale, values = [] } = points.parameters[index]!;
  const found = plotted(points).map(({ at }) => at[index]);
  const numbers = [...new Set(found.filter((value) => typeof value === 'number'))].sort((a, b) => a - b);
  if (scale === 'category' || numbers.length <= bins) {
    const labels = (scale === 'category' ? values : numbers).map(parameterText);
    return { name: shortPath(path), labels, place: (value) => labels.indexOf(parameterText(value)) };
  }
  const below = belowLog(points, index);
  const first = below ? [below.text] : [];
  const above = below ? numbers.filter((value) => value > 0) : numbers;
  const axis = (labels: string[], bin: (value: number) => number): Axis => ({
    name: shortPath(path),
    labels: [...first, ...labels],
    place: (value) => {
      if (typeof value !== 'number') return -1;
      return below && value <= 0 ? 0 : first.length + bin(value);
    },
  });
  if (above.length <= bins) return axis(above.map(parameterText), (value) => above.indexOf(value));
  const [to, from] = scale === 'log' ? [Math.log, Math.exp] : [(value: number) => value, (value: number) => value];
  const [low, high] = [to(above[0]!), to(above.at(-1)!)];
  const edge = (bin: number): number => from(low + ((high - low) * bin) / bins);
  return axis(
    Array.from({ length: bins }, (_, bin) => `${mark(edge(bin))} to ${mark(edge(bin + 1))}`),
    (value) => Math.min(bins - 1, Math.max(0, Math.floor(((to(value) - low) / (high - low)) * bins))),
  );
}

/** The median value of the trials in each cell of two parameters: a few that went wrong do not hide the rest. */
export function interactionOption(points: Points, [first, second]: [number, number], theme: Theme): EChartsCoreOption {
  const { font, axis, surface } = chartInk();
  const look = axisLook();
  const [x, y] = [binned(points, first), binned(points, second)];
  const cells = new Map<string, number[]>();
  for (const { at, value } of plotted(points)) {
    const key = `${x.place(at[first])} ${y.place(at[second])}`;
    if (value !== null && !key.includes('-1')) cells.set(key, [...(cells.get(key) ?? []), value]);
  }
  const data = [...cells].map(([key, values]) => {
    const sorted = values.sort((a, b) => a - b);
    return [...key.split(' ').map(Number), sorted[Math.floor((sorted.length - 1) / 2)]!, values.length];
  });
  // By rank, so that one bad cell does not take the whole scale.
  const order = data.map((cell) => cell[2]!).sort((a, b) => (points.goal === 'minimize' ? a - b : b - a));
  const ranked = data.map(([column, row, value, trials]) => [column, row, order.indexOf(value!), value, trials]);
  const axisOf = ({ name, labels }: Axis) => ({
    ...{ ...look, type: 'category', data: labels, name, nameLocation: 'middle', splitLine: { show: false } },
  });
  return {
    textStyle: { fontFamily: font },
    grid: { left: 128, right: 16, top: 12, bottom: 56 },
    tooltip: {
      formatter: ({ value }: { value: number[] }) =>
        tooltip(
          `${x.name} ${x.labels[value[0]!]}, ${y.name} ${y.labels[value[1]!]}`,
          `median ${number(value[3])} of ${value[4]} ${value[4] === 1 ? 'trial' : 'trials'}`,
        ),
    },
    xAxis: { ...axisOf(x), nameGap: 34 },
    yAxis: { ...axisOf(y), nameGap: 112 },
    visualMap: {
      show: false,
      min: 0,
      max: Math.max(1, order.length - 1),
      dimension: 2,
      inRange: { color: [0, 0.25, 0.5, 0.75, 1].map((share) => scaleColour(theme, share)) },
      textStyle: { color: axis },
    },
    series: [
      {
        type: 'heatmap',
        data: ranked,
        progressive: 0,
        itemStyle: { borderColor: surface, borderWidth: 2 },
        label: { show: true, fontSize: 10, formatter: ({ value }: { value: number[] }) => mark(value[3]) },
      },
    ],
  };
}

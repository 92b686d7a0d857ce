import type { DiagnosticsView } from '@unroll/contracts';
import { plot } from 'asciichart';
import colors from 'picocolors';
import { table } from './table';
import { number, writing } from './text';

type Report = DiagnosticsView['reports'][number];

const chartWidth = 64;
/** Chart lines per power of ten. */
const linesPerDecade = 2;
/** Maximum number of reports shown. */
const shownReports = 12;
/** The smallest share that a chart distinguishes from zero. */
const floor = 1e-4;
/** From a share of `floor` to a share of 1. */
const shades = [' ', '·', '░', '▒', '▓', '█'];

/** The memory horizon of a report in one line. */
export function memoryLine({ memoryHorizon, farthest }: Report): string {
  if (memoryHorizon === null) return '-';
  const steps = `${memoryHorizon} ${memoryHorizon === 1 ? 'step' : 'steps'}`;
  return memoryHorizon === farthest ? `${steps} or more: the measured range ends there` : `${steps} of ${farthest}`;
}

export const saturationLine = ({ saturation }: Report): string =>
  saturation === null
    ? '-, the cell has no gates'
    : `${number(100 * saturation)} % of all gates below 0.1 or above 0.9`;

/** A profile as base-10 logarithms, interpolated linearly over `width` columns. */
export function logarithms(distances: readonly number[], shares: readonly (number | null)[], width: number): number[] {
  const values = shares.map((share) => Math.log10(Math.max(floor, share ?? floor)));
  const farthest = distances.at(-1) ?? 0;
  return Array.from({ length: width }, (_, column) => {
    const at = (column * farthest) / Math.max(1, width - 1);
    const right = Math.max(
      0,
      distances.findIndex((distance) => distance >= at),
    );
    const left = Math.max(0, right - 1);
    const span = distances[right]! - distances[left]!;
    const part = span === 0 ? 1 : (at - distances[left]!) / span;
    return values[left]! + (values[right]! - values[left]!) * part;
  });
}

/** One shade per value from −4 to 0; values outside are clamped. */
export const heatLine = (values: readonly number[]): string =>
  values
    .map((value) => {
      const share = Math.min(1, Math.max(0, 1 + value / -Math.log10(floor)));
      return shades[Math.round(share * (shades.length - 1))]!;
    })
    .join('');

/** At most `shownReports` reports, evenly spread, including the first and the last. */
const spread = (reports: readonly Report[]): Report[] => {
  if (reports.length <= shownReports) return [...reports];
  const step = (reports.length - 1) / (shownReports - 1);
  return Array.from({ length: shownReports }, (_, index) => reports[Math.round(index * step)]!);
};

/** A trial's diagnostics as lines of text. Needs at least one report. */
export function diagnosticsLines({ reports, snapshots }: DiagnosticsView): string[] {
  const last = reports.at(-1)!;
  return [
    ...(last.gradient.length > 0
      ? [
          `memory horizon  ${memoryLine(last)}`,
          `saturation      ${saturationLine(last)}`,
          '',
          ...profileLines(spread(reports)),
          '',
        ]
      : [
          'The memory horizon is not measured: transformers carry no state, and generation tasks record gradient norms only.',
          '',
        ]),
    ...normLines(spread(reports)),
    ...attentionLines(snapshots),
  ];
}

function profileLines(reports: readonly Report[]): string[] {
  const { distances, gradient } = reports.at(-1)!;
  const top = gradient.length - 1;
  const curves = gradient.map((shares) => logarithms(distances, shares, chartWidth));
  const [least, most] = [Math.log10(floor), Math.max(0, Math.ceil(Math.max(...curves.flat())))];
  const palette = [undefined, '\x1b[36m', '\x1b[33m', '\x1b[35m'];
  const format = (value: number): string => `${number(Number((100 * 10 ** value).toPrecision(2)))} %`.padStart(9);
  const layers = top > 0 ? `, layers 1 to ${top + 1}` : '';
  const chart =
    distances.length > 1
      ? plot(curves, {
          ...{ height: linesPerDecade * (most - least), min: least, max: most, format },
          ...(top > 0 && colors.isColorSupported ? { colors: curves.map((_, layer) => palette[layer % 4]) } : {}),
        })
      : '          a single step: no distances to plot';
  return [
    `gradient of the last loss by distance in time${layers}, relative to distance 0, over distances 0 to ${distances.at(-1)}:`,
    '',
    ...chart.split('\n'),
    '',
    `by report${top > 0 ? ', last layer' : ''} (█ 100 %, ▒ 1 %, blank below 0.01 %):`,
    '',
    ...reports.map(({ update, distances: own, gradient: all }) => {
      const line = heatLine(logarithms(own, all[top] ?? [], chartWidth));
      return `${String(update).padStart(9)}  ${line}`.trimEnd();
    }),
  ];
}

function normLines(reports: readonly Report[]): string[] {
  const groups = Object.keys(reports.at(-1)!.gradientNorms);
  const rows = groups.map((group) => [group, ...reports.map(({ gradientNorms }) => number(gradientNorms[group]))]);
  const heads = ['gradient norm at update', ...reports.map(({ update }) => String(update))];
  return table(
    heads,
    rows,
    reports.map((_, index) => index + 1),
  )
    .trimStart()
    .split('\n');
}

/** The weights of attention pooling: the symbols of each sequence, and below them a shade per weight. */
function attentionLines(snapshots: DiagnosticsView['snapshots']): string[] {
  const weighed = snapshots?.sequences.filter(({ attention }) => attention) ?? [];
  if (weighed.length === 0) return [];
  return [
    '',
    'attention over the steps of held-out sequences (█ = maximum):',
    '',
    ...weighed.flatMap(({ symbols, attention }) => {
      const most = Math.max(...attention!.map((weight) => weight ?? 0));
      const cells = attention!.map((weight, step) => {
        const symbol = writing(symbols?.[step] ?? '', 12) || ' ';
        const shade = shades[Math.round(((weight ?? 0) / most) * (shades.length - 1))]!;
        return [symbol, shade.repeat(Array.from(symbol).length)] as const;
      });
      const line = (part: 0 | 1): string => `  ${cells.map((cell) => cell[part]).join(isWords(symbols) ? ' ' : '')}`;
      return [...(symbols ? [line(0)] : []), line(1).trimEnd()];
    }),
  ];
}

const isWords = (symbols: readonly string[] | undefined): boolean =>
  symbols?.some((symbol) => Array.from(symbol).length > 1) ?? false;

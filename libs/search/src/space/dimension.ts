import { getOptions, type Distribution } from '@unroll/contracts';
import { normalCumulative, normalQuantile } from './normal';

/** One searched leaf. Samplers work on positions in [0, 1) with a uniform prior: only this file knows what a distribution means. */
export interface Dimension {
  path: string;
  /** Unique in the space: a range inside a list has the path of the list. */
  key: string;
  distribution: Distribution;
  /** Number of values; Infinity for a range of real numbers. */
  levels: number;
  /** Whether its values have no order: a `choice` or a `grid`. */
  isList: boolean;
  /** Whether each value gets an equal number of draws with any sampler. */
  isGrid: boolean;
  /** The option of a list that it depends on; undefined if it always exists. */
  within: { dimension: number; option: number } | undefined;
}

export function toDimension(
  path: string,
  distribution: Distribution,
  within: Dimension['within'],
  key = path,
): Dimension {
  const isList = 'choice' in distribution || 'grid' in distribution;
  return { path, key, distribution, levels: countLevels(distribution), isList, isGrid: 'grid' in distribution, within };
}

/** The step between the values of a range; undefined for real numbers. */
export const getStep = (distribution: Distribution): number | undefined =>
  'int' in distribution ? (distribution.step ?? 1) : 'step' in distribution ? distribution.step : undefined;

/** Whether a range has a log scale. */
export const isLogarithmic = (distribution: Distribution): boolean =>
  'logUniform' in distribution || ('log' in distribution && distribution.log === true);

function countLevels(distribution: Distribution): number {
  const step = getStep(distribution);
  if (step === undefined) return getOptions(distribution).length || Infinity;
  const [from, to] = getBounds(distribution);
  // The ends of a range of real numbers are whole steps apart but for rounding.
  return Math.floor((to - from) / step + ('int' in distribution ? 0 : 1e-6)) + 1;
}

/** Most digits after the point that JavaScript writes. */
const mostFixed = 100;

/** Number `level` of a range with steps, without the error of adding them up: 0.1 + 2 · 0.1 is 0.3, and −0.3 + 3 · 0.1 is 0. */
function stepAt([from, to]: readonly [number, number], step: number, level: number): number {
  const value = from + step * level;
  if (Number.isInteger(from) && Number.isInteger(step)) return value;
  // The error is relative to the ends, not to the value.
  const digits = 14 - Math.ceil(Math.log10(Math.max(Math.abs(from), Math.abs(to))));
  if (digits <= mostFixed) return Number(value.toFixed(Math.max(0, digits))) + 0;
  const significant = digits + 1 + Math.floor(Math.log10(Math.abs(value)));
  return significant < 1 ? 0 : Number(value.toPrecision(significant));
}

/** The value at position `u` in [0, 1); for a list, the index of the option. */
export function valueAt({ distribution, levels, isList }: Dimension, u: number): number {
  if (isList) return Math.floor(u * levels);
  if ('normal' in distribution) {
    const [mean, deviation] = distribution.normal;
    return mean + deviation * normalQuantile(u);
  }
  const [from, to] = getBounds(distribution);
  const step = getStep(distribution);
  const isLog = isLogarithmic(distribution);
  if (step === undefined)
    return clamp([from, to], isLog ? Math.exp(between(logarithms([from, to]), u)) : between([from, to], u));
  const level = isLog ? (Math.exp(between(logarithms([from, to + step]), u)) - from) / step : u * levels;
  return clamp([from, to], stepAt([from, to], step, Math.min(levels - 1, Math.max(0, Math.floor(level)))));
}

/** The middle of the positions that give `value` of a range; undefined if there is none. */
export function toPosition({ distribution, levels, isList }: Dimension, value: unknown): number | undefined {
  if (isList || typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  if ('normal' in distribution) {
    const [mean, deviation] = distribution.normal;
    return inside(normalCumulative((value - mean) / deviation));
  }
  const [from, to] = getBounds(distribution);
  if (value < from || value > to) return undefined;
  const step = getStep(distribution);
  const isLog = isLogarithmic(distribution);
  if (step === undefined)
    return inside(isLog ? share(logarithms([from, to]), Math.log(value)) : share([from, to], value));
  const level = Math.round((value - from) / step);
  const rounding = Math.max(1e-6 * Math.min(1, step), 1e-13 * Math.abs(value));
  if (Math.abs(stepAt([from, to], step, level) - value) > rounding) return undefined;
  if (!isLog) return (level + 0.5) / levels;
  return inside(share(logarithms([from, to + step]), (Math.log(value) + Math.log(value + step)) / 2));
}

/** The canonical position of a value: for discrete values, the middle of its cell. */
export function snap(dimension: Dimension, u: number): number {
  if (dimension.levels === Infinity) return u;
  if (dimension.isList || !isLogarithmic(dimension.distribution))
    return (Math.floor(u * dimension.levels) + 0.5) / dimension.levels;
  return toPosition(dimension, valueAt(dimension, u)) ?? u;
}

/** The position of value number `level` of a dimension with finitely many. */
export function levelPosition(dimension: Dimension, level: number): number {
  const { distribution, levels, isList } = dimension;
  if (isList || !isLogarithmic(distribution)) return (level + 0.5) / levels;
  return toPosition(dimension, stepAt(getBounds(distribution), getStep(distribution)!, level))!;
}

/** The bounds of a range. */
export function getBounds(distribution: Distribution): [number, number] {
  if ('uniform' in distribution) return distribution.uniform;
  if ('logUniform' in distribution) return distribution.logUniform;
  if ('int' in distribution) return distribution.int;
  throw new Error('only a range has bounds');
}

/** The largest number below 1. */
export const almostOne = 1 - 2 ** -53;
const inside = (u: number): number => Math.min(almostOne, Math.max(0, u));
const logarithms = ([from, to]: readonly [number, number]): [number, number] => [Math.log(from), Math.log(to)];
const between = ([from, to]: readonly [number, number], u: number): number => from + (to - from) * u;
const share = ([from, to]: readonly [number, number], value: number): number => (value - from) / (to - from);
/** Rounding may push a value just past a bound. */
const clamp = ([from, to]: readonly [number, number], value: number): number => Math.min(to, Math.max(from, value));

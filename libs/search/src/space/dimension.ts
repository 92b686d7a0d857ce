import type { Distribution } from '@unroll/contracts';
import { normalCumulative, normalQuantile } from './normal';

/** One searched leaf. Samplers work on positions in [0, 1) with a uniform prior: only this file knows what a distribution means. */
export interface Dimension {
  path: string;
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

/** The options of a list. */
export function getOptions(distribution: Distribution): readonly unknown[] {
  return 'choice' in distribution ? distribution.choice : 'grid' in distribution ? distribution.grid : [];
}

export function toDimension(path: string, distribution: Distribution, within: Dimension['within']): Dimension {
  const isList = 'choice' in distribution || 'grid' in distribution;
  return { path, distribution, levels: countLevels(distribution), isList, isGrid: 'grid' in distribution, within };
}

function countLevels(distribution: Distribution): number {
  if ('int' in distribution) {
    const [from, to] = distribution.int;
    return Math.floor((to - from) / (distribution.step ?? 1)) + 1;
  }
  return getOptions(distribution).length || Infinity;
}

/** The value at position `u` in [0, 1); for a list, the index of the option. */
export function valueAt({ distribution, levels, isList }: Dimension, u: number): number {
  if (isList) return Math.floor(u * levels);
  if ('uniform' in distribution) return clamp(distribution.uniform, between(distribution.uniform, u));
  if ('logUniform' in distribution)
    return clamp(distribution.logUniform, Math.exp(between(logarithms(distribution.logUniform), u)));
  if ('normal' in distribution) {
    const [mean, deviation] = distribution.normal;
    return mean + deviation * normalQuantile(u);
  }
  if (!('int' in distribution)) throw new Error('lists are handled above');
  const [from, to] = distribution.int;
  if (distribution.log) return clamp([from, to], Math.floor(Math.exp(between(logarithms([from, to + 1]), u))));
  return from + (distribution.step ?? 1) * Math.floor(u * levels);
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
  if ('uniform' in distribution) return inside(share([from, to], value));
  if ('logUniform' in distribution) return inside(share(logarithms([from, to]), Math.log(value)));
  if (!('int' in distribution) || !Number.isInteger(value)) return undefined;
  if (distribution.log) return inside(share(logarithms([from, to + 1]), (Math.log(value) + Math.log(value + 1)) / 2));
  const step = (value - from) / (distribution.step ?? 1);
  return Number.isInteger(step) ? (step + 0.5) / levels : undefined;
}

/** The canonical position of a value: for discrete values, the middle of its cell. */
export function snap(dimension: Dimension, u: number): number {
  if (dimension.levels === Infinity) return u;
  if (dimension.isList || !('log' in dimension.distribution && dimension.distribution.log))
    return (Math.floor(u * dimension.levels) + 0.5) / dimension.levels;
  return toPosition(dimension, valueAt(dimension, u)) ?? u;
}

/** The position of value number `level` of a dimension with finitely many. */
export function levelPosition(dimension: Dimension, level: number): number {
  const { distribution, levels } = dimension;
  if ('int' in distribution && distribution.log) return toPosition(dimension, distribution.int[0] + level)!;
  return (level + 0.5) / levels;
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

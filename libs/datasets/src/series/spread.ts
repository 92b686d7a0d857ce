import type { DataReading } from '@unroll/contracts';
import { isConstant } from '../prepared/scaling';
import type { Forecasting } from './panel';

/** Rows of a block of a series without a season. */
const plainBlock = 10;
/** Fewer blocks say nothing. */
const leastBlocks = 6;
/** The upper 5 % of the normal distribution. */
const critical = 1.645;

/** ln of mean and deviation of the whole seasons of a series, from its end; none for blocks that are constant. */
function blocks(values: readonly number[], season: number): [level: number, spread: number][] {
  const length = season > 1 ? season : plainBlock;
  const count = Math.floor(values.length / length);
  const first = values.length - count * length;
  return Array.from({ length: count }, (_, block) =>
    values.slice(first + block * length, first + (block + 1) * length),
  ).flatMap((own) => {
    if (isConstant(own)) return [];
    const mean = own.reduce((sum, value) => sum + value, 0) / length;
    const squares = own.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return [[Math.log(mean), 0.5 * Math.log(squares / (length - 1))] as [number, number]];
  });
}

/**
 * Whether a series of positive values spreads in proportion to its level, so that its logarithm spreads evenly: the deviations of its
 * seasons grow with a power of their means (Tukey 1977; Guerrero 1993) that is above 0 at 5 %, and nearer to 1 than to 0.
 */
export function spreadsWithLevel(values: readonly number[], season = 1): boolean {
  const points = blocks(values, season);
  const n = points.length;
  if (n < leastBlocks) return false;
  const [x, y] = [0, 1].map((at) => points.reduce((sum, point) => sum + point[at]!, 0) / n) as [number, number];
  const [xx, xy] = [0, 1].map((at) =>
    points.reduce((sum, point) => sum + (point[0] - x) * (point[at]! - [x, y][at]!), 0),
  ) as [number, number];
  if (xx <= 0) return false;
  const power = xy / xx;
  const residual = points.reduce((sum, [level, spread]) => sum + (spread - y - power * (level - x)) ** 2, 0);
  return power > 0.5 && power > critical * Math.sqrt(residual / (n - 2) / xx);
}

/** What task.transform: auto stands for in the data that a network was trained on. */
type Transform = NonNullable<DataReading['transform']>;

/** `series`: what is learned of each series in the training part. `isPositive`: whether all values of the targets have a logarithm. */
export function chosenTransform(
  series: readonly (readonly number[])[],
  { season }: Forecasting,
  isPositive: boolean,
): { transform: Transform; fact: string } {
  if (!isPositive) return { transform: 'none', fact: 'values of 0 or below: no logarithms' };
  const growing = series.filter((values) => spreadsWithLevel(values, season)).length;
  const found =
    series.length === 1
      ? `a spread that ${growing === 1 ? 'grows' : 'does not grow'} with the level`
      : `a spread that grows with the level in ${growing} of ${series.length} series`;
  return 2 * growing > series.length
    ? { transform: 'log', fact: `${found}: logarithms are learned` }
    : { transform: 'none', fact: `${found}: no logarithms` };
}

import type { TaskSpec } from '@unroll/contracts';
import { binomialLoss, deviationOf, freedomOf, normalLoss, pinballLoss, studentLoss } from '../losses/distributions';
import { negativeBinomialQuantiles, normalQuantile, studentQuantile } from '../metrics/quantiles';
import { gammaOf, standardNormal, uniform } from '../metrics/random-numbers';
import { elementLoss, type NumberOutputs } from './numbers';

type Loss = Extract<TaskSpec, { kind: 'forecasting' }>['loss'];

/** The quantiles that are measured and shown of a distribution. */
const levels = [0.05, 0.25, 0.5, 0.75, 0.95];

/** What a network gives for a row ahead, and what it stands for. */
export interface ForecastOutputs extends NumberOutputs {
  /** The quantiles that are shown: none for a point forecast. */
  levels: readonly number[];
  /**
   * The quantiles of a row ahead at ascending levels, in the unit of the network's output, from the numbers for it. `scale`: of that unit.
   */
  quantiles: (numbers: readonly number[], levels: readonly number[], scale: number) => number[];
  /** Values drawn from the distribution of a row ahead, in any order; undefined for what is no distribution. */
  draws?: ((numbers: readonly number[], count: number, scale: number) => number[]) | undefined;
}

const times = (count: number, draw: () => number): number[] => Array.from({ length: count }, draw);

/** By their names in task.loss.distribution. */
const distributions: Readonly<Record<'normal' | 'student-t' | 'negative-binomial', Omit<ForecastOutputs, 'levels'>>> = {
  normal: {
    ...{ perTarget: 2, loss: normalLoss },
    quantiles: ([mean, raw], all) => all.map((level) => mean! + deviationOf(raw!) * normalQuantile(level)),
    draws: ([mean, raw], count) => {
      const deviation = deviationOf(raw!);
      return times(count, () => mean! + deviation * standardNormal());
    },
  },
  'student-t': {
    ...{ perTarget: 3, loss: studentLoss },
    quantiles: ([location, raw, rawFreedom], all) => {
      const [scale, freedom] = [deviationOf(raw!), freedomOf(rawFreedom!)];
      return all.map((level) => location! + scale * studentQuantile(level, freedom));
    },
    // A normal number over the root of an independent mean square.
    draws: ([location, raw, rawFreedom], count) => {
      const [scale, half] = [deviationOf(raw!), freedomOf(rawFreedom!) / 2];
      return times(count, () => location! + scale * standardNormal() * Math.sqrt(half / gammaOf(half)));
    },
  },
  'negative-binomial': {
    ...{ perTarget: 2, loss: binomialLoss, needsScale: true },
    quantiles: ([rawMean, rawDispersion], all, scale) =>
      negativeBinomialQuantiles(
        { mean: scale * deviationOf(rawMean!), size: Math.sqrt(scale) / deviationOf(rawDispersion!) },
        all,
      ).map((each) => each / scale),
    draws: (numbers, count, scale) =>
      distributions['negative-binomial'].quantiles(
        numbers,
        times(count, uniform).sort((a, b) => a - b),
        scale,
      ),
  },
};

/** @throws RangeError for a Huber delta that is not above 0 */
export function forecastOutputs(loss: Loss, huberDelta: number): ForecastOutputs {
  if (typeof loss === 'object' && 'quantiles' in loss)
    return {
      perTarget: loss.quantiles.length,
      loss: pinballLoss(loss.quantiles),
      levels: loss.quantiles,
      // Sorted, since each is learned by itself (Chernozhukov et al. 2010).
      quantiles: (numbers, all) => {
        const sorted = numbers.toSorted((a, b) => a - b);
        return all.map((level) => sorted[loss.quantiles.indexOf(level)]!);
      },
    };
  if (typeof loss === 'object' && 'distribution' in loss) return { ...distributions[loss.distribution], levels };
  return {
    ...{ perTarget: 1, loss: elementLoss(loss, huberDelta), levels: [] },
    quantiles: ([value]) => [value!],
  };
}

import { meanOf, unitOf } from '@unroll/contracts';
import type { Rung } from './arrival';

const settings = {
  /** Fewest pairs of scores that a transition is fitted to, and the most: the last ones. */
  pairs: { fewest: 4, most: 100 },
  /** The last configurations, which tell what the next ones are like. */
  starts: 50,
  /** Weight of the prior of a transition's variance, in pairs. */
  prior: 2,
  /** Points of the grid on which expected gains are computed. */
  grid: 30,
  bisections: 14,
};

/** Centres of nine equal parts of Student's t distribution with three degrees of freedom, scaled to a variance of 1. */
const quantiles = [-1.8121, -0.9313, -0.5355, -0.2498, 0, 0.2498, 0.5355, 0.9313, 1.8121];

/** The score at the next rung, given the score at this one: around a line. */
interface Transition {
  intercept: number;
  slope: number;
  deviation: number;
}

const ascending = (values: readonly number[]): Float64Array => Float64Array.from(values.filter(Number.isFinite)).sort();
const quantile = (sorted: Float64Array, part: number): number => sorted[Math.floor(part * (sorted.length - 1))] ?? NaN;

/**
 * How scores develop from rung to rung, learned from the configurations of the sweep: a Markov chain of linear transitions. It answers what
 * it is worth to train a configuration on that has reached a rung: the expected improvement on the best score at the last rung that the
 * chain knows, less the price of the updates until then, where it may stop at each rung. The price of an update is the one at which new
 * configurations are worth nothing. Both are thus compared by what they gain in the same time: an index as of Gittins (1979) for the
 * optimal search of Weitzman (1979).
 */
export class RungModel {
  /** The last rung that the chain knows; 0 if it knows no transition. */
  readonly last: number;
  /** Price of one update. */
  readonly price: number = 0;
  private readonly transitions: Transition[] = [];
  /** The best score at the last rung. */
  private readonly best: number;
  private readonly low: number;
  private readonly high: number;
  /** [rung][point of the grid]: what a configuration with that score is worth. */
  private worths: Float64Array[] = [];
  private readonly rungs: readonly Rung[];
  /** What scores are divided by, so that they can be squared. */
  readonly unit: number;

  constructor(measured: readonly Rung[]) {
    this.unit = typicalUnit(measured);
    this.rungs = measured.map((rung) => multiplesOf(rung, this.unit));
    const { rungs } = this;
    const first = ascending(rungs[0]?.scores ?? []);
    for (const { scores, pairs } of rungs.slice(0, -1)) {
      const transition = fit(ascending(scores), pairs, (quantile(first, 0.5) - first[0]!) / 2);
      if (!transition) break;
      this.transitions.push(transition);
    }
    this.last = this.transitions.length;
    this.best = ascending(rungs[this.last]?.scores ?? [])[0] ?? NaN;
    this.high = quantile(first, 0.9);
    this.low = this.best - Math.max(this.high - this.best, Number.MIN_VALUE);
    if (this.last > 0) this.price = this.findPrice(rungs[0]!.scores.slice(-settings.starts));
  }

  /** The expected gain of a configuration that goes on from a rung before the last, less its price, as a multiple of the unit. */
  gain(rung: number, measured: number): number {
    const score = drawnIn(measured / this.unit);
    return this.improvement(rung, score) - this.price * this.updatesAfter(rung);
  }

  /** Updates from a rung to the next. */
  private updatesAfter = (rung: number): number => this.rungs[rung + 1]!.update - this.rungs[rung]!.update;

  private improvement(rung: number, score: number): number {
    const { intercept, slope, deviation } = this.transitions[rung]!;
    const middle = intercept + slope * score;
    let sum = 0;
    // The best value of a curve does not rise.
    for (const each of quantiles) sum += this.worth(rung + 1, Math.min(score, middle + each * deviation));
    return sum / quantiles.length;
  }

  /** The price at which new configurations are worth nothing, by bisection of its logarithm. */
  private findPrice(starts: readonly number[]): number {
    const { update } = this.rungs[0]!;
    const range = (this.high - this.low) / update;
    const isLow = (price: number): boolean => {
      this.findWorths(price);
      return meanOf(starts.map((score) => (Number.isFinite(score) ? this.worth(0, score) : 0))) > price * update;
    };
    let [from, to] = [Math.log(1e-9 * range), Math.log(range)];
    for (let step = 0; step < settings.bisections; step += 1) {
      const middle = (from + to) / 2;
      if (isLow(Math.exp(middle))) from = middle;
      else to = middle;
    }
    this.findWorths(Math.exp(from));
    return Math.exp(from);
  }

  /** What scores at all rungs are worth, backwards from the last. */
  private findWorths(price: number): void {
    this.worths = [];
    for (let rung = this.last - 1; rung >= 0; rung -= 1)
      this.worths[rung] = Float64Array.from({ length: settings.grid }, (_, index) => {
        const score = this.low + (index * (this.high - this.low)) / (settings.grid - 1);
        return Math.max(0, this.improvement(rung, score) - price * this.updatesAfter(rung));
      });
  }

  private worth(rung: number, score: number): number {
    if (rung === this.last) return Math.max(0, this.best - score);
    const worths = this.worths[rung]!;
    const place = ((score - this.low) / (this.high - this.low)) * (settings.grid - 1);
    if (!(place > 0)) return worths[0]!;
    const index = Math.min(settings.grid - 2, Math.floor(place));
    const share = Math.min(1, place - index);
    return worths[index]! * (1 - share) + worths[index + 1]! * share;
  }
}

/** The magnitude of the better half of each rung's scores: the others may be as large as if they had diverged. */
const typicalUnit = (rungs: readonly Rung[]): number =>
  unitOf(
    rungs.flatMap(({ scores }) => {
      const sorted = ascending(scores);
      return [sorted[0] ?? 0, quantile(sorted, 0.5)];
    }),
  );

/** The largest multiple of the unit that scores are told apart by: sums of its squares are finite. */
const farthest = 2 ** 400;
const drawnIn = (multiple: number): number =>
  Number.isFinite(multiple) ? Math.min(farthest, multiple) : multiple > 0 ? farthest : multiple;

function multiplesOf({ update, scores, pairs }: Rung, unit: number): Rung {
  const multiple = (score: number): number => (Number.isFinite(score) ? drawnIn(score / unit) : score);
  return {
    update,
    scores: scores.map(multiple),
    pairs: pairs.map(([here, next]) => [multiple(here), multiple(next)]),
  };
}

/**
 * Least squares with a prior: a slope of 1, and `spread` as the deviation. Scores far above the median are drawn in, so that one that
 * nearly diverged does not set the line. Undefined where there are too few pairs.
 */
function fit(scores: Float64Array, pairs: Rung['pairs'], spread: number): Transition | undefined {
  const limit = quantile(scores, 0.5) * 4 - scores[0]! * 3;
  const known = pairs
    .slice(-settings.pairs.most)
    .filter(([here, next]) => Number.isFinite(here) && Number.isFinite(next))
    .map(([here, next]) => [Math.min(here, limit), Math.min(next, limit)] as const);
  if (known.length < settings.pairs.fewest) return undefined;
  const [x, y] = [meanOf(known.map(([here]) => here)), meanOf(known.map(([, next]) => next))];
  const prior = (quantile(scores, 0.5) - scores[0]!) ** 2 / 4 + Number.MIN_VALUE;
  const covariance = known.reduce((sum, [here, next]) => sum + (here - x) * (next - y), prior);
  const variance = known.reduce((sum, [here]) => sum + (here - x) ** 2, prior);
  const slope = covariance / variance;
  const intercept = y - slope * x;
  const squares = known.reduce(
    (sum, [here, next]) => sum + (next - intercept - slope * here) ** 2,
    settings.prior * spread ** 2,
  );
  return { intercept, slope, deviation: Math.sqrt(squares / (known.length + settings.prior)) };
}

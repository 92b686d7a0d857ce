import { meanVariance, unitOf } from '@unroll/contracts';
import { jStat } from 'jstat';

/** The seeds of a configuration: the mean of their values (lower is better), their standard deviation, and how many there are. */
export interface Measured {
  mean: number;
  deviation: number | null;
  repeats: number;
  /** Parts that cross-validation held out in turn, if they are among the repeats. */
  folds?: number;
}

/** Rows beyond which no probabilities are computed: each row is compared with each. */
const mostRows = 100;
/** Quantiles at which the integral is evaluated. */
const steps = 100;
/** Points of a table of Student's t over the angle atan(t), in which even a Cauchy distribution is straight in the tails. */
const points = 801;

/** What is known about a mean: Student's t around it. */
interface Belief {
  mean: number;
  scale: number;
  table: Table;
}

interface Table {
  /** P(T <= tan(angle)), at angles from −π/2 to π/2. */
  cdf: Float64Array;
  /** Quantiles in the middle of `steps` equal parts. */
  quantiles: Float64Array;
}

const tables = new Map<number, Table>();

function tableOf(degrees: number): Table {
  const known = tables.get(degrees);
  if (known) return known;
  const cdf = Float64Array.from({ length: points }, (_, index) =>
    index === 0
      ? 0
      : index === points - 1
        ? 1
        : jStat.studentt.cdf(Math.tan((index / (points - 1) - 0.5) * Math.PI), degrees),
  );
  const quantiles = Float64Array.from({ length: steps }, (_, index) =>
    jStat.studentt.inv((index + 0.5) / steps, degrees),
  );
  const table = { cdf, quantiles };
  tables.set(degrees, table);
  return table;
}

/** P(the mean is at most `value`), by linear interpolation. */
function atMost({ mean, scale, table }: Belief, value: number): number {
  const place = (Math.atan((value - mean) / scale) / Math.PI + 0.5) * (points - 1);
  const index = Math.min(points - 2, Math.max(0, Math.floor(place)));
  return table.cdf[index]! + (table.cdf[index + 1]! - table.cdf[index]!) * (place - index);
}

/**
 * The probability of each row that its mean over all seeds is the lowest among the rows. The seeds of a row are a sample from a normal
 * distribution; without prior knowledge, its mean then has Student's t distribution around theirs, with n − 1 degrees of freedom (Gelman et
 * al., Bayesian Data Analysis, section 3.2). A row with one seed gets the spread pooled over the others. Null if no row has two seeds:
 * nothing is known about the spread.
 */
export function bestProbabilities(all: readonly Measured[]): (number | null)[] {
  // An infinite value is never the best, and says nothing about a spread.
  const rows = all.filter(({ mean }) => Number.isFinite(mean));
  const chances = finiteProbabilities(inOneUnit(rows));
  return all.map((row) => (chances === null ? null : (chances[rows.indexOf(row)] ?? 0)));
}

/** Rows as multiples of a unit, in which nothing overflows. A deviation that a double does not hold is the largest one. */
function inOneUnit(rows: readonly Measured[]): Measured[] {
  const spreads = rows.map(({ deviation }) => (deviation === null ? null : Math.min(deviation, Number.MAX_VALUE)));
  const unit = unitOf([...rows.map(({ mean }) => mean), ...spreads.map((spread) => spread ?? 0)]);
  return rows.map((row, index) => {
    const spread = spreads[index]!;
    return { ...row, mean: row.mean / unit, deviation: spread === null ? null : spread / unit };
  });
}

function finiteProbabilities(rows: readonly Measured[]): number[] | null {
  const pooled = pool(rows);
  if (!pooled || rows.length > mostRows || rows.length === 0) return null;
  const largest = Math.max(...rows.map(({ mean }) => Math.abs(mean)));
  // Seeds that gave the same value leave no spread: the smallest that still orders equal means fairly.
  const least = (largest || 1) * 1e-12;
  const beliefs = rows.map(({ mean, deviation, repeats, folds }): Belief => {
    const own = repeats > 1 && deviation !== null;
    const spread = own ? deviation : pooled.deviation;
    const scale = Math.max(spread * Math.sqrt(meanVariance(repeats, folds)), least);
    return { mean, scale, table: tableOf(own ? repeats - 1 : pooled.degrees) };
  });
  const chances = beliefs.map((own) => {
    let sum = 0;
    for (const quantile of own.table.quantiles) {
      const value = own.mean + own.scale * quantile;
      let chance = 1;
      for (const other of beliefs) {
        if (other !== own) chance *= 1 - atMost(other, value);
        if (chance < 1e-9) break;
      }
      sum += chance;
    }
    return sum / steps;
  });
  const total = chances.reduce((sum, chance) => sum + chance, 0);
  return chances.map((chance) => chance / total);
}

function pool(rows: readonly Measured[]): { deviation: number; degrees: number } | undefined {
  const repeated = rows.filter(({ repeats, deviation }) => repeats > 1 && deviation !== null);
  const degrees = repeated.reduce((sum, { repeats }) => sum + repeats - 1, 0);
  if (degrees === 0) return undefined;
  const squares = repeated.reduce((sum, { repeats, deviation }) => sum + (repeats - 1) * deviation! ** 2, 0);
  return { deviation: Math.sqrt(squares / degrees), degrees: Math.min(degrees, 200) };
}

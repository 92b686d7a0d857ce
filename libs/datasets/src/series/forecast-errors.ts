import type { ForecastUnits } from '../prepared/data';
import type { Span } from '../prepared/rows';
import { spanAt } from './forecast-units';

const total = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0);

/** Of ascending values. */
const median = (sorted: readonly number[]): number =>
  (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;

/** A forecast of the rows ahead, in the unit of the data; `values`: the median where there are quantiles, which are by their levels. */
interface Forecast {
  values: readonly number[];
  quantiles?: Readonly<Record<string, readonly number[]>> | undefined;
}

/** Twice the pinball loss of a quantile (Koenker & Bassett 1978). */
const pinball = (level: number, truth: number, forecast: number): number =>
  2 * (truth >= forecast ? level * (truth - forecast) : (1 - level) * (forecast - truth));

/** The bounds of an interval that holds nine of ten values; undefined where those quantiles are not forecast. */
function interval90(quantiles: Forecast['quantiles']): (readonly number[])[] | undefined {
  const [low, high] = [quantiles?.[0.05], quantiles?.[0.95]];
  return low && high ? [low, high] : undefined;
}

/**
 * The continuous ranked probability score of samples of a forecast: mean |x − y| − mean |x − x′| / 2 over different samples, which has the
 * same expectation for any number of samples from 2 on (the fair score: Ferro 2014; by sorting, Zamo & Naveau 2018, equation 17). In the
 * unit of the data.
 */
export function fairCrps(samples: readonly number[], truth: number): number {
  const sorted = Float64Array.from(samples).sort();
  const count = sorted.length;
  let [errors, spread] = [0, 0];
  sorted.forEach((value, rank) => {
    errors += Math.abs(value - truth);
    spread += (2 * rank + 1 - count) * value;
  });
  return errors / count - spread / (count * (count - 1));
}

/**
 * The errors of forecasts, in the unit of the data. `mse` and `mae` are means over values; `smape`, in percent, is that of the M4
 * competition (Makridakis et al. 2020), where two zeros agree; `mase` is the mean over windows of the absolute error relative to that of
 * the naive forecast (Hyndman & Koehler 2006), and `medianMase` the median over several series of the mean of each;
 * `weightedQuantileLoss` is the mean over quantiles of the summed pinball loss over the sum of absolute values (Salinas et al. 2020,
 * section 4.2), and of the median alone where no quantiles are forecast. `crps` is the mean over values of that of samples.
 */
export class ForecastErrors {
  private values = 0;
  private squares = 0;
  private sizes = 0;
  private symmetric = 0;
  /** By series: the scaled errors of its windows. */
  private readonly scaled = new Map<Span, { sum: number; windows: number }>();
  private covered = 0;
  private intervals = 0;
  private total = 0;
  private readonly losses = new Map<string, number>();
  private ranked = 0;
  private sampled = 0;

  constructor(private readonly units: ForecastUnits) {}

  get target(): string {
    return this.units.target;
  }

  /** The forecast of a window, and `samples` of it, [sample][row ahead]. */
  add(index: number, { values, quantiles }: Forecast, samples?: readonly (readonly number[])[]): void {
    const { truth, starts, naive, spans } = this.units;
    const start = starts[index]!;
    const bounds = interval90(quantiles);
    const levels = Object.entries(quantiles ?? { 0.5: values });
    let [sizes, known] = [0, 0];
    values.forEach((value, ahead) => {
      const right = truth[start + ahead]!;
      if (Number.isNaN(right)) return;
      const size = Math.abs(right - value);
      sizes += size;
      known += 1;
      this.values += 1;
      this.squares += size ** 2;
      this.symmetric += size === 0 ? 0 : (200 * size) / (Math.abs(right) + Math.abs(value));
      this.total += Math.abs(right);
      for (const [level, all] of levels)
        this.losses.set(level, (this.losses.get(level) ?? 0) + pinball(Number(level), right, all[ahead]!));
      if (samples) {
        const own = samples.map((path) => path[ahead]!);
        this.ranked += fairCrps(own, right);
        this.sampled += 1;
      }
      if (!bounds) return;
      this.intervals += 1;
      this.covered += Number(right >= bounds[0]![ahead]! && right <= bounds[1]![ahead]!);
    });
    this.sizes += sizes;
    if (known === 0 || !(naive[index]! > 0)) return;
    const span = spanAt(spans, start);
    const own = this.scaled.get(span) ?? { sum: 0, windows: 0 };
    own.sum += sizes / known / naive[index]!;
    own.windows += 1;
    this.scaled.set(span, own);
  }

  private scaledMetrics(): Record<string, number> {
    const all = [...this.scaled.values()];
    if (all.length === 0) return {};
    const [sum, windows] = [total(all.map((each) => each.sum)), total(all.map((each) => each.windows))];
    const perSeries = all.map((each) => each.sum / each.windows).sort((a, b) => a - b);
    return { mase: sum / windows, ...(all.length > 1 ? { medianMase: median(perSeries) } : {}) };
  }

  /**
   * Without those that cannot be computed: mase of constant series, the coverage of forecasts without intervals, and all where every value
   * is missing.
   */
  metrics(): Record<string, number> {
    const { values, losses, total } = this;
    if (values === 0) return {};
    const summed = [...losses.values()].reduce((sum, each) => sum + each, 0);
    return {
      mse: this.squares / values,
      mae: this.sizes / values,
      smape: this.symmetric / values,
      ...this.scaledMetrics(),
      ...(total > 0 ? { weightedQuantileLoss: summed / losses.size / total } : {}),
      ...(this.sampled > 0 ? { crps: this.ranked / this.sampled } : {}),
      ...(this.intervals > 0 ? { coverage90: this.covered / this.intervals } : {}),
    };
  }
}

/** The metrics of several targets: the mean of each over them, and that of each target with its name, as `mae.price`. */
export function metricsOfTargets(errors: readonly ForecastErrors[]): Record<string, number> {
  const all = errors.map((each) => each.metrics());
  if (all.length === 1) return all[0]!;
  const names = Object.keys(all[0]!).filter((name) => all.every((own) => own[name] !== undefined));
  const means = names.map((name) => [name, total(all.map((own) => own[name]!)) / all.length]);
  const each = all.flatMap((own, place) =>
    Object.entries(own).map(([name, value]) => [`${name}.${errors[place]!.target}`, value]),
  );
  return Object.fromEntries([...means, ...each]) as Record<string, number>;
}

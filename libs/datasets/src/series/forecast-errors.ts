import type { ForecastUnits } from '../prepared/data';
import type { Span } from '../prepared/rows';
import { spanAt } from './forecast-units';

const total = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0);

/** Of ascending values. */
const median = (sorted: readonly number[]): number =>
  (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;

/** Quantiles of a forecast, each with its values ahead, in the unit of the data. */
export type Quantiles = ReadonlyMap<number, readonly number[]>;

/** Twice the pinball loss of a quantile (Koenker & Bassett 1978). */
const pinball = (level: number, truth: number, forecast: number): number =>
  2 * (truth >= forecast ? level * (truth - forecast) : (1 - level) * (forecast - truth));

/** The bounds of an interval that holds nine of ten values; undefined where those quantiles are not forecast. */
function interval90(quantiles: Quantiles | undefined): (readonly number[])[] | undefined {
  const [low, high] = [quantiles?.get(0.05), quantiles?.get(0.95)];
  return low && high ? [low, high] : undefined;
}

/**
 * The errors of forecasts, in the unit of the data. `mse` and `mae` are means over values; `smape`, in percent, is that of the M4
 * competition (Makridakis et al. 2020), where two zeros agree; `mase` is the mean over windows of the absolute error relative to that of
 * the naive forecast (Hyndman & Koehler 2006), and `medianMase` the median over several series of the mean of each;
 * `weightedQuantileLoss` is the mean over quantiles of the summed pinball loss over the sum of absolute values (Salinas et al. 2020,
 * section 4.2), and of the median alone where no quantiles are forecast.
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
  private readonly losses = new Map<number, number>();

  constructor(private readonly units: ForecastUnits) {}

  /** `forecast` is the point forecast of a window, which is the median where there are quantiles. */
  add(index: number, forecast: readonly number[], quantiles?: Quantiles): void {
    const { truth, starts, naive, spans } = this.units;
    const start = starts[index]!;
    const bounds = interval90(quantiles);
    const levels = quantiles ?? new Map([[0.5, forecast]]);
    let sizes = 0;
    forecast.forEach((value, ahead) => {
      const right = truth[start + ahead]!;
      if (Number.isNaN(right)) return;
      const size = Math.abs(right - value);
      sizes += size;
      this.values += 1;
      this.squares += size ** 2;
      this.symmetric += size === 0 ? 0 : (200 * size) / (Math.abs(right) + Math.abs(value));
      this.total += Math.abs(right);
      for (const [level, all] of levels)
        this.losses.set(level, (this.losses.get(level) ?? 0) + pinball(level, right, all[ahead]!));
      if (!bounds) return;
      this.intervals += 1;
      this.covered += Number(right >= bounds[0]![ahead]! && right <= bounds[1]![ahead]!);
    });
    this.sizes += sizes;
    if (!(naive[index]! > 0)) return;
    const span = spanAt(spans, start);
    const own = this.scaled.get(span) ?? { sum: 0, windows: 0 };
    own.sum += sizes / forecast.length / naive[index]!;
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

  /** Without those that cannot be computed: mase of constant series, and the coverage of forecasts without intervals. */
  metrics(): Record<string, number> {
    const { values, losses, total } = this;
    const summed = [...losses.values()].reduce((sum, each) => sum + each, 0);
    return {
      mse: this.squares / values,
      mae: this.sizes / values,
      smape: this.symmetric / values,
      ...this.scaledMetrics(),
      ...(total > 0 ? { weightedQuantileLoss: summed / losses.size / total } : {}),
      ...(this.intervals > 0 ? { coverage90: this.covered / this.intervals } : {}),
    };
  }
}

/** What is fitted to a series. */
export interface Smoothing {
  /** By how much of an error the level, the trend and the season change. */
  level: number;
  trend: number;
  season: number;
  /** What is left of the trend a row later; 0 for a series without one. */
  damping: number;
  /** Rows of a season; 1 for a series without one. */
  period: number;
  /** Whether logarithms are smoothed, of which equal differences are equal percentages. */
  isLogarithmic: boolean;
  /** Before the first row. */
  first: State;
}

/** Level, trend and season (of the next `period` rows, by row modulo the period) after a row. */
interface State {
  level: number;
  trend: number;
  seasons: Float64Array;
}

type Gains = Omit<Smoothing, 'first'>;

/** Rows that trends and seasons are begun from. */
const firstSeasons = 3;
const firstRows = 10;

const isThere = (value: number): boolean => !Number.isNaN(value);

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The least squares line through values in a row: its height before the first, and its slope. */
function line(values: readonly number[]): { height: number; slope: number } {
  const [x, y] = [(values.length + 1) / 2, meanOf(values)];
  const squares = values.reduce((sum, _, at) => sum + (at + 1 - x) ** 2, 0);
  const slope = values.reduce((sum, value, at) => sum + (at + 1 - x) * (value - y), 0) / squares;
  return { height: y - slope * x, slope };
}

/** With what is missing on the line between its neighbours, or as its only one. */
function interpolated(values: Float64Array): number[] {
  const known = Array.from(values.keys()).filter((row) => isThere(values[row]!));
  let next = 0;
  return Array.from(values, (value, row) => {
    if (isThere(value)) return value;
    while (next < known.length && known[next]! < row) next += 1;
    const [before, after] = [known[next - 1] ?? known[next], known[next] ?? known[next - 1]];
    if (before === undefined || after === undefined) return NaN;
    const part = after === before ? 0 : (row - before) / (after - before);
    return values[before]! + part * (values[after]! - values[before]!);
  });
}

/** The mean difference of each place of a season from the moving mean of a season (Hyndman et al. 2008, section 2.6.1). */
function firstSeasonal(values: readonly number[], period: number): Float64Array | undefined {
  const half = period >> 1;
  const isEven = period % 2 === 0;
  const rest: number[][] = Array.from({ length: period }, () => []);
  for (let row = half; row + half < values.length; row++) {
    let sum = 0;
    for (let at = row - half; at <= row + half; at++)
      sum += values[at]! * (isEven && (at === row - half || at === row + half) ? 0.5 : 1);
    rest[row % period]!.push(values[row]! - sum / period);
  }
  if (rest.some(({ length }) => length === 0)) return undefined;
  const means = rest.map(meanOf);
  const middle = meanOf(means);
  return Float64Array.from(means, (mean) => mean - middle);
}

/**
 * The state before the first row, from the first three seasons: what is left of them by a moving mean, and the line through the first rows
 * without it (Hyndman et al. 2008, section 2.6.1). Undefined for fewer than two seasons.
 */
export function firstState(
  values: Float64Array,
  { period, damping }: Pick<Gains, 'period' | 'damping'>,
): State | undefined {
  const first = interpolated(values.subarray(0, Math.max(firstRows, firstSeasons * period)));
  const seasons = period > 1 ? firstSeasonal(first, period) : new Float64Array(1);
  if (!seasons) return undefined;
  const plain = first.slice(0, Math.max(firstRows, period)).map((value, row) => value - seasons[row % period]!);
  const { height, slope } = line(plain);
  return damping > 0 ? { level: height, trend: slope / damping, seasons } : { level: meanOf(plain), trend: 0, seasons };
}

/**
 * Runs over rows `from` to `to` of values and changes `state`: the innovations form of additive exponential smoothing (Hyndman et al. 2008,
 * equations 2.4), in which a missing value changes nothing but what the trend does. Returns the sum of the squared errors of one row ahead.
 */
function smooth(
  values: Float64Array,
  { level: alpha, trend: beta, season: gamma, damping, period }: Gains,
  state: State,
  [from, to]: readonly [number, number],
): number {
  const { seasons } = state;
  let { level, trend } = state;
  let squares = 0;
  for (let row = from; row < to; row++) {
    const place = period > 1 ? row % period : 0;
    const step = damping * trend;
    const before = level + step;
    const error = values[row]! - before - seasons[place]!;
    if (Number.isNaN(error)) {
      [level, trend] = [before, step];
      continue;
    }
    level = before + alpha * error;
    trend = step + beta * error;
    if (period > 1) seasons[place] = seasons[place]! + gamma * error;
    squares += error * error;
  }
  [state.level, state.trend] = [level, trend];
  return squares;
}

/** The mean of the rows `row` to `row + horizon` from the state after the row before. */
function ahead({ level, trend, seasons }: State, { damping, period }: Gains, row: number, horizon: number): number[] {
  let [step, sum] = [1, 0];
  return Array.from({ length: horizon }, (_, at) => {
    step *= damping;
    sum += step;
    return level + sum * trend + seasons[(row + at) % period]!;
  });
}

/** What the places of a search, within 0 and 1, stand for: parameters within what keeps forecasts from growing without bounds. */
function toGains(places: readonly number[], { hasTrend, isDamped, period, isLogarithmic }: Form): Gains {
  const [a, b, c, d] = places as [number, number, number, number];
  const level = leastGain + (1 - 2 * leastGain) * a;
  return {
    level,
    trend: hasTrend ? level * (leastGain + (1 - leastGain) * b) : 0,
    season: period > 1 ? (1 - level) * c : 0,
    damping: hasTrend ? (isDamped ? leastDamping + (mostDamping - leastDamping) * d : 1) : 0,
    period,
    isLogarithmic,
  };
}

const leastGain = 1e-4;
/** Hyndman & Athanasopoulos (2021), section 8.2. */
const [leastDamping, mostDamping] = [0.8, 0.98];

/** Which parts of a series are smoothed. */
interface Form {
  hasTrend: boolean;
  isDamped: boolean;
  period: number;
  isLogarithmic: boolean;
}

/** The widest and narrowest steps of a search. */
const [firstStep, lastStep] = [0.2, 0.01];

/** The least value of a function of places within 0 and 1: compass search (Kolda et al. 2003, section 1.2), by steps that are halved. */
function least(start: readonly number[], free: readonly number[], value: (places: readonly number[]) => number) {
  let best = { places: start, value: value(start) };
  for (let step = firstStep; step >= lastStep;) {
    let isBetter = false;
    for (const index of free)
      for (const way of [step, -step]) {
        const place = Math.min(1, Math.max(0, best.places[index]! + way));
        if (place === best.places[index]) continue;
        const places = best.places.with(index, place);
        const found = value(places);
        if (!(found < best.value)) continue;
        best = { places, value: found };
        isBetter = true;
        break;
      }
    if (!isBetter) step /= 2;
  }
  return best;
}

interface Fitted {
  smoothing: Smoothing;
  form: Form;
  /** Akaike's, corrected for few rows. */
  criterion: number;
}

/** A form fitted to a series by its errors of one row ahead; undefined where it has too many parts for so few rows. */
function fitted(values: Float64Array, form: Form): Fitted | undefined {
  const learned = form.isLogarithmic ? logarithms(values) : values;
  const free = [0, ...(form.hasTrend ? [1] : []), ...(form.period > 1 ? [2] : []), ...(form.isDamped ? [3] : [])];
  const first = firstState(learned, toGains([0, 0, 0, 1], form));
  // The initial states and the variance of the errors are estimated too.
  const parameters = free.length + 2 + (form.hasTrend ? 1 : 0) + (form.period > 1 ? form.period - 1 : 0);
  const count = learned.filter(isThere).length;
  if (!first || count - parameters - 1 <= 0) return undefined;
  const best = least([0.3, 0.1, 0.1, 0.9], free, (places) =>
    smooth(learned, toGains(places, form), { ...first, seasons: first.seasons.slice() }, [0, learned.length]),
  );
  const size = learned.reduce((most, value) => (Math.abs(value) > most ? Math.abs(value) : most), 1e-300);
  const variance = Math.max(best.value / count, (size * Number.EPSILON) ** 2);
  // The density of the values is that of their logarithms over the values.
  const jacobian = form.isLogarithmic ? learned.reduce((sum, value) => (isThere(value) ? sum + value : sum), 0) : 0;
  const criterion =
    count * Math.log(variance) +
    2 * jacobian +
    2 * parameters +
    (2 * parameters * (parameters + 1)) / (count - parameters - 1);
  return { smoothing: { ...toGains(best.places, form), first }, form, criterion };
}

const logarithms = (values: Float64Array): Float64Array => values.map((value) => (value > 0 ? Math.log(value) : NaN));

/**
 * The exponential smoothing of a series, NaN where a value is missing: with a season of `period` rows, a trend, a damped trend, and of
 * logarithms where all values are above 0, each decided in this order by Akaike's criterion (Hyndman et al. 2008, section 2.8). Parameters
 * minimise the squared errors of one row ahead. Undefined for fewer than 10 values.
 */
export function fitSmoothing(values: Float64Array, period: number): Smoothing | undefined {
  const known = values.filter(isThere);
  let best = fitted(values, { hasTrend: false, isDamped: false, period: 1, isLogarithmic: false });
  if (!best || known.length < firstRows) return undefined;
  const attempt = (change: Partial<Form>): void => {
    const other = fitted(values, { ...best!.form, ...change });
    if (other && other.criterion < best!.criterion) best = other;
  };
  if (period > 1) attempt({ period });
  attempt({ hasTrend: true });
  attempt({ hasTrend: true, isDamped: true });
  if (known.every((value) => value > 0)) attempt({ isLogarithmic: true });
  return best.smoothing;
}

/**
 * Forecasts of `horizon` rows from each of `starts` on, ascending rows of a series that begins as the one that was fitted, of what precedes
 * each.
 */
export function* smoothedForecasts(
  values: Float64Array,
  smoothing: Smoothing,
  starts: Iterable<number>,
  horizon: number,
): Generator<number[], undefined> {
  const learned = smoothing.isLogarithmic ? logarithms(values) : values;
  const state = { ...smoothing.first, seasons: smoothing.first.seasons.slice() };
  let row = 0;
  for (const start of starts) {
    smooth(learned, smoothing, state, [row, start]);
    row = start;
    const forecast = ahead(state, smoothing, start, horizon);
    yield smoothing.isLogarithmic ? forecast.map(Math.exp) : forecast;
  }
}

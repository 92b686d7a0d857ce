import type { ShownForecast } from '@unroll/contracts';
import { recursive, type DataSource, type ExampleData } from '@unroll/datasets';
import { nameToUint32 } from '@unroll/random';
import { isDeepStrictEqual } from 'node:util';
import { drawnWith } from '../metrics/random-numbers';
import { shownForecasts } from '../tasks/shown-forecasts';
import type { ForecastAnswer, TargetForecast } from '../tasks/task';
import { combinedForecast, meanOf } from './combined-forecast';
import { Network } from './network';
import type { Model } from './model-file';

/** How a distribution is continued. */
export interface PathOptions {
  /** Paths of each series. */
  samples: number;
  seed: number;
}

/** Whether a network's forecasts can be drawn from. */
export const hasDistribution = ({ header: { spec } }: Pick<Model, 'header'>): boolean =>
  spec.task.kind === 'forecasting' && typeof spec.task.loss === 'object' && 'distribution' in spec.task.loss;

async function answersTo(model: Model, data: ExampleData): Promise<ForecastAnswer[]> {
  const network = new Network(model, data);
  const answers = (await network.answers()) as ForecastAnswer[];
  network.dispose();
  return answers;
}

const shown = (data: ExampleData, answers: readonly ForecastAnswer[]): ShownForecast[] =>
  shownForecasts(
    data.validation.units!,
    answers.map((answer, index) => ({ index, answer })),
  );

/** A forecast with the next rows after it; their quantiles are null where they are not known. */
const joined = (before: ShownForecast, { times, truth, values, quantiles }: ShownForecast): ShownForecast => ({
  ...before,
  times: [...before.times, ...times],
  truth: [...before.truth, ...truth],
  values: [...before.values, ...values],
  quantiles: Object.fromEntries(
    Object.keys(before.quantiles).map((level) => [
      level,
      [...before.quantiles[level]!, ...(quantiles[level] ?? times.map(() => null))],
    ]),
  ),
});

const cut = ({ times, truth, values, quantiles, ...rest }: ShownForecast, rows: number): ShownForecast => ({
  ...rest,
  times: times.slice(0, rows),
  truth: truth.slice(0, rows),
  values: values.slice(0, rows),
  quantiles: Object.fromEntries(Object.entries(quantiles).map(([level, all]) => [level, all.slice(0, rows)])),
});

/** The quantile of ascending samples, between the two nearest (Hyndman & Fan 1996, type 7). */
function sampleQuantile(sorted: Float64Array, level: number): number {
  const place = level * (sorted.length - 1);
  const [low, high] = [Math.floor(place), Math.ceil(place)];
  return sorted[low]! + (place - low) * (sorted[high]! - sorted[low]!);
}

/** A value of each row ahead for each target; `name`: of the draw, each of which has its own random numbers. */
const drawn = (forecasts: readonly TargetForecast[], seed: number, name: string): number[][] =>
  drawnWith(seed, nameToUint32(name), () => forecasts.map(({ draw }) => draw!()));

/** The forecasts of one network: as they are shown, of the first rows as answers, and the paths that a distribution is continued by. */
interface Further {
  /** The targets of a series follow each other. */
  shown: ShownForecast[];
  /** Of each series, of the rows that the network gives at once. */
  answers: ForecastAnswer[];
  /** [series · target][path][row]; undefined where nothing is drawn. */
  paths?: number[][][];
}

async function furtherOf(model: Model, source: DataSource, horizon: number, options: PathOptions): Promise<Further> {
  const { spec, reading } = model.header;
  const { task, dataset } = spec;
  if (task.kind !== 'forecasting') throw new Error(`${task.kind} models do not forecast`);
  const input = recursive(source, { dataset, task, reading }, horizon);
  const data = input.first();
  const answers = await answersTo(model, data);
  let all = shown(data, answers);
  const targets = data.validation.units!.length;
  const inGroups = <Value>(values: readonly Value[]): Value[][] =>
    answers.map((_, series) => values.slice(series * targets, (series + 1) * targets));
  if (horizon > task.horizon && hasDistribution(model)) {
    const paths: number[][][] = [];
    const shownOf: ShownForecast[] = [];
    for (const [series, first] of inGroups(all).entries()) {
      const place = { series, horizon, ...options };
      const own = await sampledFurther(model, input, { first, forecasts: answers[series]!.forecasts, place });
      shownOf.push(...own.shown);
      paths.push(...first.map((_, target) => own.paths.map((path) => path[target]!)));
    }
    return { shown: shownOf, answers, paths };
  }
  while (all[0]!.values.length < horizon) {
    const next = input.after(inGroups(all).map((group) => group.map(({ values }) => values as number[])));
    const found = shown(next, await answersTo(model, next));
    all = all.map((before, index) => joined(before, found[index]!));
  }
  return { shown: all, answers };
}

interface FirstForecast {
  /** Of each target. */
  first: readonly ShownForecast[];
  forecasts: readonly TargetForecast[];
  place: PathOptions & { series: number; horizon: number };
}

/** The forecasts of the targets of one series, with places and times of rows after the first, and sample paths, [path][target][row]. */
async function sampledFurther(
  model: Model,
  input: ReturnType<typeof recursive>,
  { first, forecasts, place: { series, horizon, samples, seed } }: FirstForecast,
): Promise<{ shown: ShownForecast[]; paths: number[][][] }> {
  let paths = Array.from({ length: samples }, (_, path) => drawn(forecasts, seed, `${series} 0 ${path}`));
  let all = [...first];
  for (let block = 1; all[0]!.values.length < horizon; block++) {
    const next = input.after(paths, { series, copies: samples });
    const answers = await answersTo(model, next);
    const after = answers.map((answer, path) => drawn(answer.forecasts, seed, `${series} ${block} ${path}`));
    const rows = shown(next, answers.slice(0, 1));
    all = all.map((before, target) => joined(before, rows[target]!));
    paths = paths.map((path, index) => path.map((own, target) => [...own, ...after[index]![target]!]));
  }
  return { shown: all, paths };
}

/** A forecast with the quantiles of paths from row `from` on. */
function withPaths(forecast: ShownForecast, from: number, paths: readonly (readonly number[])[]): ShownForecast {
  const rows = forecast.values.length;
  const sorted = Array.from({ length: rows - from }, (_, at) =>
    Float64Array.from(paths, (path) => path[from + at]!).sort(),
  );
  const at = (level: number): number[] => sorted.map((each) => sampleQuantile(each, level));
  return {
    ...forecast,
    values: [...forecast.values.slice(0, from), ...at(0.5)],
    quantiles: Object.fromEntries(
      Object.entries(forecast.quantiles).map(([level, all]) => [level, [...all.slice(0, from), ...at(Number(level))]]),
    ),
  };
}

/** One forecast of several networks: of the first rows as `combinedForecast`, after them by the mean, or by the paths of all. */
function togetherFurther(all: readonly Further[], index: number, isOfCounts: boolean): ShownForecast {
  const place = all[0]!.answers[0]!.forecasts.length;
  const [series, target] = [Math.floor(index / place), index % place];
  const first = combinedForecast(
    all.map(({ answers }) => answers[series]!.forecasts[target]!),
    isOfCounts,
  );
  const forecasts = all.map(({ shown: own }) => own[index]!);
  const further = meanOf(forecasts.map(({ values }) => values as number[])).slice(first.values.length);
  return {
    ...forecasts[0]!,
    values: [...first.values, ...further],
    quantiles: Object.fromEntries(
      Object.entries(first.quantiles ?? {}).map(([level, own]) => [level, [...own, ...further.map(() => null)]]),
    ),
  };
}

/**
 * Forecasts of another number of rows than a network gives at once, from its own, as often as it takes. A network that gives distributions
 * is continued by ancestral sampling (Salinas et al. 2020, section 3.2): paths are drawn from the rows that it gives at once, which are
 * independent of each other given the rows before, and from what it gives after each path, and intervals are quantiles of the paths. Any
 * other continues from its forecast, without intervals. Several networks, which `combinationProblem` has nothing against, are continued by
 * themselves, each with an equal part of the paths, and answer as one. The engine is open.
 * @throws DatasetError for input that it cannot read, or a network that reads what is not known after the data
 */
export async function forecastFurther(
  models: readonly Model[],
  source: DataSource,
  horizon: number,
  { samples, seed }: PathOptions,
): Promise<ShownForecast[]> {
  const all: Further[] = [];
  for (const [member, model] of models.entries())
    all.push(
      await furtherOf(model, source, horizon, {
        samples: Math.ceil(samples / models.length),
        seed: (seed + member) % 2 ** 32,
      }),
    );
  const { task } = models[0]!.header.spec as { task: { horizon: number; loss: unknown } };
  const isOfCounts = isDeepStrictEqual(task.loss, { distribution: 'negative-binomial' });
  return all[0]!.shown.map((one, index) => {
    const together = all.length === 1 ? one : togetherFurther(all, index, isOfCounts);
    const paths = all.flatMap((each) => each.paths?.[index] ?? []);
    return cut(paths.length > 0 ? withPaths(together, task.horizon, paths) : together, horizon);
  });
}

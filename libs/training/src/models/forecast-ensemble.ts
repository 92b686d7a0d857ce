import { DatasetError, ForecastErrors, metricsOfTargets, selected, type ExampleData } from '@unroll/datasets';
import { isDeepStrictEqual } from 'node:util';
import { drawnFor, samplesOf } from '../tasks/forecasting';
import type { ForecastAnswer, TargetForecast } from '../tasks/task';
import { combinedForecast } from './combined-forecast';
import { Network } from './network';
import type { Model } from './model-file';

/** Windows whose forecasts are in memory at once. */
const mostAtOnce = 2048;

/** The windows that begin to forecast in these rows, which are among them. */
function windowsIn({ validation }: ExampleData, starts: ReadonlySet<number>): Int32Array {
  const own = validation.units![0]!.starts;
  return Int32Array.from(own.keys()).filter((index) => starts.has(own[index]!));
}

/** The data of each network with the windows that all of them can forecast: a longer history has fewer. @throws DatasetError */
function commonWindows(all: readonly ExampleData[]): ExampleData[] {
  const [first] = all.map(({ validation }) => validation.units![0]!);
  if (all.some(({ validation: { units } }) => !isDeepStrictEqual(units![0]!.spans, first!.spans)))
    throw new DatasetError(
      'the models read other columns, and leave out other rows where values are missing: give the data without them, or one model',
    );
  const starts = all
    .map(({ validation }) => new Set(validation.units![0]!.starts))
    .reduce((common, own) => new Set([...common].filter((start) => own.has(start))));
  return all.map((data) =>
    data.validation.count === starts.size
      ? data
      : { ...data, validation: selected(data.validation, windowsIn(data, starts)) },
  );
}

/** Networks that forecast the same rows, each from the data as it reads them. */
export class ForecastEnsemble {
  /** Those of the first network, with the windows that all can forecast. */
  readonly data: ExampleData;
  readonly own: readonly ExampleData[];

  constructor(
    private readonly models: readonly Model[],
    data: readonly ExampleData[],
  ) {
    this.own = commonWindows(data);
    this.data = this.own[0]!;
  }

  /** The forecasts of windows `from` to `to`. */
  private async forecasts(from: number, to: number): Promise<ForecastAnswer[]> {
    const windows = Int32Array.from({ length: to - from }, (_, at) => from + at);
    const answers: ForecastAnswer[][] = [];
    for (const [member, model] of this.models.entries()) {
      const data = this.own[member]!;
      const network = new Network(model, { ...data, validation: selected(data.validation, windows) });
      answers.push((await network.answers()) as ForecastAnswer[]);
      network.dispose();
    }
    const isOfCounts = this.data.validation.units!.map((units) => units.isOfCounts === true);
    return answers[0]!.map((_, index) =>
      combinedAnswer(
        answers.map((each) => each[index]!),
        isOfCounts,
      ),
    );
  }

  async answers(): Promise<ForecastAnswer[]> {
    const all: ForecastAnswer[] = [];
    await this.inParts((_, answers) => void all.push(...answers));
    return all;
  }

  private async inParts(read: (from: number, answers: readonly ForecastAnswer[]) => void): Promise<void> {
    const { count } = this.data.validation;
    for (let from = 0; from < count; from += mostAtOnce)
      read(from, await this.forecasts(from, Math.min(count, from + mostAtOnce)));
  }

  /** As those of one network, but the loss, which each has in a unit of its own. */
  async measure(): Promise<Record<string, number>> {
    const { units = [], count } = this.data.validation;
    const errors = units.map((each) => new ForecastErrors(each));
    await this.inParts((from, answers) =>
      answers.forEach(({ forecasts }, at) =>
        forecasts.forEach((forecast, target) => {
          const samples = samplesOf(count * units.length * forecast.values.length);
          const place = { window: from + at, target, targets: units.length };
          errors[target]!.add(from + at, forecast, drawn(forecast, samples, place));
        }),
      ),
    );
    return metricsOfTargets(errors);
  }

  /** Networks are opened where they are used. */
  dispose(): void {
    return undefined;
  }
}

const drawn = (
  { draw }: TargetForecast,
  samples: number,
  place: Parameters<typeof drawnFor>[0],
): number[][] | undefined => draw && drawnFor(place, () => Array.from({ length: samples }, draw));

/** The answers of several networks to one window as one. */
export const combinedAnswer = (answers: readonly ForecastAnswer[], isOfCounts: readonly boolean[]): ForecastAnswer => ({
  forecasts: answers[0]!.forecasts.map((_, target) =>
    combinedForecast(
      answers.map(({ forecasts }) => forecasts[target]!),
      isOfCounts[target],
    ),
  ),
});

import type { ExampleData, PreparedData } from '@unroll/datasets';
import { tf, type Tensor } from '../tensor/tfjs';
import type { Answer } from '../tasks/task';
import { combinationProblem } from './combinable';
import { ForecastEnsemble } from './forecast-ensemble';
import type { Model } from './model-file';
import { Network } from './network';

/** What answers to the inputs of a validation part: one network, or several as one. */
export interface Answering {
  /** Whose validation part is answered to. */
  readonly data: PreparedData;
  /** The same as each network reads it; one for all that read alike. */
  readonly own: readonly PreparedData[];
  /** Metrics on the validation part, without the prefix. */
  measure(): Promise<Record<string, number>>;
  /** The answers to the inputs of the validation part, in their order. */
  answers(): Promise<Answer[]>;
  dispose(): void;
}

/** Networks whose probabilities or numbers have a mean, which is what they answer. They read the same data in the same way. */
class MeanEnsemble implements Answering {
  readonly own: readonly PreparedData[];
  private readonly networks: readonly Network[];

  constructor(
    private readonly models: readonly Model[],
    readonly data: PreparedData,
  ) {
    this.own = [data];
    // Of the same batches: how many sequences are side by side is no matter of what they are answered with.
    const { batchSize } = models[0]!.header.spec.training;
    this.networks = models.map(({ header, weights }) => {
      const training = { ...header.spec.training, batchSize };
      return new Network({ header: { ...header, spec: { ...header.spec, training } }, weights }, data);
    });
  }

  private mean(outputs: (network: Network) => Tensor): Tensor {
    return tf.div(tf.addN(this.networks.map(outputs)), this.networks.length);
  }

  async measure(): Promise<Record<string, number>> {
    const evaluations = new Map(this.networks.map((each) => [each, each.task.evaluation('validation', 1)]));
    const first = evaluations.get(this.networks[0]!)!;
    for (let index = 0; index < first.batches; index++) {
      const values = tf.tidy(() => {
        const mean = this.mean((each) => evaluations.get(each)!.combined!.outputs(each.named, index));
        return first.combined!.measure(mean, index);
      });
      first.add((await values.data()) as Float32Array, index);
      values.dispose();
    }
    const { loss, ...others } = first.metrics(0);
    const kinds = new Set(
      this.models.map(({ header: { spec } }) => JSON.stringify('loss' in spec.task ? spec.task.loss : null)),
    );
    return kinds.size === 1 ? { loss: loss!, ...others } : others;
  }

  async answers(): Promise<Answer[]> {
    const all = new Map(this.networks.map((each) => [each, each.task.answering!('validation')]));
    const first = all.get(this.networks[0]!)!;
    const found: { example: number; answer: Answer }[] = [];
    for (let index = 0; index < first.batches; index++) {
      const values = tf.tidy(() => this.mean((each) => all.get(each)!.run(each.named, index)));
      found.push(...first.read((await values.data()) as Float32Array, index));
      values.dispose();
    }
    return found.sort((a, b) => a.example - b.example).map(({ answer }) => answer);
  }

  dispose(): void {
    for (const each of this.networks) each.dispose();
  }
}

/**
 * One or several models over data on the current engine. Several answer as one: probabilities and numbers by their mean, forecasts as
 * `combinedForecast` says. `data`: as each of them reads the same file; all but forecasts use those of the first. Owns its tensors until
 * `dispose`. Throws Error for models that cannot answer as one: see `combinationProblem`.
 */
export function openAnswering(models: readonly Model[], data: readonly PreparedData[]): Answering {
  if (models.length === 1) return new Network(models[0]!, data[0]);
  const problem = combinationProblem(models.map(({ header }) => header));
  if (problem) throw new Error(problem.message);
  return models[0]!.header.spec.task.kind === 'forecasting'
    ? new ForecastEnsemble(models, data as ExampleData[])
    : new MeanEnsemble(models, data[0]!);
}

import type { TrialSpec } from '@unroll/contracts';
import { blankData, type ExampleData, type PreparedData, type TreeData } from '@unroll/datasets';
import { tf, type Tensor } from '../tensor/tfjs';
import { flatten, createLayout, split } from '../nn/layout';
import type { Parameter } from '../nn/parameter';
import { answered } from '../tasks/answered';
import { measure } from '../tasks/measure';
import type { Answer, OpenTask } from '../tasks/task';
import type { Named } from '../nn/parameter';
import type { Part } from '../batches/lane-position';
import { openTask, taskParameters } from '../tasks/tasks';
import { PackedNetwork } from '../inference/packed-network';
import type { Model } from './model-file';

/** Throws Error, naming the first, if a model lacks weights of its network. */
export function requireWeights({ weights }: Pick<Model, 'weights'>, parameters: readonly Parameter[]): void {
  for (const { name } of parameters) if (!weights[name]) throw new Error(`the model has no weights ${name}`);
}

/** A model on the current engine, over some data. Owns its tensors until `dispose`. */
export class Network {
  readonly task: OpenTask<unknown>;
  readonly named: Named;
  private readonly tensors: Tensor[];
  private readonly spec: TrialSpec;
  private readonly isInt8: boolean;
  private inference: { packed: PackedNetwork | undefined } | undefined;

  /** `data`: read as the model reads; none by default. Throws Error for weights that do not fit the model's spec. */
  constructor(
    { header, weights }: Model,
    readonly data: PreparedData = blankData({ ...header.spec, reading: header.reading }),
  ) {
    const { spec } = header;
    this.spec = spec;
    this.isInt8 = header.compression?.int8 === true;
    const parameters = taskParameters(spec, data);
    requireWeights({ weights }, parameters);
    this.task = openTask(spec, data);
    const flat = flatten(parameters, ({ name }) => weights[name]!.values);
    const layout = createLayout(parameters);
    this.tensors = tf.tidy(() => split(tf.reshape(tf.tensor1d(flat), [1, layout.length]), layout));
    const byName = new Map(layout.names.map((name, index) => [name, this.tensors[index]!]));
    this.named = (name) => byName.get(name)!;
  }

  /** The same network for inference alone, where the engine has it. */
  get packed(): PackedNetwork | undefined {
    if (!this.inference || this.inference.packed?.isCurrent === false)
      this.inference = { packed: PackedNetwork.open(this.spec, this.data, this.values, { isInt8: this.isInt8 }) };
    return this.inference.packed;
  }

  private readonly values = (name: string): Float32Array => this.named(name).dataSync<'float32'>();

  get own(): readonly PreparedData[] {
    return [this.data];
  }

  /** Its metrics on a held-out part, without the prefix. */
  async measure(part: Part = 'validation'): Promise<Record<string, number>> {
    const [metrics] = await measure(this.task, this.named, 1, part, () => Promise.resolve());
    return metrics!;
  }

  /** Its answers to the inputs of the validation part, in their order. Throws Error for a task without answers to inputs. */
  async answers(): Promise<Answer[]> {
    const answering = this.task.answering?.('validation');
    if (!answering) throw new Error('a network of this task has no answer for each input');
    return answered(answering, this.named);
  }

  /**
   * Its answers to the inputs of other data, read as the model reads, in one pass over the network: all are side by side. Throws Error for
   * a task without answers to inputs.
   */
  async answersTo(data: ExampleData | TreeData): Promise<Answer[]> {
    const { count } = data.validation;
    const { training } = this.spec;
    const packed = data.kind === 'examples' ? this.packed?.answers(data) : undefined;
    if (packed) return packed;
    // No row of a batch is left empty: each would take as long as one with an input.
    const task = openTask({ ...this.spec, training: { ...training, batchSize: count } }, data);
    try {
      const answering = task.answering?.('validation');
      if (!answering) throw new Error('a network of this task has no answer for each input');
      return await answered(answering, this.named);
    } finally {
      task.dispose?.();
    }
  }

  dispose(): void {
    tf.dispose(this.tensors);
    this.task.dispose?.();
  }
}

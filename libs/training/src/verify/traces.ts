import { modelSpec, type ModelSpec, type OptimizerSpec } from '@unroll/contracts';
import type { Engine } from '../backends/engine/engine';
import { plainLane } from '../loop/lane';
import { LaneGroup } from '../loop/lane-group';
import { languageModelParameters } from '../tasks/language-model';
import { openLanguageModel } from '../tasks/language-model';
import type { Streams } from '../batches/streams';
import { flat, judge, relativeError, type Nested, type Verification } from './comparison';

/** A table of training runs, as tests/reference/README.md describes it. */
export interface TraceTable {
  runs: readonly Trace[];
}

export interface Trace {
  name: string;
  cell: ModelSpec['cell'];
  nonlinearity?: 'tanh' | 'relu' | null;
  layers?: number;
  optimizer: 'Adam' | 'AdamW' | 'RMSprop' | 'SGD' | 'Adagrad';
  options: {
    lr: number;
    betas?: readonly [number, number];
    eps?: number;
    weight_decay?: number;
    momentum?: number;
    nesterov?: boolean;
    alpha?: number;
  };
  stateful: boolean;
  clipNorm: number | null;
  batch: number;
  window: number;
  k1?: number;
  k2?: number;
  classes: number;
  embedding: number;
  hidden: number;
  ids: readonly (readonly number[])[];
  initial: Readonly<Record<string, Nested>>;
  final: Readonly<Record<string, Nested>>;
  losses: readonly number[];
  gradientNorms: readonly number[];
}

/** Every run is trained in this many lanes at once, all of which must be right. */
const lanes = 2;

/**
 * Trains each run of a table with the same code as training, and compares losses, gradient norms and final weights. The
 * engine has to be the current one.
 */
export async function verifyTraces(
  table: TraceTable,
  { codePath }: Pick<Engine, 'codePath'>,
  tolerance = 1e-4,
): Promise<Verification[]> {
  const verifications: Verification[] = [];
  for (const run of table.runs) verifications.push(judge(run.name, codePath, { tolerance }, await traceErrors(run)));
  return verifications;
}

async function traceErrors(run: Trace): Promise<Map<string, number>> {
  const model = modelSpec.parse({
    cell: run.cell,
    nonlinearity: run.nonlinearity ?? undefined,
    hiddenSize: run.hidden,
    layers: run.layers,
    embeddingSize: run.embedding,
  });
  const bptt = { k1: run.k1 ?? run.window, k2: run.k2 ?? run.window };
  const vocabulary = Array.from({ length: run.classes }, (_, token) => String(token));
  const streams = toStreams(run.ids);
  const task = openLanguageModel(
    model,
    { bptt, stateful: run.stateful },
    { vocabulary, tokens: 'character' },
    {
      train: streams,
      validation: streams,
    },
  );
  const lane = {
    ...plainLane,
    parameters: languageModelParameters(model, run.classes),
    seed: 0,
    optimizer: toOptimizer(run),
    learningRate: run.options.lr,
    clipNorm: run.clipNorm,
  };
  const group = new LaneGroup(Array<typeof lane>(lanes).fill(lane), task, (_, { name }) => flat(run.initial[name]!));
  const [losses, norms] = [
    Array.from({ length: lanes }, (): number[] => []),
    Array.from({ length: lanes }, (): number[] => []),
  ];
  const errors = new Map<string, number>();
  try {
    for (let update = 0; update < run.losses.length; update++) {
      const step = group.advance(); // [3, lane]
      const values = await step.data();
      step.dispose();
      for (let index = 0; index < lanes; index++) {
        losses[index]!.push(values[index]!);
        norms[index]!.push(values[lanes + index]!);
      }
    }
    for (let index = 0; index < lanes; index++) {
      const of = (name: string): string => (index === 0 ? name : `${name} (lane ${index})`);
      errors.set(of('losses'), relativeError(losses[index]!, run.losses));
      errors.set(of('gradientNorms'), relativeError(norms[index]!, run.gradientNorms));
      for (const [name, { values }] of Object.entries(await group.weights(index)))
        errors.set(of(name), relativeError(values, flat(run.final[name]!)));
    }
  } finally {
    group.dispose();
  }
  return errors;
}

/** ids [batch, steps + 1]: the target of a step is the next id. */
const toStreams = (ids: readonly (readonly number[])[]): Streams => ({
  batch: ids.length,
  steps: ids[0]!.length - 1,
  lengths: ids.map((row) => row.length - 1),
  read: (row, from, count) => ids[row]!.slice(from, from + count),
});

/** PyTorch's options under our names, with PyTorch's defaults. */
function toOptimizer({ optimizer, options }: Trace): OptimizerSpec {
  const { betas = [0.9, 0.999], momentum = 0, nesterov = false, alpha = 0.99 } = options;
  const weightDecay = options.weight_decay ?? (optimizer === 'AdamW' ? 0.01 : 0);
  const adam = { beta1: betas[0], beta2: betas[1], epsilon: options.eps ?? 1e-8, weightDecay };
  switch (optimizer) {
    case 'Adam':
      return { kind: 'adam', ...adam };
    case 'AdamW':
      return { kind: 'adamw', ...adam };
    case 'RMSprop':
      return { kind: 'rmsprop', alpha, momentum, epsilon: options.eps ?? 1e-8, weightDecay };
    case 'SGD':
      return { kind: 'sgd', momentum, nesterov, weightDecay };
    case 'Adagrad':
      return { kind: 'adagrad', epsilon: options.eps ?? 1e-10, weightDecay };
  }
}

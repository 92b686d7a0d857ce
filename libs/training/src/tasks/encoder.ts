import type { ModelSpec, TrainingSpec } from '@unroll/contracts';
import type { ExampleData, PreparedData } from '@unroll/datasets';
import { bodyParameters, runBody, zeroStates, type BodyResult } from '../nn/body';
import type { Observer } from '../nn/observer';
import { denseInput, tokenInput, type Input } from '../nn/stack';
import { plainAxis, type Parameter } from '../nn/parameter';
import type { PaddedBatch } from '../batches/example-batches';
import { underPrefix, type Named } from '../nn/parameter';
import type { LanePosition } from '../batches/lane-position';

/** Reads sequences of tokens or vectors: an embedding where they are tokens, and the network's body. */
export interface Encoder {
  parameters: Parameter[];
  /** `positions` in training alone, `observer` to look into the layers. Outputs [lane, time, batch, width], 0 at steps that do not count. */
  run(parameters: Named, batch: PaddedBatch, positions?: readonly LanePosition[], observer?: Observer): BodyResult;
}

/** The examples of a data set. Throws Error for a data set of another kind. */
export function examplesOf(data: PreparedData, kind: string): ExampleData {
  if (data.kind !== 'examples') throw new Error(`${kind} learns from examples, not from ${data.kind}`);
  return data;
}

export function openEncoder(model: ModelSpec, { bptt }: Pick<TrainingSpec, 'bptt'>, data: ExampleData): Encoder {
  const { inputs } = data.train;
  const vocabulary = data.inputVocabulary?.length;
  const width = inputs.kind === 'vectors' ? inputs.width : model.embeddingSize;
  const embedding: Parameter[] =
    vocabulary === undefined
      ? []
      : [
          {
            name: 'embedding.weight',
            axes: [plainAxis(vocabulary), plainAxis(width)],
            transposed: false,
            start: 'normal',
          },
        ];
  return {
    parameters: [...embedding, ...bodyParameters(model, width, 'recurrent.')],
    run(parameters, { inputs: x, valid, rows, batch }, positions, observer) {
      const input: Input = vocabulary === undefined ? denseInput(x) : tokenInput(parameters('embedding.weight'), x);
      const result = runBody(model, (name) => parameters(`recurrent.${name}`), input, {
        states: zeroStates(model, rows.length, batch),
        valid,
        training: positions !== undefined,
        random: positions,
        observer,
        window: typeof bptt === 'number' ? bptt : undefined,
      });
      return { ...result, measured: underPrefix('recurrent.', result.measured) };
    },
  };
}

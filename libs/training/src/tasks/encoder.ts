import type { ModelSpec, TrainingSpec } from '@unroll/contracts';
import type { ExampleData } from '@unroll/datasets';
import { bodyParameters, runBody, zeroStates, type BodyResult } from '../nn/body';
import type { Observer } from '../nn/observer';
import { denseInput, tokenInput, type Input } from '../nn/stack';
import { isFrozen } from '../nn/freezing';
import { plainAxis, type Parameter } from '../nn/parameter';
import type { PaddedBatch } from '../batches/example-batches';
import { underPrefix, type Named } from '../nn/parameter';
import type { LanePosition } from '../batches/lane-position';

/** Reads sequences of tokens or vectors: an embedding where they are tokens, and the network's body. */
export interface Encoder {
  parameters: Parameter[];
  /** `positions` in training only, `observer` for diagnostics. Outputs [lane, time, batch, width], 0 at steps that do not count. */
  run(parameters: Named, batch: PaddedBatch, positions?: readonly LanePosition[], observer?: Observer): BodyResult;
}

export function openEncoder(
  model: ModelSpec,
  { bptt, recompute, freeze = [] }: Pick<TrainingSpec, 'bptt' | 'recompute'> & Partial<Pick<TrainingSpec, 'freeze'>>,
  data: Pick<ExampleData, 'inputVocabulary' | 'train'>,
): Encoder {
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
        recompute,
        isFrozen: (name) => isFrozen(freeze, `recurrent.${name}`),
      });
      return { ...result, buffers: underPrefix('recurrent.', result.buffers) };
    },
  };
}

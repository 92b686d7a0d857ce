import type { TrialSpec } from '@unroll/contracts';
import type { ExampleData } from '@unroll/datasets';
import { coral } from '../losses/adaptation';
import type { Tensor } from '../tensor/tfjs';
import type { BodyResult } from '../nn/body';
import type { Encoder } from './encoder';
import { trainingBatches, type PaddedBatch } from '../batches/example-batches';
import { pooledFeatures, type Pooling } from './head';
import type { LanePosition } from '../batches/lane-position';
import type { Named } from '../nn/parameter';

/** The penalty of an update in addition to its loss, [lane], from a batch and the body's result for it; undefined for none. */
export type Penalty = (
  parameters: Named,
  batch: PaddedBatch,
  body: BodyResult,
  positions: readonly LanePosition[],
) => Tensor | undefined;

/**
 * Domain adaptation: a penalty on features that differ between training and validation inputs, for a trial that asks for
 * it. It reads the inputs of the validation part, in an order of their own, and never an answer.
 */
export function adaptationPenalty(
  { model, training }: Pick<TrialSpec, 'model' | 'training'>,
  examples: ExampleData,
  encoder: Encoder,
  pooling: Pooling,
): Penalty {
  if (!training.adaptation) return () => undefined;
  const batches = trainingBatches(examples.validation, training.batchSize, examples.inputVocabulary?.length);
  return (parameters, batch, body, positions) => {
    const features = (of: BodyResult, { rows, ...read }: PaddedBatch) => ({
      features: pooledFeatures(model, pooling, parameters, of, { rows, ...read }),
      counts: rows.map(({ length }) => length),
    });
    const other = batches.training(positions);
    return coral(features(body, batch), features(encoder.run(parameters, other, positions), other), positions);
  };
}

import type { TrialSpec } from '@unroll/contracts';
import type { ExampleData, Examples } from '@unroll/datasets';
import { smoothedCrossEntropy } from '../layers/cross-entropy';
import { classEvaluation, classTargets } from './classes';
import { openEncoder, examplesOf } from './encoder';
import { fromExamples, measuringBatches, trainingBatches, type PaddedBatch } from './example-batches';
import { pooledHead, pooledHeadParameters } from './head';
import { heldPart, type OpenTask, type Task } from './task';

const optionsOf = ({ task }: TrialSpec) => {
  if (task.kind !== 'classification') throw new Error(`${task.kind} is no classification`);
  return task;
};

function classesOf({ targets }: Examples): Int32Array {
  if (targets.kind !== 'classes') throw new Error('a classification needs a class for each sequence');
  return targets.classes;
}

const widthOf = ({ targetVocabulary }: ExampleData): number => targetVocabulary?.length ?? 0;

/** The class of each row, −1 for a row without a sequence. */
const rightOf = (classes: Int32Array, rows: readonly Int32Array[], batch: number): Int32Array => {
  const right = new Int32Array(rows.length * batch).fill(-1);
  rows.forEach((examples, lane) => examples.forEach((example, row) => (right[lane * batch + row] = classes[example]!)));
  return right;
};

/** A class for a sequence: cross-entropy in nats over what is read from the last output, the mean, or a weighting of all. */
export const classification: Task = {
  kind: 'classification',
  parameters(spec, data) {
    const examples = examplesOf(data, 'classification');
    const encoder = openEncoder(spec.model, spec.training, examples);
    const { pooling } = optionsOf(spec);
    return [...encoder.parameters, ...pooledHeadParameters(spec.model, pooling, widthOf(examples))];
  },
  open(spec, data): OpenTask<PaddedBatch> {
    const { model, training } = spec;
    const { pooling } = optionsOf(spec);
    const examples = examplesOf(data, 'classification');
    const encoder = openEncoder(model, training, examples);
    const batches = trainingBatches(examples.train, training.batchSize, examples.inputVocabulary?.length);
    const classes = classesOf(examples.train);
    return {
      ...fromExamples(batches),
      loss(parameters, batch, _states, positions) {
        const logits = pooledHead(model, pooling, parameters, encoder.run(parameters, batch, positions), batch);
        const right = { classes: rightOf(classes, batch.rows, batch.batch), lanes: batch.rows.length };
        const rates = positions.map(({ labelSmoothing }) => labelSmoothing);
        return { loss: smoothedCrossEntropy(logits, classTargets(right, 'mean'), rates), states: [] };
      },
      evaluation(part, lanes) {
        const held = heldPart(examples, part);
        const reading = measuringBatches(held, training.batchSize);
        return classEvaluation({
          ...{ lanes, classes: widthOf(examples), batches: reading.count },
          batch(parameters, index) {
            const batch = reading.batch(index, lanes);
            const logits = pooledHead(model, pooling, parameters, encoder.run(parameters, batch), batch);
            return { logits, right: rightOf(classesOf(held), batch.rows.slice(0, 1), batch.batch) };
          },
        });
      },
    };
  },
};

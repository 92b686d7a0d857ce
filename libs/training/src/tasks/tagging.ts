import type { ExampleData, Examples } from '@unroll/datasets';
import { smoothedCrossEntropy } from '../layers/cross-entropy';
import { classEvaluation, classTargets } from './classes';
import { examplesOf, openEncoder } from './encoder';
import { fromExamples, measuringBatches, trainingBatches, type PaddedBatch } from './example-batches';
import { alignedHead, headParameters } from './head';
import { heldPart, type OpenTask, type Task } from './task';

/** The tag of each step, [lane, time · batch], −1 where there is none. */
function tagsOf({ targets }: Examples, { rows, steps, batch }: PaddedBatch): Int32Array {
  if (targets.kind !== 'tokens') throw new Error('tagging needs a tag for each step');
  const { offsets, ids } = targets;
  const right = new Int32Array(rows.length * steps * batch).fill(-1);
  rows.forEach((examples, lane) =>
    examples.forEach((example, row) => {
      for (let at = offsets[example]!, step = 0; at < offsets[example + 1]!; at++, step++)
        right[(lane * steps + step) * batch + row] = ids[at]!;
    }),
  );
  return right;
}

const widthOf = ({ targetVocabulary }: ExampleData): number => targetVocabulary?.length ?? 0;

/** A class for each step: the mean cross-entropy of all steps, in nats. */
export const tagging: Task = {
  kind: 'tagging',
  parameters({ model, training }, data) {
    const examples = examplesOf(data, 'tagging');
    return [...openEncoder(model, training, examples).parameters, ...headParameters(model, widthOf(examples))];
  },
  open({ model, training }, data): OpenTask<PaddedBatch> {
    const examples = examplesOf(data, 'tagging');
    const encoder = openEncoder(model, training, examples);
    const batches = trainingBatches(examples.train, training.batchSize, examples.inputVocabulary?.length);
    return {
      ...fromExamples(batches),
      loss(parameters, batch, _states, positions) {
        const logits = alignedHead(parameters, encoder.run(parameters, batch, positions));
        const right = { classes: tagsOf(examples.train, batch), lanes: batch.rows.length };
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
            const logits = alignedHead(parameters, encoder.run(parameters, batch));
            return { logits, right: tagsOf(held, { ...batch, rows: batch.rows.slice(0, 1) }) };
          },
        });
      },
    };
  },
};

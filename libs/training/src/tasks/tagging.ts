import type { Examples } from '@unroll/datasets';
import { tagsAnswer } from './answers';
import { classCount, openClasses } from './classes';
import { examplesOf, openEncoder } from './encoder';
import type { PaddedBatch } from '../batches/example-batches';
import { alignedHead, headParameters } from './head';
import { lastSteps } from './inspected';
import type { Task } from './task';

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

/** A class for each step: the mean cross-entropy of all steps, in nats. */
export const tagging: Task = {
  kind: 'tagging',
  parameters({ model, training }, data) {
    const examples = examplesOf(data, 'tagging');
    return [...openEncoder(model, training, examples).parameters, ...headParameters(model, classCount(examples))];
  },
  open: (spec, data) =>
    openClasses(spec, examplesOf(data, 'tagging'), {
      answer: alignedHead,
      right: tagsOf,
      last: lastSteps,
      says: tagsAnswer,
    }),
};

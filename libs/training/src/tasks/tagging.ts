import type { PaddedBatch } from '../batches/example-batches';
import { oneByOne, tagsAnswer } from './answers';
import { countClasses, openClasses } from './classes';
import { openEncoder } from './encoder';
import { alignedHead, headParameters } from './head';
import { lastSteps } from './inspected';
import type { Task } from './task';
import type { ExamplesWith } from './task-data';

/** The tag of each step, [lane, time · batch], −1 where there is none. */
export function stepTags(
  { offsets, ids }: ExamplesWith<'tokens'>['targets'],
  { rows, steps, batch }: PaddedBatch,
): Int32Array {
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
export const tagging: Task<'tagging', 'sequences'> = {
  kind: 'tagging',
  needs: 'sequences',
  head: { over: 'steps', gives: 'class' },
  answers: (_, { targetVocabulary = [] }) => oneByOne('steps', (row) => tagsAnswer(targetVocabulary, row)),
  parameters: ({ model, training }, data) => [
    ...openEncoder(model, training, data).parameters,
    ...headParameters(model, countClasses(data)),
  ],
  open: (spec, data) =>
    openClasses(spec, data, { logits: alignedHead, right: stepTags, last: lastSteps, answer: tagsAnswer }),
};

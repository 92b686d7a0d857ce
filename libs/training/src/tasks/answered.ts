import type { Named } from '../nn/parameter';
import { tf } from '../tensor/tfjs';
import type { Answer, Answering, Exhibited, ShownAnswers } from './task';

/** All answers of one lane's network, in the order of their examples. */
export async function answered(answering: Answering, parameters: Named): Promise<Answer[]> {
  const found: { example: number; answer: Answer }[] = [];
  for (let index = 0; index < answering.batches; index++) {
    const values = tf.tidy(() => answering.run(parameters, index));
    found.push(...answering.read((await values.data()) as Float32Array, index));
    values.dispose();
  }
  return found.sort((a, b) => a.example - b.example).map(({ answer }) => answer);
}

/** The exhibit of a task that shows answers. */
export const showAnswers =
  (open: () => ShownAnswers) =>
  async (parameters: Named): Promise<Exhibited> => {
    const shown = open();
    return shown.show(await answered(shown.answering, parameters));
  };

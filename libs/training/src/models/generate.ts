import { stream } from '@unroll/random';
import { beamSearch } from '../decoding/beam-search';
import { truncated, type Truncation } from '../decoding/truncation';
import { tf, type Tensor } from '../tensor/tfjs';
import type { States } from '../nn/parameter';
import type { Writer } from '../tasks/task';
import type { Network } from './network';

export interface Generation extends Truncation {
  /** The tokens of the prompt, by number; at least one. */
  prompt: readonly number[];
  /** Tokens to write. */
  length: number;
  /** Hypotheses of a beam search for the likeliest text; undefined to draw each token. */
  beam?: number | undefined;
  /** Of the draws: below 1 favours likely tokens, above 1 unlikely ones. */
  temperature: number;
  seed: number;
  /** A token that is never written, such as <unknown>. */
  never?: number | undefined;
  /**
   * Called after each step, with the token that it wrote where that is final: not while a prompt is read, or a beam searches. Waited for;
   * what it throws ends the generation.
   */
  onStep?: ((token: number | undefined) => void | Promise<void>) | undefined;
}

/** A state of one hypothesis as plain numbers, since tensors would need an owner. */
interface Kept {
  states: Float32Array[][];
  /** All tokens so far, for a network without a state. */
  read: readonly number[];
}

/** The tokens that a language model writes after a prompt. Throws Error for a task that does not continue a text. */
export async function generate(network: Network, generation: Generation): Promise<number[]> {
  const { writer } = network.task;
  if (!writer) throw new Error('only a language model continues a text');
  const writing = await stepper(network, writer, generation.never);
  return generation.beam === undefined ? draw(writing, generation) : search(writing, generation, generation.beam);
}

interface Stepper {
  begin: Kept;
  /** One token for each state: log-probabilities of the next one, and the states after it. */
  step(
    this: void,
    states: readonly Kept[],
    tokens: readonly number[],
  ): Promise<{ states: Kept[]; logProbabilities: Float32Array[] }>;
}

async function stepper(network: Network, writer: Writer, never: number | undefined): Promise<Stepper> {
  const zeros = tf.tidy(() => writer.start(1));
  const shapes = zeros.map((places) => places.map(({ shape }) => shape.slice(2)));
  const states = await Promise.all(
    zeros.map((places) => Promise.all(places.map(async (state) => ((await state.data()) as Float32Array).slice()))),
  );
  tf.dispose(zeros);
  const width = writer.vocabulary.length;
  /** Hypotheses side by side: [1, row, ...] of each state. */
  const joined = (kept: readonly Kept[]): States =>
    shapes.map((places, kind) =>
      places.map((shape, place) =>
        tf.reshape(tf.stack(kept.map((each) => tf.tensor(each.states[kind]![place]!, shape))), [
          1,
          kept.length,
          ...shape,
        ]),
      ),
    );
  return {
    begin: { states, read: [] },
    async step(before, tokens) {
      const rows = before.length;
      const part = (all: Float32Array, row: number): Float32Array =>
        all.slice((row * all.length) / rows, ((row + 1) * all.length) / rows);
      const read = before.map((each, row) => [...each.read, tokens[row]!].slice(-(writer.rereads ?? 1)));
      const steps = read[0]!.length;
      const [logits, ...after] = tf.tidy(() => {
        const ids = tf.transpose(tf.tensor3d(read.flat(), [1, rows, steps], 'int32'), [0, 2, 1]);
        const result = writer.step(network.named, ids, joined(before));
        // Of the last step only: [1, time · row, vocabulary] → [1, row, vocabulary].
        const last = tf.slice(result.logits, [0, (steps - 1) * rows, 0], [1, rows, width]);
        return [last, ...result.states.flat()] as Tensor[];
      });
      const [values, ...flat] = (await Promise.all([logits!, ...after].map((each) => each.data()))) as Float32Array[];
      tf.dispose([logits!, ...after]);
      let next = 0;
      const all = shapes.map((places) => places.map(() => flat[next++]!));
      return {
        states: before.map((_, row) => ({
          states: all.map((places) => places.map((each) => part(each, row))),
          read: writer.rereads === undefined ? [] : read[row]!,
        })),
        logProbabilities: before.map((_, row) => logSoftmax(part(values!, row), never)),
      };
    },
  };
}

function logSoftmax(logits: Float32Array, never: number | undefined): Float32Array {
  const allowed = Float32Array.from(logits, (value, token) => (token === never ? -Infinity : value));
  const most = allowed.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = allowed.reduce((sum, value) => sum + Math.exp(value - most), 0);
  return allowed.map((value) => value - most - Math.log(total));
}

/** The state after the prompt without its last token. */
async function readPrompt({ begin, step }: Stepper, { prompt, onStep }: Generation): Promise<Kept> {
  let state = begin;
  for (const token of prompt.slice(0, -1)) {
    [state] = (await step([state], [token])).states as [Kept];
    await onStep?.(undefined);
  }
  return state;
}

/** Each token as the largest of log-probability / temperature + Gumbel noise, which is a draw (Gumbel 1954). */
async function draw(writing: Stepper, generation: Generation): Promise<number[]> {
  const { prompt, length, temperature, seed, onStep } = generation;
  const random = stream(seed, 'sample');
  let state = await readPrompt(writing, generation);
  const written: number[] = [];
  for (let index = 0; index < length; index++) {
    const { states, logProbabilities } = await writing.step([state], [written.at(-1) ?? prompt.at(-1)!]);
    const scaled = logProbabilities[0]!.map((value) => value / temperature);
    const scores = truncated(scaled, generation).map((value, token) => {
      const u = (random.uint32(index, token) + 0.5) / 2 ** 32;
      return value - Math.log(-Math.log(u));
    });
    written.push(scores.reduce((best, score, token) => (score > scores[best]! ? token : best), 0));
    state = states[0]!;
    await onStep?.(written.at(-1));
  }
  return written;
}

/** The likeliest text of that length that the beam finds; a text has no end token. */
async function search(writing: Stepper, generation: Generation, width: number): Promise<number[]> {
  const { prompt, length, onStep } = generation;
  const state = await readPrompt(writing, generation);
  const start = { state, token: prompt.at(-1)! };
  const step: Stepper['step'] = async (states, tokens) => {
    const after = await writing.step(states, tokens);
    await onStep?.(undefined);
    return after;
  };
  const found = await beamSearch({ start, step, end: -1, width, maximumLength: length, lengthPenalty: 0 });
  return found[0]!.tokens;
}

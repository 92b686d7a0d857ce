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
  const { prompt, length, beam, onStep } = generation;
  const text = await Continuation.open(network, generation.never);
  const readOn = async (): Promise<void> => onStep?.(undefined);
  await text.read(prompt, readOn);
  if (beam !== undefined) return text.likeliest(length, beam, readOn);
  const written: number[] = [];
  for await (const token of text.draw(generation)) {
    written.push(token);
    await onStep?.(token);
  }
  return written;
}

/** Most tokens that are read in one pass. */
const readAtOnce = 256;

interface Stepper {
  begin: Kept;
  /** The state after tokens, all of which are known. */
  absorb(this: void, state: Kept, tokens: readonly number[]): Promise<Kept>;
  /** One token for each state: log-probabilities of the next one, and the states after it. */
  step(
    this: void,
    states: readonly Kept[],
    tokens: readonly number[],
  ): Promise<{ states: Kept[]; logProbabilities: Float32Array[] }>;
}

/** Hypotheses up to which one pass for each is faster than one for all. */
const mostOneByOne = 4;

async function stepper(network: Network, writer: Writer, never: number | undefined): Promise<Stepper> {
  const ofTensors = await tensorStepper(network, writer, never);
  const { packed } = network;
  if (!packed) return ofTensors;
  const copied = ({ states }: Kept): Kept => ({
    states: states.map((places) => places.map((each) => each.slice())),
    read: [],
  });
  return {
    begin: { states: packed.zeroStates(), read: [] },
    absorb(before, tokens) {
      const after = copied(before);
      packed.absorb(tokens, after.states);
      return Promise.resolve(after);
    },
    step(before, tokens) {
      if (before.length > mostOneByOne) return ofTensors.step(before, tokens);
      const states = before.map(copied);
      const logProbabilities = states.map((each, row) => logSoftmax(packed.logits([tokens[row]!], each.states), never));
      return Promise.resolve({ states, logProbabilities });
    },
  };
}

async function tensorStepper(network: Network, writer: Writer, never: number | undefined): Promise<Stepper> {
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
    async absorb(before, tokens) {
      if (writer.rereads !== undefined) return { ...before, read: [...before.read, ...tokens].slice(-writer.rereads) };
      const after = tf.tidy(() => {
        const ids = tf.tensor3d(tokens as number[], [1, tokens.length, 1], 'int32');
        return writer.step(network.named, ids, joined([before])).states.flat() as Tensor[];
      });
      const flat = (await Promise.all(after.map((each) => each.data()))) as Float32Array[];
      let next = 0;
      const kept = shapes.map((places) => places.map(() => flat[next++]!.slice()));
      tf.dispose(after);
      return { states: kept, read: [] };
    },
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
  const allowed = logits.map((value, token) => (token === never ? -Infinity : value));
  const most = allowed.reduce((a, b) => Math.max(a, b), -Infinity);
  const shift = most + Math.log(allowed.reduce((sum, value) => sum + Math.exp(value - most), 0));
  return allowed.map((value) => value - shift);
}

/** A text that a language model has read so far, and goes on with. Each method waits for the one before it. */
export class Continuation {
  private state: Kept;
  /** The token that was read or written last, which the state does not have yet; undefined before the first. */
  private last: number | undefined;
  /** What follows from both, where it was asked for. */
  private after: Awaited<ReturnType<Stepper['step']>> | undefined;

  private constructor(private readonly stepper: Stepper) {
    this.state = stepper.begin;
  }

  /** An empty text. `never`: a token that is never written. Throws Error for a task that does not continue a text. */
  static async open(network: Network, never?: number): Promise<Continuation> {
    const { writer } = network.task;
    if (!writer) throw new Error('only a language model continues a text');
    return new Continuation(await stepper(network, writer, never));
  }

  /** Whether nothing was read yet. */
  get isEmpty(): boolean {
    return this.last === undefined;
  }

  /** Remembers the text as it is; what is returned goes back to it, also after a method that threw. */
  mark(): () => void {
    const { state, last, after } = this;
    return () => {
      this.state = state;
      this.last = last;
      this.after = after;
    };
  }

  /**
   * Reads tokens after those before: many at once, since none is to be drawn between them. `onPass`: called after each pass; what it throws
   * ends the reading halfway.
   */
  async read(tokens: readonly number[], onPass?: () => Promise<void>): Promise<void> {
    if (tokens.length === 0) return;
    if (this.after) this.state = this.after.states[0]!;
    const whole = (this.last === undefined || this.after ? tokens : [this.last, ...tokens]).slice(0, -1);
    this.after = undefined;
    for (let from = 0; from < whole.length; from += readAtOnce) {
      this.state = await this.stepper.absorb(this.state, whole.slice(from, from + readAtOnce));
      await onPass?.();
    }
    this.last = tokens.at(-1);
  }

  /** The log-probability of each token to be the next. Something was read. */
  async next(): Promise<Float32Array> {
    return (await this.step()).logProbabilities[0]!;
  }

  /** Writes token by token: each is the largest of log-probability / temperature + Gumbel noise, which is a draw (Gumbel 1954). */
  async *draw({
    length,
    temperature,
    seed,
    ...truncation
  }: Pick<Generation, 'length' | 'temperature' | 'seed' | 'topK' | 'topP'>): AsyncGenerator<number> {
    const random = stream(seed, 'sample');
    for (let index = 0; index < length; index++) {
      const { states, logProbabilities } = await this.step();
      const most = logProbabilities[0]!.reduce((a, b) => Math.max(a, b), -Infinity);
      // Divided by next to nothing, all would be −∞, and the first token would win: only differences from the likeliest matter then.
      const shift = Number.isFinite(Math.fround(most / temperature)) ? 0 : most;
      const scaled = logProbabilities[0]!.map((value) => (value - shift) / temperature);
      const scores = truncated(scaled, truncation).map((value, token) => {
        const u = (random.uint32(index, token) + 0.5) / 2 ** 32;
        return value - Math.log(-Math.log(u));
      });
      this.last = scores.reduce((best, score, token) => (score > scores[best]! ? token : best), 0);
      this.state = states[0]!;
      this.after = undefined;
      yield this.last;
    }
  }

  /** The likeliest text of a length that a beam of `width` hypotheses finds; a text has no end token. `onStep`: called after each step. */
  async likeliest(maximumLength: number, width: number, onStep?: () => Promise<void>): Promise<number[]> {
    const step: Stepper['step'] = async (states, tokens) => {
      const after = await this.stepper.step(states, tokens);
      await onStep?.();
      return after;
    };
    const start = { state: this.state, token: this.last! };
    const found = await beamSearch({ start, step, end: -1, width, maximumLength, lengthPenalty: 0 });
    return found[0]!.tokens;
  }

  /** A step over the last token, which leaves the text as it is. */
  private async step(): ReturnType<Stepper['step']> {
    if (this.last === undefined) throw new Error('nothing was read yet');
    this.after ??= await this.stepper.step([this.state], [this.last]);
    return this.after;
  }
}

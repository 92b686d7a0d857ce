import {
  servingLimits,
  type FieldError,
  type ServedModel,
  type StepAnswer,
  type StepBody,
  type Writing,
} from '@unroll/contracts';
import {
  DatasetError,
  encodeInput,
  encodePrompt,
  InputRefused,
  joinEncoded,
  neverWritten,
  symbolNames,
  textPieces,
  writtenTokens,
  type Encoded,
} from '@unroll/datasets';
import {
  Continuation,
  int8Model,
  Network,
  shownForecasts,
  type Answer,
  type Engine,
  type Model,
} from '@unroll/training';
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { describeServed, type ServingOptions } from './describe';
import { Refused, refusedFields } from './refused';
import { Sessions } from './sessions';

/** What becomes of the inputs of one request: an answer to each, or what is wrong with them. */
export type Predicted = { answers: unknown[] } | { errors: FieldError[] };

/**
 * What serves requests: a network in this process, or one in another. Each call may be made while others are under way. One whose `signal`
 * is aborted rejects with the reason, and has changed nothing.
 */
export interface Inference {
  /** Answers the inputs of several requests together. */
  predict(requests: readonly (readonly unknown[])[]): Promise<Predicted[]>;
  /** Continues a prompt; `onText` gets each piece. Rejects with Refused for a prompt that cannot be read. */
  generate(request: Writing & { prompt: string }, onText: (piece: string) => void, signal: AbortSignal): Promise<void>;
  openSession(): Promise<string>;
  step(id: string, body: StepBody, signal: AbortSignal): Promise<StepAnswer>;
  endSession(id: string): Promise<void>;
  sessionCount(): Promise<number>;
}

/** The precision in which weights are asked for; undefined for that of the file. */
export type AskedPrecision = 'float32' | 'int8' | undefined;

/** The model in the precision that was asked for. @throws Refused where that is not another than the file's */
async function inPrecision(
  model: Model,
  asked: AskedPrecision,
): Promise<{ model: Model; precision: Omit<ServedModel['precision'], 'arithmetic'> }> {
  const stored = model.header.compression?.int8 ? 'int8' : 'float32';
  if (stored === 'int8' && asked !== undefined)
    throw new Refused(
      422,
      asked === 'int8'
        ? '--precision int8: the file holds int8 weights already; leave it out'
        : '--precision float32: the file holds int8 weights, which were rounded when it was written; serve the model that it was made from',
    );
  if (asked !== 'int8') return { model, precision: { weights: stored, error: null } };
  const { model: rounded, error } = await int8Model(model);
  return { model: rounded, precision: { weights: 'int8', error } };
}

type ServingEngine = Pick<Engine, 'name' | 'useThreads'>;

/**
 * How many threads work on one pass, from now on: a second one nearly halves the time of a long sequence, and sleeps while there is nothing
 * to do. @throws Refused for an engine that has no such threads
 */
function openThreads({ name, useThreads }: ServingEngine, asked: number | undefined): number {
  if (!useThreads) {
    if (asked === undefined) return 1;
    throw new Refused(
      422,
      `--threads ${asked}: only the engine native has threads to choose, not ${name}; leave it out`,
    );
  }
  // The engine read the variable, and refused a wrong one.
  const count = asked ?? Number(process.env.UNROLL_THREADS || Math.min(2, availableParallelism()));
  useThreads(count);
  return count;
}

/** A network in this process, on the engine that is open. */
export class LocalInference implements Inference {
  private readonly sessions = new Sessions<Continuation>(servingLimits.sessions, servingLimits.sessionSeconds * 1000);

  private constructor(
    readonly served: ServedModel,
    private readonly model: Model,
    private readonly network: Network | undefined,
  ) {}

  /** @throws Refused for a precision or threads that change nothing */
  static async open(
    model: Model,
    engine: ServingEngine,
    { precision: asked, ...options }: ServingOptions & { precision?: AskedPrecision },
  ): Promise<LocalInference> {
    const threads = openThreads(engine, options.threads);
    const { model: own, precision } = await inPrecision(model, asked);
    // A network over trees takes its form from trees, and is made with the first.
    const network = own.header.spec.task.kind === 'tree-classification' ? undefined : new Network(own);
    const arithmetic = network?.packed?.packing ?? 'float32';
    const is = { engine: engine.name, threads, precision: { ...precision, arithmetic } };
    const served = describeServed(own, options, is);
    return new LocalInference(served, own, network);
  }

  async predict(requests: readonly (readonly unknown[])[]): Promise<Predicted[]> {
    if (this.served.generates)
      throw new Refused(422, 'a language model makes no predictions: use POST /v1/generate or /v1/sessions');
    const read = requests.map((inputs) => this.read(inputs));
    const good = read.flatMap((each) => ('encoded' in each ? each.encoded : []));
    const answers: unknown[] = [];
    for (let from = 0; from < good.length; from += this.served.limits.batch) {
      // Other requests get their turn between two passes.
      if (from > 0) await setImmediate();
      answers.push(...(await this.answer(good.slice(from, from + this.served.limits.batch))));
    }
    let at = 0;
    return read.map((each) => {
      if ('errors' in each) return each;
      at += each.encoded.length;
      return { answers: answers.slice(at - each.encoded.length, at) };
    });
  }

  async generate(
    { prompt, ...how }: Writing & { prompt: string },
    onText: (piece: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const text = await this.begin();
    await this.readOn(text, this.tokens(prompt, 'prompt'), signal);
    await this.write(text, how, onText, signal);
  }

  async openSession(): Promise<string> {
    return this.sessions.add(await this.begin());
  }

  step(id: string, { text, generate }: StepBody, signal: AbortSignal): Promise<StepAnswer> {
    return this.sessions.use(id, async (session, ended) => {
      const stop = AbortSignal.any([signal, ended]);
      const undo = session.mark();
      try {
        // An empty text is the start of one, and nothing in the middle.
        if (text !== '' || session.isEmpty) await this.readOn(session, this.tokens(text, 'text'), stop);
        const pieces: string[] = [];
        if (generate) await this.write(session, generate, (piece) => void pieces.push(piece), stop);
        const next = this.likeliest(await session.next());
        stop.throwIfAborted();
        return { text: pieces.join(''), next };
      } catch (error) {
        // A step is done whole or not at all: who got no answer may send it again.
        undo();
        throw error;
      }
    });
  }

  endSession(id: string): Promise<void> {
    this.sessions.end(id);
    return Promise.resolve();
  }

  sessionCount(): Promise<number> {
    return Promise.resolve(this.sessions.size);
  }

  private read(inputs: readonly unknown[]): { encoded: Encoded[] } | { errors: FieldError[] } {
    const { spec, reading } = this.model.header;
    const errors: FieldError[] = [];
    const encoded = inputs.flatMap((input, index) => {
      try {
        return [encodeInput(input, { ...spec, reading })];
      } catch (error) {
        if (!(error instanceof InputRefused)) throw error;
        errors.push({ path: `inputs[${index}]${error.place}`, message: error.message });
        return [];
      }
    });
    return errors.length > 0 ? { errors } : { encoded };
  }

  /** The answers to inputs side by side, one for each. */
  private async answer(inputs: readonly Encoded[]): Promise<unknown[]> {
    const { spec, reading } = this.model.header;
    const data = joinEncoded(
      inputs.map((each) => each.data),
      { task: spec.task, reading },
    );
    const own = this.network ?? new Network(this.model, data);
    const answers = await own.answersTo(data);
    if (own !== this.network) own.dispose();
    let at = 0;
    return inputs.map(({ data: { validation } }) => {
      const mine = answers.slice(at, (at += validation.count));
      return 'units' in validation && validation.units ? { forecasts: forecastsOf(validation.units, mine) } : mine[0];
    });
  }

  private begin(): Promise<Continuation> {
    if (!this.served.generates)
      throw new Refused(422, `a ${this.served.task} model does not continue texts: use POST /v1/predict`);
    return Continuation.open(this.network!, neverWritten(this.vocabulary));
  }

  private tokens(text: string, field: string): number[] {
    const { spec, reading } = this.model.header;
    try {
      return encodePrompt(text, { task: spec.task, reading });
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      throw refusedFields([{ path: field, message: error.message.replace(/^the prompt: /, '') }]);
    }
  }

  /** Reads tokens. Other requests get their turn between two passes. @throws the reason of `signal` once that is aborted */
  private readOn(text: Continuation, tokens: readonly number[], signal: AbortSignal): Promise<void> {
    return text.read(tokens, async () => {
      await setImmediate();
      signal.throwIfAborted();
    });
  }

  /** Writes on. @throws the reason of `signal` once that is aborted */
  private async write(
    text: Continuation,
    how: Writing,
    onText: (piece: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const pieceOf = textPieces(writtenTokens(this.model.header.spec.task));
    for await (const token of text.draw(how)) {
      onText(pieceOf(this.vocabulary[token]));
      // Other requests get their turn between two tokens.
      await setImmediate();
      signal.throwIfAborted();
    }
    const rest = pieceOf();
    if (rest !== '') onText(rest);
  }

  private likeliest(logProbabilities: Float32Array): StepAnswer['next'] {
    const names = symbolNames(this.vocabulary, writtenTokens(this.model.header.spec.task));
    return Array.from(logProbabilities.keys())
      .sort((a, b) => logProbabilities[b]! - logProbabilities[a]! || a - b)
      .slice(0, servingLimits.likely)
      .filter((token) => logProbabilities[token]! > -Infinity)
      .map((token) => ({ token: names[token]!, probability: Math.exp(logProbabilities[token]!) }));
  }

  private get vocabulary(): readonly string[] {
    return this.model.header.reading.inputVocabulary ?? [];
  }
}

type ForecastUnits = Parameters<typeof shownForecasts>[0];

/** Forecasts with their times. */
function forecastsOf(units: ForecastUnits, answers: readonly Answer[]) {
  const found = answers.flatMap((answer, index) => ('forecasts' in answer ? [{ index, answer }] : []));
  return shownForecasts(units, found).map(({ series, target, times, values, quantiles }) => ({
    ...(series === '' ? {} : { series }),
    ...(target === undefined ? {} : { target }),
    ...{ times, values, quantiles },
  }));
}

import { tasks, type DataReading, type TaskKind } from '@unroll/contracts';
import {
  DatasetError,
  tokensInMemory,
  type ExampleData,
  type Examples,
  type ForecastUnits,
  type PreparedData,
  type Sequences,
  type Targets,
  type TreeData,
} from './prepared/data';
import { joinTokens, joinVectors } from './prepared/examples';
import { readerFor } from './readers';
import type { Reader } from './readers/reader';
import type { DataSource } from './source/data-source';
import { lineBreakFor, placedNumberer } from './text/symbols';
import { knownTokenizer } from './text/tokenizer';

/** Unlabelled input in the form of a data set, with the place of each example. */
export interface Encoded {
  data: ExampleData | TreeData;
  /** The place of each example in its file, in order. */
  places: readonly string[];
  /** Rows that the network cannot read, with their place among all rows, from 0, and why. */
  refused: readonly { at: number; place: string; message: string }[];
}

/**
 * Reads new input exactly as training did, with the same vocabulary, columns and scaling. Targets may be present and are ignored.
 * A series gives one example, from its last rows; frames give one per sequence, whose last step predicts the next frame.
 * A row that the network cannot read is refused alone.
 * @throws DatasetError for input that the network cannot read, with its place
 */
export function encode(source: DataSource, reader: Reader): Encoded {
  const { kind } = reader.task;
  const encoded = readerFor(source.kind, kind).encode?.(source, reader);
  if (!encoded) throw new DatasetError(`prediction on new input is not supported for ${kind}`);
  const { inputs, places, units, refused = [] } = encoded;
  if (places.length === 0) throw new DatasetError('the input is empty');
  if ('childOffsets' in inputs) {
    const { inputVocabulary = [], targetVocabulary = [] } = reader.reading;
    return {
      data: { kind: 'trees', inputVocabulary, targetVocabulary, train: inputs, validation: inputs },
      places,
      refused,
    };
  }
  return { data: unanswered(inputs, reader, units), places, refused };
}

/** Inputs with placeholder targets. */
export function unanswered(
  inputs: Sequences,
  { task, reading }: Pick<Reader, 'task' | 'reading'>,
  units?: readonly ForecastUnits[],
): ExampleData {
  const count = inputs.offsets.length - 1;
  return examplesAs({ count, inputs, targets: blankTargets(task.kind, reading, inputs), units }, { reading });
}

/** Examples that were read as a trained network reads them, in the form of a data set. */
export function examplesAs(examples: Examples, { reading }: Pick<Reader, 'reading'>): ExampleData {
  const {
    inputVocabulary,
    inputMerges,
    targetVocabulary,
    targetMerges,
    columns,
    categories,
    calendar,
    reference,
    inputScaling,
    targetScaling,
  } = reading;
  const known = {
    categories,
    calendar,
    reference,
    inputVocabulary,
    inputMerges,
    targetVocabulary,
    targetMerges,
    columns,
    inputScaling,
    targetScaling,
  };
  return { kind: 'examples', ...known, train: examples, validation: examples };
}

/** Targets of the form that a task's answers and loss require. */
function blankTargets(
  kind: TaskKind,
  { targetWidth = 1, longestTarget = 1 }: DataReading,
  { offsets }: Sequences,
): Targets {
  const count = offsets.length - 1;
  const steps = offsets[count]!;
  const { answers, loss } = tasks[kind];
  if (answers === 'written') {
    // As long as the longest training target: the limit for a decoder's output.
    const own = Int32Array.from({ length: count + 1 }, (_, index) => index * longestTarget);
    return { kind: 'tokens', offsets: own, ids: new Uint16Array(own[count]!) };
  }
  if (loss === 'error of a number')
    return { kind: 'numbers', width: targetWidth, values: new Float32Array(count * targetWidth) };
  if (loss === 'binary cross-entropy')
    return { kind: 'vectors', offsets, width: targetWidth, values: new Float32Array(steps * targetWidth) };
  if (answers === 'once') return { kind: 'classes', classes: new Int32Array(count) };
  return { kind: 'tokens', offsets, ids: new Uint16Array(steps) };
}

/**
 * The token IDs of a prompt for a language model. An empty prompt gives the ID of a line break, or else of the first symbol. An
 * unknown word becomes <unknown>.
 * @throws DatasetError for an unknown character
 */
export function encodePrompt(prompt: string, { task, reading }: Pick<Reader, 'task' | 'reading'>): number[] {
  if (task.kind !== 'language-model')
    throw new DatasetError(
      `only a language model generates text from a prompt, and this is a ${task.kind} model: use unroll predict`,
    );
  const { inputVocabulary = [], inputMerges: merges, inputAdded: added } = reading;
  const number = placedNumberer(inputVocabulary);
  const tokenize = knownTokenizer(task.tokens, { vocabulary: inputVocabulary, merges, added });
  const numbers = tokenize(prompt).map((symbol) => number(symbol, () => 'the prompt'));
  return numbers.length > 0 ? numbers : [Math.max(0, inputVocabulary.indexOf(lineBreakFor(task.tokens)))];
}

/**
 * A source of which a sequence-to-sequence model writes the target, as the only example.
 * @throws DatasetError for an empty or too long one, or an unknown character
 */
export function encodeSource(text: string, { task, dataset, reading }: Reader): ExampleData {
  if (task.kind !== 'sequence-to-sequence')
    throw new DatasetError(`a ${task.kind} model writes no text for another one`);
  const { inputVocabulary = [], inputMerges: merges } = reading;
  const number = placedNumberer(inputVocabulary);
  const place = (): string => 'the prompt';
  const tokenize = knownTokenizer(task.tokens, { vocabulary: inputVocabulary, merges });
  const symbols = tokenize(text.trim()).map((symbol) => number(symbol, place));
  return unanswered(joinTokens([symbols], place, dataset), { task, reading });
}

/** Empty data that only determine the shapes of a network's weights. */
export function blankData({ task, reading }: Pick<Reader, 'task' | 'reading'>): PreparedData {
  const { inputVocabulary = [], inputWidth } = reading;
  if (task.kind === 'language-model') {
    const nothing = tokensInMemory(Uint16Array.of(0, 0));
    const { tokens } = task;
    const characters = tokens === 'word' ? undefined : { validation: 1 };
    return { kind: 'tokens', vocabulary: inputVocabulary, tokens, train: nothing, validation: nothing, characters };
  }
  if (tasks[task.kind].reads === 'trees') throw new DatasetError('a tree network runs only on trees');
  const step = [new Float32Array(inputWidth ?? 1)];
  const noLimit = { maximumSteps: Infinity, longer: 'error' } as const;
  const inputs: Sequences =
    inputWidth === undefined
      ? { kind: 'tokens', offsets: Int32Array.of(0, 1), ids: Uint16Array.of(0) }
      : joinVectors([step], () => 'nothing', noLimit);
  return unanswered(inputs, { task, reading });
}

import type { DataReading, DatasetSpec, TaskKind, TaskSpec } from '@unroll/contracts';
import {
  DatasetError,
  tokensInMemory,
  type ExampleData,
  type PreparedData,
  type Sequences,
  type Targets,
} from './prepared/data';
import { joinVectors } from './prepared/examples';
import { encodeFrames } from './frames/encode';
import { inputRows } from './labelled/encode';
import { inputsOf } from './labelled/labelled';
import { encodeSources, encodeVectors } from './pairs/encode';
import { encodeSeries } from './series/encode';
import { readSeries } from './series/table';
import { bytesOf, type DataSource } from './source/data-source';
import { placedNumberer, symbolsOf } from './text/symbols';

/** What is known of a network that is to read new input. */
export interface Reader {
  dataset: DatasetSpec;
  task: TaskSpec;
  reading: DataReading;
}

/** Input without answers, as all parts of a data set; and what each example is called. */
export interface Encoded {
  data: ExampleData;
  /** Where each example stands in its file, in its order. */
  places: readonly string[];
}

/**
 * Reads new input exactly as the training read its own: with its vocabulary, columns and scaling. Answers may be there or not; they are not read.
 * Of a series one example is made, from its last rows; of frames one for each sequence, whose last step foretells the frame after it.
 * @throws DatasetError for what the network cannot read, naming the place
 */
export function encode(source: DataSource, reader: Reader): Encoded {
  const { inputs, places } = inputOf(source, reader);
  if (places.length === 0) throw new DatasetError('the input is empty');
  return { data: unanswered(inputs, reader), places };
}

function inputOf(source: DataSource, reader: Reader): { inputs: Sequences; places: string[] } {
  const { task, dataset, reading } = reader;
  switch (task.kind) {
    case 'classification':
    case 'regression':
    case 'tagging': {
      const rows = inputRows(source, reader);
      if (rows.length === 0) throw new DatasetError('the input is empty');
      const { inputs } = inputsOf(rows, Int32Array.of(), { task, dataset, given: reading });
      return { inputs, places: rows.map(({ place }) => place) };
    }
    case 'forecasting':
      return encodeSeries(readSeries(bytesOf(source), dataset), task, reading);
    case 'multilabel-frames':
      return encodeFrames(bytesOf(source), dataset, reading);
    case 'language-model':
      throw new DatasetError('a language model has no answer for each input: it writes, with unroll generate');
    case 'sequence-to-sequence':
      return encodeSources(source, task.tokens, dataset, reading);
    case 'sequence-from-vector':
      return encodeVectors(source, dataset, reading);
    case 'transcription':
    case 'tree-classification':
      throw new DatasetError(`new input cannot be read for ${task.kind}`);
  }
}

/** Inputs with answers that stand for none. */
export function unanswered(inputs: Sequences, { task, reading }: Pick<Reader, 'task' | 'reading'>): ExampleData {
  const { inputVocabulary, targetVocabulary, columns, inputScaling, targetScaling } = reading;
  const count = inputs.offsets.length - 1;
  const examples = { count, inputs, targets: blankTargets(task.kind, reading, inputs) };
  const known = { inputVocabulary, targetVocabulary, columns, inputScaling, targetScaling };
  return { kind: 'examples', ...known, train: examples, validation: examples };
}

function blankTargets(
  kind: TaskKind,
  { targetWidth = 1, longestTarget = 1 }: DataReading,
  { offsets }: Sequences,
): Targets {
  const count = offsets.length - 1;
  const steps = offsets[count]!;
  switch (kind) {
    case 'classification':
      return { kind: 'classes', classes: new Int32Array(count) };
    case 'regression':
    case 'forecasting':
      return { kind: 'numbers', width: targetWidth, values: new Float32Array(count * targetWidth) };
    case 'multilabel-frames':
      return { kind: 'vectors', offsets, width: targetWidth, values: new Float32Array(steps * targetWidth) };
    case 'sequence-to-sequence':
    case 'sequence-from-vector': {
      // As long as the longest that was learned: so far a decoder may write.
      const own = Int32Array.from({ length: count + 1 }, (_, index) => index * longestTarget);
      return { kind: 'tokens', offsets: own, ids: new Uint16Array(own[count]!) };
    }
    default:
      return { kind: 'tokens', offsets, ids: new Uint16Array(steps) };
  }
}

/**
 * The numbers of a text's tokens, as a language model reads them; of an empty one that of a line break, or else of the first symbol. A word that the
 * model does not know is <unknown>.
 * @throws DatasetError for a character that it does not know
 */
export function encodePrompt(prompt: string, { task, reading }: Pick<Reader, 'task' | 'reading'>): number[] {
  if (task.kind !== 'language-model')
    throw new DatasetError(`only a language model writes on, and this is a ${task.kind}: use unroll predict`);
  const { inputVocabulary = [] } = reading;
  const number = placedNumberer(inputVocabulary);
  const numbers = symbolsOf(prompt, task.tokens).map((symbol) => number(symbol, () => 'the prompt'));
  return numbers.length > 0 ? numbers : [Math.max(0, inputVocabulary.indexOf('\n'))];
}

/** Data that hold nothing, but tell a task which weights its network has. */
export function blankData({ task, reading }: Pick<Reader, 'task' | 'reading'>): PreparedData {
  const { inputVocabulary = [], inputWidth } = reading;
  if (task.kind === 'language-model') {
    const nothing = tokensInMemory(Uint16Array.of(0, 0));
    const separator = task.tokens === 'character' ? '' : ' ';
    return { kind: 'tokens', vocabulary: inputVocabulary, separator, train: nothing, validation: nothing };
  }
  if (task.kind === 'tree-classification') throw new DatasetError('a network of trees runs over trees alone');
  const step = [new Float32Array(inputWidth ?? 1)];
  const noLimit = { maximumSteps: Infinity, longer: 'error' } as const;
  const inputs: Sequences =
    inputWidth === undefined
      ? { kind: 'tokens', offsets: Int32Array.of(0, 1), ids: Uint16Array.of(0) }
      : joinVectors([step], () => 'nothing', noLimit);
  return unanswered(inputs, { task, reading });
}

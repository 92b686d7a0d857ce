import type { DataReading, DatasetSpec } from '@unroll/contracts';
import { DatasetError, type ExampleData } from '../prepared/data';
import { examplesIn, joinVectors, requireWidth } from '../prepared/examples';
import { frameScaling } from '../prepared/scaling';
import { splitExamples } from '../prepared/split';
import { readBytes, type DataSource } from '../source/data-source';
import { isList, isNumber, isWord } from '../source/json-lines';
import { objectsIn } from '../tables/objects';
import { targetSequences, type Reading } from './target-sequences';

/**
 * Target sequences generated from one vector each: JSON lines {"vector": [...], "text" | "tokens": ...}. The input is the vector, scaled by
 * the training part, as a sequence of one step; targets end with the end symbol, see targetSequences.
 * @throws DatasetError for a row without a vector or text, vectors of different widths, or fewer than two rows
 */
export function prepareFromVector(
  source: DataSource,
  task: Reading,
  dataset: DatasetSpec,
  given?: DataReading,
): ExampleData {
  const lines = objectsIn(readBytes(source));
  if (lines.length < 2) throw new DatasetError(`the data set has ${lines.length} rows: give at least two`);
  const rows = lines.map(({ row: { vector, text, tokens }, place }) => {
    if (!isList(vector, isNumber) || vector.length === 0)
      throw new DatasetError(`${place}: has no "vector", a list of numbers`);
    if (isWord(text)) return { vector, text, place };
    if (isList(tokens, isWord)) return { vector, symbols: tokens, place };
    throw new DatasetError(`${place}: has no sequence; give "text" or "tokens" (a list of words)`);
  });
  const isListed = rows[0]!.symbols !== undefined;
  const odd = rows.find(({ symbols }) => (symbols !== undefined) !== isListed);
  if (odd) throw new DatasetError(`${odd.place}: some rows have text and others tokens; use one kind`);
  const split = splitExamples(rows.length, dataset);
  const placeAt = (index: number): string => rows[index]!.place;
  const outputs = rows.map(({ text, symbols }) => symbols ?? text);
  const reading = { ...task, known: { vocabulary: given?.targetVocabulary, merges: given?.targetMerges } };
  const { targets, ...written } = targetSequences(outputs, split.train, reading, placeAt, dataset);
  const vectors = rows.map(({ vector }) => [vector]);
  requireWidth(rows[0]!.vector.length, given, 'the vectors');
  // A model of an earlier version reads its input unscaled.
  const inputScaling = given ? given.inputScaling : frameScaling(vectors, split.train, dataset);
  const all = { count: rows.length, inputs: joinVectors(vectors, placeAt, dataset, inputScaling), targets };
  return { kind: 'examples', ...written, inputScaling, ...examplesIn(all, split) };
}

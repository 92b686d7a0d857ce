import type { DataReading, DatasetSpec } from '@unroll/contracts';
import { DatasetError } from '../prepared/data';
import { joinTokens, joinVectors, requireWidth } from '../prepared/examples';
import { encodeRows, type EncodedInput } from '../prepared/row-by-row';
import { readBytes, type DataSource } from '../source/data-source';
import { decodeText } from '../source/decode';
import { isList, isNumber } from '../source/json-lines';
import { linesOf } from '../source/lines';
import { objectsIn } from '../tables/objects';
import { tableSources } from './table-pairs';
import { placedNumberer } from '../text/symbols';
import { knownTokenizer } from '../text/tokenizer';
import type { Tokens } from '../prepared/tokens';

/** Source texts, one per line, where anything after a tab is ignored, or of a table. @throws DatasetError with the line */
export function encodeSources(
  source: DataSource,
  tokens: Tokens,
  dataset: DatasetSpec,
  reading: DataReading,
): EncodedInput {
  const bytes = readBytes(source);
  const lines = tableSources(bytes, reading.textColumn) ?? sourceLines(decodeText(bytes));
  const number = placedNumberer(reading.inputVocabulary ?? []);
  const tokenize = knownTokenizer(tokens, { vocabulary: reading.inputVocabulary, merges: reading.inputMerges });
  return encodeRows(lines, (some) => {
    const numbered = some.map(({ text, place }) => tokenize(text).map((symbol) => number(symbol, () => place)));
    return joinTokens(numbered, (index) => some[index]!.place, dataset);
  });
}

const sourceLines = (text: string): { text: string; place: string }[] =>
  linesOf(text)
    .map((line, index) => ({ text: line.split('\t')[0]!.trim(), place: `line ${index + 1}` }))
    .filter(({ text: each }) => each !== '');

/** Input vectors: JSON lines {"vector": [...]}. @throws DatasetError with the line */
export function encodeVectors(source: DataSource, dataset: DatasetSpec, reading: DataReading): EncodedInput {
  const rows = objectsIn(readBytes(source)).map(({ row: { vector }, place }) => {
    if (!isList(vector, isNumber) || vector.length === 0)
      throw new DatasetError(`${place}: has no "vector", a list of numbers`);
    return { vector, place };
  });
  const vectors = rows.map(({ vector }) => [vector]);
  requireWidth(rows[0]?.vector.length ?? 0, reading, 'the vectors');
  const inputs = joinVectors(vectors, (index) => rows[index]!.place, dataset, reading.inputScaling);
  return { inputs, places: rows.map(({ place }) => place) };
}

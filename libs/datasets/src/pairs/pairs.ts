import type { DataReading, DatasetSpec } from '@unroll/contracts';
import { DatasetError, type ExampleData } from '../prepared/data';
import { examplesIn, joinTokens } from '../prepared/examples';
import { splitExamples } from '../prepared/split';
import { readBytes, type DataSource } from '../source/data-source';
import { decodeText } from '../source/decode';
import { linesOf } from '../source/lines';
import { tablePairs, type Pair } from './table-pairs';
import { placedNumberer } from '../text/symbols';
import { tokenizeRows } from '../text/tokenizer';
import { targetSequences, type Reading } from './target-sequences';

/**
 * Pairs of texts for sequence-to-sequence tasks: lines "source TAB target", or a table; further columns are ignored. Targets end with the
 * end symbol, see targetSequences. The vocabularies come from the training part only. `facts`: what was read, for people.
 * @throws DatasetError for a line without a tab, an empty or too long text, or fewer than two pairs
 */
export function preparePairs(
  source: DataSource,
  task: Reading,
  dataset: DatasetSpec,
  given?: DataReading,
): { data: ExampleData; facts: string[] } {
  const { pairs, facts, sourceColumn } = pairsOf(readBytes(source));
  const split = splitExamples(pairs.length, dataset);
  const [inputs, outputs] = [pairs.map(({ texts }) => texts[0]), pairs.map(({ texts }) => texts[1])];
  const placeIn = (side: string) => (index: number) => `${pairs[index]!.place}, ${side}`;
  const known = { vocabulary: given?.inputVocabulary, merges: given?.inputMerges };
  const { symbols, vocabulary: inputVocabulary, merges: inputMerges } = tokenizeRows(inputs, split.train, task, known);
  const number = placedNumberer(inputVocabulary);
  const numbered = symbols.map((each, index) => each.map((symbol) => number(symbol, () => placeIn('source')(index))));
  const { targets, ...written } = targetSequences(
    outputs,
    split.train,
    { ...task, known: { vocabulary: given?.targetVocabulary, merges: given?.targetMerges } },
    placeIn('target'),
    dataset,
  );
  const all = { count: pairs.length, inputs: joinTokens(numbered, placeIn('source'), dataset), targets };
  const textColumn = sourceColumn ?? given?.textColumn;
  return {
    data: { kind: 'examples', inputVocabulary, inputMerges, textColumn, ...written, ...examplesIn(all, split) },
    facts,
  };
}

/** @throws DatasetError for fewer than two pairs */
function pairsOf(bytes: Uint8Array): { pairs: Pair[]; facts: string[]; sourceColumn?: string | undefined } {
  const table = tablePairs(bytes);
  const pairs = table?.pairs ?? parsePairs(decodeText(bytes));
  if (pairs.length < 2) throw new DatasetError(`the data set has ${pairs.length} pairs: give at least two`);
  return { pairs, facts: table ? [table.fact] : [], sourceColumn: table?.sourceColumn };
}

function parsePairs(text: string): Pair[] {
  return linesOf(text).flatMap((line, index): Pair[] => {
    if (line.trim() === '') return [];
    const place = `line ${index + 1}`;
    const [source, target] = line.split('\t').map((each) => each.trim());
    if (target === undefined)
      throw new DatasetError(
        `${place}: has no tab; each line must be source, tab, target; or name the columns of a CSV source and target in its first line`,
      );
    return [{ texts: [source!, target], place }];
  });
}

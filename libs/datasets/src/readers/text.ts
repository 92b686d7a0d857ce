import { describeData } from '../describe';
import { DatasetError } from '../prepared/data';
import { bigramBaseline } from '../text/bigram';
import { prepareText } from '../text/text';
import type { DataReader } from './reader';
import { plainText } from './table-text';

/** A plain text is read in passes and in chunks; all other data is read at once. */
export const text: DataReader<'language-model'> = {
  dataset: 'text',
  prepare(source, { task, dataset, reading }) {
    const { inputVocabulary: vocabulary, inputMerges: merges, inputAdded: added } = reading ?? {};
    const known = { vocabulary, merges, added };
    const { source: plain, facts } = plainText(source, dataset);
    const data = prepareText(plain, task, dataset, undefined, known);
    return { data, baselines: [bigramBaseline(data)], facts: [...facts, describeData(data)] };
  },
  encode() {
    throw new DatasetError('a language model makes no predictions per input: use unroll generate');
  },
};

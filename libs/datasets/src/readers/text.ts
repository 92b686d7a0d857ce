import { DatasetError } from '../prepared/data';
import { bigramBaseline } from '../text/bigram';
import { prepareText } from '../text/text';
import type { DataReader } from './reader';

/** A text is read in passes and in chunks; all other data is read at once. */
export const text: DataReader<'language-model'> = {
  dataset: 'text',
  prepare(source, { task, dataset, reading }) {
    const known = { vocabulary: reading?.inputVocabulary, merges: reading?.inputMerges };
    const data = prepareText(source, task, dataset, undefined, known);
    return { data, baselines: [bigramBaseline(data)] };
  },
  encode() {
    throw new DatasetError('a language model makes no predictions per input: use unroll generate');
  },
};

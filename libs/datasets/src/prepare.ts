import type { Baseline, TrialSpec } from '@unroll/contracts';
import { bigramBaseline } from './text/bigram';
import { prepareCharacters } from './text/characters';
import { DatasetError, type TokenData } from './token-data';

export interface Prepared {
  data: TokenData;
  baseline: Baseline;
}

/**
 * The bytes of a data set, made ready for a trial's task and split.
 * @throws DatasetError for bytes that are not UTF-8, or a text that is too short
 */
export function prepare(bytes: Uint8Array, { dataset }: Pick<TrialSpec, 'dataset' | 'task'>): Prepared {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new DatasetError('the text is not valid UTF-8: convert it, for example with iconv');
  }
  const data = prepareCharacters(text, dataset.split);
  return { data, baseline: bigramBaseline(data) };
}

import { namedFile, ValidationError, type NamedFile, type TrialSpec } from '@unroll/contracts';
import { DatasetError, readWordVectors, type PreparedData, type WordVectors } from '@unroll/datasets';
import { embeddedSymbols, embeddingWeights, type Weights } from '@unroll/training';
import { fetched } from './prepared-data';
import type { TrainCommand } from './protocol';

interface ReadVectors {
  path: string;
  data: PreparedData;
  width: number;
  found: WordVectors;
}

/** Vectors kept in memory, of a sweep that chooses between two files; beyond that the least recently used are dropped. */
const keptVectors = 2;

/** Those that were read last, the last used last: the next group of a sweep mostly starts from the same ones. */
let kept: readonly ReadVectors[] = [];

/**
 * The first weights of each lane that starts from word vectors; undefined for a group that does not. `onRead` is called again and again
 * while a file is read, which may take minutes.
 * @throws DatasetError, also from what it returns, for vectors that do not fit the trials or their data, or that the trials name and the
 * worker has not fetched; DataMissing if the file is gone
 */
export async function startVectors(
  { files, lanes }: TrainCommand,
  data: PreparedData,
  onRead?: () => void,
): Promise<((spec: TrialSpec) => Weights) | undefined> {
  const { spec: first } = lanes[0]!;
  const vectors = namedFile(first, 'training.initFrom.embedding');
  if (!vectors) return undefined;
  const path = fetched(files, vectors);
  const width = first.model.embeddingSize;
  let last = kept.find((each) => each.path === path && each.data === data && each.width === width);
  try {
    last ??= { path, data, width, found: await readWordVectors(path, embeddedSymbols(data), width, onRead) };
  } catch (error) {
    throw misfit(error, vectors);
  }
  kept = [...kept.filter((each) => each !== last), last].slice(-keptVectors);
  const { found } = last;
  return (spec) => {
    try {
      return embeddingWeights(spec, found, data, spec.training.seed);
    } catch (error) {
      throw misfit(error, vectors);
    }
  };
}

/** A refusal as an error of the data: each trial of the group ends with it. */
function misfit(error: unknown, { option, name }: NamedFile): unknown {
  if (error instanceof DatasetError) return new DatasetError(`${option}: ${name} ${error.message}`);
  return error instanceof ValidationError ? new DatasetError(error.message) : error;
}

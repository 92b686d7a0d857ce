import { ValidationError, type TrialSpec } from '@unroll/contracts';
import { DatasetError, readWordVectors, type PreparedData, type WordVectors } from '@unroll/datasets';
import { embeddedSymbols, embeddingWeights, type Weights } from '@unroll/training';
import { existsSync } from 'node:fs';
import { DataMissing } from './prepared-data';
import type { TrainCommand } from './protocol';

/** The vectors that were read last: the next group of a sweep mostly starts from the same ones. */
let last: { path: string; data: PreparedData; width: number; found: WordVectors } | undefined;

/**
 * The first weights of each lane that starts from word vectors; undefined for a group that does not.
 * @throws DatasetError, also from what it returns, for vectors that do not fit the trials or their data, or that the trials name and the
 * worker has not fetched; DataMissing if the file is gone
 */
export async function startVectors(
  { vectors: path, lanes }: TrainCommand,
  data: PreparedData,
): Promise<((spec: TrialSpec) => Weights) | undefined> {
  const { model, training } = lanes[0]!.spec;
  const name = training.initFrom?.embedding;
  if (name === undefined) return undefined;
  if (path === undefined) throw new DatasetError(`training.initFrom.embedding: there is no file of ${name} to read`);
  if (!existsSync(path)) throw new DataMissing(`${path} was removed while a trial was about to read it`);
  const width = model.embeddingSize;
  try {
    if (last?.path !== path || last.data !== data || last.width !== width)
      last = { path, data, width, found: await readWordVectors(path, embeddedSymbols(data), width) };
  } catch (error) {
    throw misfit(error, name);
  }
  const { found } = last;
  return (spec) => {
    try {
      return embeddingWeights(spec, found, data, spec.training.seed);
    } catch (error) {
      throw misfit(error, name);
    }
  };
}

/** A refusal as an error of the data: each trial of the group ends with it. */
function misfit(error: unknown, name: string): unknown {
  if (error instanceof DatasetError) return new DatasetError(`training.initFrom.embedding: ${name} ${error.message}`);
  return error instanceof ValidationError ? new DatasetError(error.message) : error;
}

import { namedFile, type DataReading, type NamedFile, type TrialSpec } from '@unroll/contracts';
import {
  builtIns,
  DatasetError,
  fingerprint,
  prepare,
  readTokenizerFile,
  type BuiltInOptions,
  type DataSource,
  type Prepared,
} from '@unroll/datasets';
import { inheritedReading, type Model } from '@unroll/training';
import { existsSync } from 'node:fs';
import type { DataPlace, FetchedFiles, TrainCommand } from './protocol';

/** The file of a data set is gone, although the worker held it: it is fetched again with the next attempt. */
export class DataMissing extends Error {
  override readonly name = 'DataMissing';
}

/** Prepared data sets kept in memory; beyond that the least recently used is dropped. */
const keptDatasets = 4;

const prepared = new Map<string, Prepared>();

/** The data of a group, prepared for its task and, if it starts from a model, with that model's vocabulary and scaling. */
export function prepareData(
  { fingerprint: print, data, lanes, initFrom, files }: TrainCommand,
  model: Model | undefined,
): Prepared {
  const { spec } = lanes[0]!;
  const { dataset, task } = spec;
  const key = JSON.stringify([print, dataset, task, initFrom, spec.training.initFrom?.replaceHead]);
  const reading = (): DataReading | undefined => (model ? inheritedReading(spec, model) : openTokenizer(spec, files));
  const found =
    prepared.get(key) ?? noted(prepare(openSource(data, dataset, print), { dataset, task, reading: reading() }));
  prepared.delete(key);
  prepared.set(key, found);
  for (const oldest of [...prepared.keys()].slice(0, -keptDatasets)) prepared.delete(oldest);
  return found;
}

/** Writes what may be wrong with data to the log of the trainer, once. */
function noted(read: Prepared): Prepared {
  for (const warning of read.warnings ?? []) console.error(`warning: ${warning}`);
  return read;
}

/** How the tokenizer of a group reads a text. @throws DataMissing; DatasetError for one that the worker has not fetched */
function openTokenizer(spec: TrialSpec, files: FetchedFiles): DataReading | undefined {
  const tokenizer = namedFile(spec, 'task.tokenizer');
  return tokenizer && readTokenizerFile(fetched(files, tokenizer));
}

/** The path of a file that a trial names. @throws DatasetError if the worker has not fetched it; DataMissing */
export function fetched(files: FetchedFiles, { option, name }: NamedFile): string {
  const path = files[option];
  if (path === undefined) throw new DatasetError(`${option}: there is no file of ${name} to read`);
  return present(path);
}

/** @throws DataMissing for a file that was removed after it was fetched */
function present(path: string): string {
  if (!existsSync(path)) throw new DataMissing(`${path} was removed while a trial was about to read it`);
  return path;
}

/** @throws DataMissing; DatasetError if this worker generates other data than the trial is to be trained on */
function openSource(place: DataPlace, options: BuiltInOptions, wanted: string): DataSource {
  if ('path' in place) return { ...place, path: present(place.path) };
  const builtIn = builtIns.find(({ name }) => name === place.builtIn);
  if (!builtIn) throw new DatasetError(`this worker has no built-in data set ${place.builtIn}: update it`);
  const bytes = builtIn.read(options);
  // Until version 0.1.0, the fingerprint was that of the bytes whatever the options.
  if (builtIn.identify(options) !== wanted && fingerprint(builtIn.kind, bytes) !== wanted)
    throw new DatasetError(`this worker generates another ${place.builtIn} than the API: update the older of them`);
  return { kind: builtIn.kind, bytes };
}

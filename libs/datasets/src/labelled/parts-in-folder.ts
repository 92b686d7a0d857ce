import { fileName, folders, type NamedFile } from '../archive/named-file';
import { DatasetError } from '../prepared/data';

/** A file of a data set whose rows are in files by part. */
export interface PartFile {
  file: NamedFile;
  /** Undefined where no name of a file says one. */
  part: 'train' | 'validation' | 'test' | undefined;
}

/** Words by which the library `datasets` and its hub recognise a part. */
const words = {
  train: ['train', 'training'],
  validation: ['validation', 'valid', 'val', 'dev'],
  test: ['test', 'testing', 'eval', 'evaluation'],
} as const;

const isTable = ({ name }: NamedFile): boolean => /\.(parquet|arrow|feather|jsonl|json|csv|tsv)$/i.test(name);
/** What describes a data set, and holds none of its rows. */
const isAbout = ({ name }: NamedFile): boolean =>
  /^(dataset_infos?|dataset_dict|state|readme|license|\.?gitattributes)\b/i.test(fileName(name)) ||
  /\.(md|lock|yaml|yml)$/i.test(name);

/** The part that a name says, by one of its words: train-00000-of-00001.parquet. */
function partOf(name: string): PartFile['part'] {
  const found = name.toLowerCase().split(/[^a-z]+/);
  return (Object.keys(words) as (keyof typeof words)[]).find((part) =>
    words[part].some((word) => found.includes(word)),
  );
}

/** The part whose word a folder is named by: train of train/positive/7.txt. */
const partNamed = (folder: string): PartFile['part'] =>
  (Object.keys(words) as (keyof typeof words)[]).find((part) =>
    (words[part] as readonly string[]).includes(folder.toLowerCase()),
  );

/**
 * The part of each file by the folders above its class; undefined where they do not split the data: where not all are in a part, none is to
 * train on, or all are in one.
 */
export function partsAbove(above: readonly (readonly string[])[]): NonNullable<PartFile['part']>[] | undefined {
  const parts = above.map((names) => names.map(partNamed).findLast((part) => part !== undefined));
  const isSplit = parts.includes('train') && new Set(parts).size > 1;
  return isSplit && parts.every((part) => part !== undefined) ? parts : undefined;
}

/**
 * The files with the rows of a data set in the layout of Hugging Face: train-00000-of-00001.parquet, data/test.jsonl, or the folders
 * `train` and `test` of `save_to_disk`; undefined for another layout.
 * @throws DatasetError for several configurations, or parts beside files of no part
 */
export function partsIn(files: readonly NamedFile[]): PartFile[] | undefined {
  const rows = files.filter((file) => !isAbout(file));
  const isCard = files.some(isAbout);
  if (rows.length === 0 || !rows.every(isTable)) return undefined;
  const found = rows.map((file) => ({
    file,
    part: partOf(fileName(file.name)) ?? partOf(folders(file.name).at(-1) ?? ''),
  }));
  const named = found.filter(({ part }) => part !== undefined);
  // Without any part, only what describes the files says that they are one data set rather than one file for each class.
  if (named.length === 0)
    return isCard || rows.every(({ name }) => !/\.(jsonl?|csv|tsv)$/i.test(name)) ? found : undefined;
  const without = found.find(({ part }) => part === undefined);
  if (without)
    throw new DatasetError(
      `${without.file.name}: is neither train, validation nor test by its name, as other files are`,
    );
  for (const part of Object.keys(words)) {
    const places = new Set(named.filter((each) => each.part === part).map(({ file }) => folders(file.name).join('/')));
    if (places.size > 1)
      throw new DatasetError(
        `the folder has several data sets (${part} is in ${[...places].join(' and ')}): give the folder of one`,
      );
  }
  return named;
}

/** How many files each part has. */
export function describeParts(parts: readonly PartFile[]): string {
  const counts = new Map<string, number>();
  for (const { part = 'all' } of parts) counts.set(part, (counts.get(part) ?? 0) + 1);
  return [...counts].map(([part, count]) => (count === 1 ? part : `${part} (${count} files)`)).join(', ');
}

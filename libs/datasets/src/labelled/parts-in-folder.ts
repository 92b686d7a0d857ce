import { filesOfCard } from './dataset-card';
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
/** Words with tags: a text of another name may as well be of a class. */
const isColumns = ({ name }: NamedFile): boolean =>
  /\.(conll|bio|iob2?)$/i.test(name) || (/\.txt$/i.test(name) && partOf(fileName(name), name) !== undefined);
/** What describes a data set, and holds none of its rows. */
const isAbout = ({ name }: NamedFile): boolean =>
  /^(dataset_infos?|dataset_dict|state|readme|license|\.?gitattributes)\b/i.test(fileName(name)) ||
  /(\.(md|lock|yaml|yml)|(^|\/)config\.json)$/i.test(name);

type Part = NonNullable<PartFile['part']>;
const partNames = Object.keys(words) as Part[];

/**
 * The part that a name says, by one of its words: train-00000-of-00001.parquet.
 * @throws DatasetError for one that says two, which the library reads as rows of both
 */
function partOf(name: string, file = name): PartFile['part'] {
  const found = name.toLowerCase().split(/[^a-z]+/);
  const [first, second] = partNames.filter((part) => words[part].some((word) => found.includes(word)));
  if (second === undefined) return first;
  throw new DatasetError(`${file}: may be of the part ${first} or ${second} by its name: rename it`);
}

/** The part whose word a folder is named by: train of train/positive/7.txt. */
const partNamed = (folder: string): PartFile['part'] =>
  partNames.find((part) => (words[part] as readonly string[]).includes(folder.toLowerCase()));

/** The part of a file, by its name or else its folder's below the first `shared`. @throws DatasetError where these say two */
function partOfFile({ name }: NamedFile, shared = 0): PartFile['part'] {
  const folder = folders(name).slice(shared).at(-1) ?? '';
  const [own, above] = [partOf(fileName(name), name), partNamed(folder)];
  if (own !== undefined && above !== undefined && own !== above)
    throw new DatasetError(`${name}: may be of the part ${own} or ${above} by its name and folder: rename one`);
  return own ?? partOf(folder, name);
}

/** How many folders all files are in: those of an archive of one folder. */
function sharedFolders(files: readonly NamedFile[]): number {
  const [first = [], ...others] = files.map(({ name }) => folders(name));
  const at = first.findIndex((folder, depth) => others.some((each) => each[depth] !== folder));
  return at < 0 ? first.length : at;
}

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
 * The files with the rows of a data set in the layout of Hugging Face: those that its card names; or train-00000-of-00001.parquet,
 * data/test.jsonl, or the folders `train` and `test` of `save_to_disk`; undefined for another layout. `hasColumns`: texts by part, such as
 * train.txt, are CoNLL columns.
 * @throws DatasetError for several configurations, a file in two parts, or parts beside files of no part
 */
export function partsIn(files: readonly NamedFile[], { hasColumns = false } = {}): PartFile[] | undefined {
  const rows = files.filter((file) => !isAbout(file));
  const isRead = (file: NamedFile): boolean => isTable(file) || (hasColumns && isColumns(file));
  if (rows.length === 0 || !rows.every(isRead)) return undefined;
  const card = filesOfCard(files, rows);
  if (!card) return partsByName(rows, files.some(isAbout));
  const placed = new Map<NamedFile, Part>();
  for (const { split, files: own } of card) {
    if (split === undefined) return partsByName(own, true);
    const part = partOf(split);
    if (part === undefined)
      throw new DatasetError(`README.md: has the part ${split}, which is neither train, validation nor test`);
    for (const file of own) {
      const other: Part = placed.get(file) ?? part;
      if (other !== part)
        throw new DatasetError(`README.md: has ${file.name} in the parts ${other} and ${part}: name it in one of them`);
      placed.set(file, part);
    }
  }
  return [...placed].map(([file, part]) => ({ file, part }));
}

/** The same by the names of files. `isOne`: something says that they are one data set, rather than one file for each class. */
function partsByName(rows: readonly NamedFile[], isOne: boolean): PartFile[] | undefined {
  const shared = sharedFolders(rows);
  const below = rows.map((file) => ({ file, part: partOfFile(file, shared) }));
  const found = below.some(({ part }) => part) ? below : rows.map((file) => ({ file, part: partOfFile(file) }));
  const named = found.filter(({ part }) => part !== undefined);
  if (named.length === 0)
    return isOne || rows.every(({ name }) => !/\.(jsonl?|csv|tsv)$/i.test(name)) ? found : undefined;
  const without = found.find(({ part }) => part === undefined);
  if (without)
    throw new DatasetError(
      `${without.file.name}: is neither train, validation nor test by its name, as other files are`,
    );
  for (const part of partNames) {
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

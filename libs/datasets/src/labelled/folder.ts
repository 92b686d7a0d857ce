import { fileName, folders, type NamedFile } from '../archive/named-file';
import { DatasetError } from '../prepared/data';
import { decodeText } from '../source/decode';
import { linesOf } from '../source/lines';
import { partsAbove } from './parts-in-folder';
import type { LabelledRow } from './row';

/**
 * Texts in folders: one folder per class with one file per example, or one file CLASS.txt per class with one line per example. The
 * classes are the deepest level with at least two folders, so an archive's own top folder is not a class. Folders train and test above
 * them, or above the files CLASS.txt, are parts; one alone is not.
 * @throws DatasetError for other layouts, or a file that is not text
 */
export function folderRows(files: readonly NamedFile[]): LabelledRow[] {
  const classes = deepestLevel(files);
  if (classes) {
    const lists = partsAbove(classes.map(({ name }) => folders(name).slice(-1)));
    if (lists) return requireLists(classes).flatMap((file, index) => readLines(file, lists[index]));
    const rows = classes.map((file) => ({ ...wholeFile(file), label: folders(file.name).at(-1)! }));
    const parts = partsAbove(classes.map(({ name }) => folders(name).slice(-2, -1)));
    return parts ? rows.map((row, index) => ({ ...row, part: parts[index]! })) : rows;
  }
  const lists = files.filter(({ name }) => name.endsWith('.txt'));
  if (new Set(lists.map(({ name }) => folders(name).join('/'))).size !== 1 || lists.length < 2)
    throw new DatasetError(
      'a folder or archive of labelled texts needs one folder per class, or one file CLASS.txt per class with one example per line',
    );
  if (partsAbove(lists.map((file) => [labelOf(file)])))
    throw new DatasetError(
      `${lists.map(({ name }) => fileName(name)).join(', ')}: are parts by their names, not classes; ` +
        'give parts as JSON lines or tables with a label in each row, or as folders with a file CLASS.txt per class',
    );
  return lists.flatMap((file) => readLines(file));
}

/** Files CLASS.txt in folders of parts. @throws DatasetError for others, whose folders would be taken for classes */
function requireLists(files: readonly NamedFile[]): readonly NamedFile[] {
  if (files.every(({ name }) => name.endsWith('.txt')) && new Set(files.map(labelOf)).size < files.length) return files;
  throw new DatasetError(
    `${folders(files[0]!.name).at(-1)} is a part by its name, not a class: give each part one folder per class, or one file CLASS.txt per class`,
  );
}

/** The files of the deepest level with several folders; undefined if there is none. */
function deepestLevel(files: readonly NamedFile[]): NamedFile[] | undefined {
  const levels = new Map<number, NamedFile[]>();
  for (const file of files) {
    const depth = folders(file.name).length;
    levels.set(depth, [...(levels.get(depth) ?? []), file]);
  }
  return [...levels]
    .sort(([a], [b]) => b - a)
    .map(([, level]) => level)
    .find((level) => new Set(level.map(({ name }) => folders(name).join('/'))).size > 1);
}

function wholeFile({ name, bytes }: NamedFile): { text: string; place: string } {
  const content = bytes();
  return { text: content.length === 0 ? '' : decodeText(content, name).trim(), place: name };
}

/** The class by the name CLASS.txt. */
const labelOf = ({ name }: NamedFile): string => fileName(name).slice(0, -'.txt'.length);

function readLines(file: NamedFile, part?: LabelledRow['part']): LabelledRow[] {
  return linesOf(wholeFile(file).text)
    .map((line, index) => ({
      ...{ text: line.trim(), label: labelOf(file), place: `${file.name} line ${index + 1}` },
      ...(part === undefined ? {} : { part }),
    }))
    .filter(({ text }) => text !== '');
}

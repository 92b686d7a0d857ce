import { fileName, foldersOf, type NamedFile } from '../archive/named-file';
import { DatasetError } from '../prepared/data';
import { decodeText } from '../source/decode';
import type { LabelledRow } from './row';

/**
 * Texts in folders: one folder for each class, whose files are its examples; or one file CLASS.txt for each class, whose lines are.
 * Of several levels of folders the deepest counts that has at least two: an archive's own folder, or a file beside it, is no class.
 * @throws DatasetError for other files, or one that is no text
 */
export function folderRows(files: readonly NamedFile[]): LabelledRow[] {
  const classes = deepestLevel(files);
  if (classes) return classes.map((file) => ({ ...wholeFile(file), label: foldersOf(file.name).at(-1)! }));
  const lists = files.filter(({ name }) => name.endsWith('.txt'));
  if (new Set(lists.map(({ name }) => foldersOf(name).join('/'))).size !== 1 || lists.length < 2)
    throw new DatasetError(
      'a folder or archive of labelled texts needs a folder for each class, or a file CLASS.txt for each with one example a line',
    );
  return lists.flatMap(linesOf);
}

/** The files of the deepest level that has several folders; undefined where none has. */
function deepestLevel(files: readonly NamedFile[]): NamedFile[] | undefined {
  const levels = new Map<number, NamedFile[]>();
  for (const file of files) {
    const depth = foldersOf(file.name).length;
    levels.set(depth, [...(levels.get(depth) ?? []), file]);
  }
  return [...levels]
    .sort(([a], [b]) => b - a)
    .map(([, level]) => level)
    .find((level) => new Set(level.map(({ name }) => foldersOf(name).join('/'))).size > 1);
}

function wholeFile({ name, bytes }: NamedFile): { text: string; place: string } {
  const content = bytes();
  return { text: content.length === 0 ? '' : decodeText(content, name).trim(), place: name };
}

function linesOf(file: NamedFile): LabelledRow[] {
  const label = fileName(file.name).slice(0, -'.txt'.length);
  return wholeFile(file)
    .text.split('\n')
    .map((line, index) => ({ text: line.trim(), label, place: `${file.name} line ${index + 1}` }))
    .filter(({ text }) => text !== '');
}

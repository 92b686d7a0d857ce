/** A file of a folder or an archive. */
export interface NamedFile {
  /** Folders and name, with slashes, from the folder or archive that holds it. */
  name: string;
  /** What it holds. @throws DatasetError where it cannot be read */
  bytes: () => Uint8Array;
}

/** Files that people put there: not those that systems leave behind, such as .DS_Store or ._name. */
export const isVisible = (name: string): boolean => !name.split('/').some((part) => part.startsWith('.'));

/** The folders of a file's name. */
export const foldersOf = (name: string): string[] => name.split('/').slice(0, -1);

/** Without its folders. */
export const fileName = (name: string): string => name.split('/').at(-1)!;

export const byName = (a: NamedFile, b: NamedFile): number => (a.name < b.name ? -1 : Number(a.name > b.name));

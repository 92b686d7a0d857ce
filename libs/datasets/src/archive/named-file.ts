/** A file of a folder or an archive. */
export interface NamedFile {
  /** Path with slashes, relative to the folder or archive. */
  name: string;
  /** The content. @throws DatasetError if it cannot be read */
  bytes: () => Uint8Array;
}

/** Whether a file is not hidden, unlike .DS_Store or ._name. */
export const isVisible = (name: string): boolean => !name.split('/').some((part) => part.startsWith('.'));

/** The folders of a path. */
export const folders = (name: string): string[] => name.split('/').slice(0, -1);

/** A path without its folders. */
export const fileName = (name: string): string => name.split('/').at(-1)!;

export const byName = (a: NamedFile, b: NamedFile): number => (a.name < b.name ? -1 : Number(a.name > b.name));

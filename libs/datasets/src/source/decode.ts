import { DatasetError } from '../prepared/data';

/** What a file is called in a message: nothing where there is one file alone. */
const prefix = (name: string | undefined): string => (name === undefined ? '' : `${name}: `);

/** Bytes as text. A byte order mark is left out. @throws DatasetError for bytes that are not UTF-8, or none; `name` is the file's, of several */
export function decodeText(bytes: Uint8Array, name?: string): string {
  if (bytes.length === 0) throw new DatasetError(`${prefix(name)}the data set is empty`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new DatasetError(`${prefix(name)}the text is not valid UTF-8: convert it, for example with iconv`);
  }
}

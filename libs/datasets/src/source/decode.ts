import { DatasetError } from '../prepared/data';

/** A file name as the prefix of a message; empty for a single file. */
const prefix = (name: string | undefined): string => (name === undefined ? '' : `${name}: `);

/**
 * Decodes UTF-8, or UTF-16 with a byte order mark, as Excel and PowerShell write it. `name`: the file, if one of several.
 * @throws DatasetError for invalid or empty bytes
 */
export function decodeText(bytes: Uint8Array, name?: string): string {
  if (bytes.length === 0) throw new DatasetError(`${prefix(name)}the data set is empty`);
  const mark = (bytes[0]! << 8) | bytes[1]!;
  const encoding = mark === 0xfffe ? 'utf-16le' : mark === 0xfeff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new DatasetError(`${prefix(name)}the text is not valid UTF-8: convert it, for example with iconv`);
  }
}

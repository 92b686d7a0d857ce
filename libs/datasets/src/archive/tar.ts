import { gunzipSync } from 'node:zlib';
import { DatasetError } from '../prepared/data';
import { byName, isVisible, type NamedFile } from './named-file';

const block = 512;
/** Maximum size of an uncompressed archive in bytes: more would not fit in memory together with the prepared data. */
export const mostArchiveBytes = 2 ** 31;
/** Maximum size in bytes of one file of an archive, and of a compressed text, in a data set that is uploaded: each is read whole. */
export const mostFileBytes = 2 ** 28;

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Decompresses gzip data; other bytes are returned as they are. @throws DatasetError for damaged data, or more than 2 GB */
export function uncompressed(bytes: Uint8Array, most = mostArchiveBytes): Uint8Array {
  if (!isGzip(bytes)) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: most });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new DatasetError(`the archive is larger than ${most} bytes uncompressed: use a part of it`);
    throw new DatasetError(`the archive is damaged: ${(error as Error).message}`);
  }
}

/** Whether bytes are a tar archive: they begin with a header that has a valid checksum. */
export const isTar = (bytes: Uint8Array): boolean => bytes.length >= block && hasChecksum(bytes.subarray(0, block));

/**
 * The files of a tar archive (POSIX.1-1988 ustar, POSIX.1-2001 pax, GNU long names), sorted by name, without links and hidden files.
 * @throws DatasetError for a damaged or truncated archive, or one that has a file twice
 */
export function filesInTar(bytes: Uint8Array): NamedFile[] {
  const files: NamedFile[] = [];
  let longName: string | undefined;
  for (let at = 0; at + block <= bytes.length;) {
    const header = bytes.subarray(at, at + block);
    if (header.every((byte) => byte === 0)) break;
    if (!hasChecksum(header)) throw new DatasetError(`the archive is damaged at byte ${at}`);
    const size = numberIn(header, 124, 12);
    const name = longName ?? nameIn(header);
    const content = bytes.subarray(at + block, at + block + size);
    if (content.length < size) throw new DatasetError(`the archive is cut short in ${name}: fetch it again`);
    at += block + Math.ceil(size / block) * block;
    const type = String.fromCharCode(header[156]!);
    if (type === 'L') longName = textIn(content, 0, size);
    else if (type === 'x') longName = paxPath(content) ?? longName;
    else {
      const plain = name.replace(/^(\.?\/)+/, '');
      if ((type === '0' || type === '\0') && isVisible(plain)) files.push({ name: plain, bytes: () => content });
      longName = undefined;
    }
  }
  files.sort(byName);
  // What tar unpacks is the later one; which of them a person means is not known.
  const twice = files.find(({ name }, index) => name === files[index + 1]?.name);
  if (twice) throw new DatasetError(`the archive has ${twice.name} twice: leave one of them out`);
  return files;
}

function textIn(bytes: Uint8Array, from: number, length: number): string {
  const field = bytes.subarray(from, from + length);
  const end = field.indexOf(0);
  return Buffer.from(end < 0 ? field : field.subarray(0, end)).toString('utf8');
}

function nameIn(header: Uint8Array): string {
  const [name, folder] = [textIn(header, 0, 100), textIn(header, 345, 155)];
  return textIn(header, 257, 5) === 'ustar' && textIn(header, 263, 2) === '00' && folder ? `${folder}/${name}` : name;
}

/** A number as octal digits or, if too large for them, in base 256 (GNU). */
function numberIn(header: Uint8Array, from: number, length: number): number {
  if ((header[from]! & 0x80) === 0) return Number.parseInt(textIn(header, from, length).trim() || '0', 8);
  return header.subarray(from + 1, from + length).reduce((value, byte) => value * 256 + byte, 0);
}

/** Whether the checksum matches: the sum of all bytes, with the checksum field read as spaces. */
function hasChecksum(header: Uint8Array): boolean {
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  return sum === numberIn(header, 148, 8);
}

/** The path in pax records, each "length key=value\n". */
const paxPath = (content: Uint8Array): string | undefined =>
  /(?:^|\n)\d+ path=([^\n]*)\n/.exec(Buffer.from(content).toString('utf8'))?.[1];

import {
  datasetKindDefinitions,
  ValidationError,
  type DatasetKindDefinition,
  type RegisteredKind,
} from '@unroll/contracts';
import { Turns } from '@unroll/database';
import {
  DatasetError,
  VectorsCheck,
  createFingerprint,
  formatBytes,
  isTar,
  mostFileBytes,
  tableFormat,
} from '@unroll/datasets';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { requireArchive } from './archive';
import { Utf8Check } from './utf8-check';

/**
 * The fingerprint of an uploaded text or archive, which is read as a stream.
 * @throws ValidationError if it is empty, damaged or not of its kind
 */
export async function fingerprintFile(path: string, kind: RegisteredKind): Promise<string> {
  const hash = createFingerprint(kind);
  let size = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    size += chunk.length;
    hash.update(chunk);
  }
  if (size === 0) throw refusal('is empty');
  try {
    const { archive, mayBeTyped = false, mostUncompressed }: DatasetKindDefinition = datasetKindDefinitions[kind];
    const mayBeGzip = archive !== 'never' || mostUncompressed !== undefined;
    const isGzip = mayBeGzip && (await readHead(path, 2)).equals(gzip);
    const isArchive = archive !== 'never' && isTar(await readHead(path, tarHeader, isGzip));
    if (isArchive) await requireArchive(path, kind);
    else if (archive === 'required') throw refusal('must be a .tar or .tar.gz archive of WAV files');
    else if (mayBeTyped && tableFormat(await readHead(path, formatBytes, isGzip)))
      await requireModest(path, isGzip, textLimit(size));
    else await requireText(path, isGzip, textLimit(size, mostUncompressed), kind);
  } catch (error) {
    if (error instanceof DatasetError) throw refusal(error.message);
    if (String((error as NodeJS.ErrnoException).code).startsWith('Z_')) throw refusal('is damaged: download it again');
    throw error;
  }
  return hash.digest('hex');
}

/**
 * Checks uploads, those of one kind one after the other: a check of recordings holds a whole one in memory. Word vectors, which may take
 * minutes to unpack, keep none of another kind waiting.
 */
export class UploadChecks {
  private readonly turns = new Map<RegisteredKind, Turns>();

  /** The fingerprint of an uploaded file. @throws as `fingerprintFile` */
  fingerprint(path: string, kind: RegisteredKind): Promise<string> {
    const turns = this.turns.get(kind) ?? new Turns();
    this.turns.set(kind, turns);
    return turns.take(() => fingerprintFile(path, kind));
  }
}

/** How many times the bytes of its gzip file a large text may have: natural texts and numbers have 2 to 5 times as many. */
const mostRatio = 20;

/** How much a text or table may have uncompressed, and how that is said. */
interface TextLimit {
  bytes: number;
  refusal: string;
}

/**
 * The limit of a text in a gzip file of `size` bytes, of a kind that may have `most`. Beyond what any text may have, it grows with the
 * file: a small one does not hold up the checks of others of its kind while gigabytes are unpacked.
 */
export function textLimit(size: number, most = mostFileBytes): TextLimit {
  const inProportion = Math.max(mostFileBytes, mostRatio * size);
  return inProportion < most
    ? {
        bytes: inProportion,
        refusal: `has more than ${inProportion} bytes uncompressed, too many for its ${size} compressed: upload the text itself`,
      }
    : { bytes: most, refusal: `has more than ${most} bytes uncompressed: use a part of it` };
}

const refusal = (message: string): ValidationError => new ValidationError([{ path: 'file', message }]);

const gzip = Buffer.of(0x1f, 0x8b);
const tarHeader = 512;

function openContent(path: string, isGzip: boolean): AsyncIterable<Buffer> {
  const file = createReadStream(path);
  if (!isGzip) return file;
  const content = createGunzip();
  file.once('error', (error) => content.destroy(error));
  content.once('close', () => file.destroy());
  return file.pipe(content);
}

/** The first `count` bytes of a file, or all if it has fewer. */
async function readHead(path: string, count: number, isGzip = false): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of openContent(path, isGzip)) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= count) break;
  }
  return Buffer.concat(chunks).subarray(0, count);
}

/** A table with types is read, and what it holds checked, by the first look. */
async function requireModest(path: string, isGzip: boolean, limit: TextLimit): Promise<void> {
  if (isGzip) await readContent(path, true, () => undefined, limit);
}

async function requireText(path: string, isGzip: boolean, limit: TextLimit, kind: RegisteredKind): Promise<void> {
  const checks = [new Utf8Check('the text'), ...(kind === 'vectors' ? [new VectorsCheck()] : [])];
  const read = (chunk: Buffer): void => checks.forEach((check) => check.read(chunk));
  await readContent(path, isGzip, read, limit);
  checks.forEach((check) => check.end());
}

/** Reads a file to its end. @throws ValidationError once more is uncompressed than a file may have */
async function readContent(
  path: string,
  isGzip: boolean,
  read: (chunk: Buffer) => void,
  limit: TextLimit,
): Promise<void> {
  let bytes = 0;
  for await (const chunk of openContent(path, isGzip)) {
    bytes += chunk.length;
    if (isGzip && bytes > limit.bytes) throw refusal(limit.refusal);
    read(chunk);
  }
}

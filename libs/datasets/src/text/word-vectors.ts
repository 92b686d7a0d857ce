import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import type { Look } from '../look';
import { DatasetError } from '../prepared/data';

/** Vectors of some words, by their place among those that were wanted. */
export interface WordVectors {
  vectors: Map<number, Float32Array>;
  /** How many of them are those of the word in lower case. */
  inLowerCase: number;
}

/** A first line of two counts: of words, and of numbers. */
const header = /^(\d+)[ \t]+(\d+)\s*$/;

/** Characters of a line beyond which a file is no text of vectors. */
const longestLine = 2 ** 20;

/**
 * Reads the vectors of `words` from a text as GloVe and word2vec write it: a line for each word, with its numbers, after a line of two
 * counts or none; also compressed by gzip. It is read as a stream, and only vectors of these words are kept. A word that is not there gets
 * the vector of itself in lower case. `width`: numbers of a vector. `onRead` is called after each part of the file, some kilobytes.
 * @throws DatasetError for another file, or vectors of another width
 */
export async function readWordVectors(
  path: string,
  words: readonly string[],
  width: number,
  onRead?: () => void,
): Promise<WordVectors> {
  const reader = new VectorReader(words, width);
  const read = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of chunks) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop()!;
      if (rest.length > longestLine) throw noVectors();
      for (const line of lines) reader.add(line);
      onRead?.();
    }
    if (rest !== '') reader.add(rest);
  };
  const file = createReadStream(path);
  try {
    await ((await isGzip(path)) ? pipeline(file, createGunzip(), read) : pipeline(file, read));
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (error instanceof DatasetError || code === 'ENOENT') throw error;
    throw new DatasetError(code.startsWith('Z_') ? `is a damaged gzip file: ${message}` : message);
  }
  return reader.found();
}

/** Bytes of a file in which its first lines are. */
export const vectorsHead = 2 ** 16;

/** What the first bytes of a file of vectors show. */
export interface VectorsHead {
  /** Numbers of a vector. */
  width: number;
  /** How many words it says to have, in a first line of counts. */
  count: number | undefined;
  words: string[];
}

/**
 * Reads the first `vectorsHead` bytes of a text of word vectors, compressed or not, or all if it has fewer.
 * @throws DatasetError for another file
 */
export function readVectorsHead(bytes: Uint8Array): VectorsHead {
  const lines = headLines(bytes);
  const counts = header.exec(lines[0]!);
  const rows = (counts ? lines.slice(1) : lines).map((line) => line.trimEnd().split(/[ \t]+/));
  const width = counts ? Number(counts[2]) : rows[0]!.length - 1;
  const isVector = (row: readonly string[] | undefined): boolean =>
    row !== undefined && row.length === width + 1 && row.slice(1).every((field) => field !== '' && isFinite(+field));
  if (width < 1 || !isVector(rows[0])) throw noVectors();
  return { width, count: counts ? Number(counts[1]) : undefined, words: rows.filter(isVector).map(([word]) => word!) };
}

/** The whole lines of the first bytes, at least one. @throws DatasetError */
function headLines(bytes: Uint8Array): string[] {
  const isWhole = bytes.length < vectorsHead;
  let plain = bytes;
  if (isGzipped(bytes))
    try {
      plain = gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
    } catch (error) {
      throw new DatasetError(`is a damaged gzip file: ${(error as Error).message}`);
    }
  const lines = new TextDecoder().decode(plain).split('\n');
  const last = lines.pop()!;
  if (isWhole && last !== '') lines.push(last);
  if (lines.length === 0) throw isWhole ? new DatasetError('is empty') : noVectors();
  return lines;
}

/** A first look at a file of word vectors. @throws DatasetError for another file */
export function lookAtVectors(path: string): Look {
  const file = openSync(path, 'r');
  try {
    const bytes = new Uint8Array(Math.min(vectorsHead, fstatSync(file).size));
    readSync(file, bytes);
    const { width, count, words } = readVectorsHead(bytes);
    const of = count === undefined ? '' : `${count.toLocaleString('en-US')} `;
    const first = words.slice(0, 5).join(' ');
    return { facts: [`${of}vectors of ${width} numbers, the first of: ${first}`], warnings: [] };
  } finally {
    closeSync(file);
  }
}

const noVectors = (): DatasetError =>
  new DatasetError(
    'is no text of word vectors: each line must be a word and its numbers, as GloVe and word2vec write them',
  );

const isGzipped = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return isGzipped(buffer);
  } finally {
    await file.close();
  }
}

class VectorReader {
  private readonly wanted: Map<string, number>;
  private readonly lower = new Map<string, number[]>();
  private readonly own = new Map<number, Float32Array>();
  private readonly others = new Map<number, Float32Array>();
  private lines = 0;

  constructor(
    words: readonly string[],
    private readonly width: number,
  ) {
    this.wanted = new Map(words.map((word, place) => [word, place]));
    words.forEach((word, place) => {
      const lower = word.toLowerCase();
      if (lower !== word) this.lower.set(lower, [...(this.lower.get(lower) ?? []), place]);
    });
  }

  add(line: string): void {
    const isFirst = this.lines++ === 0;
    if (isFirst && this.isHeader(line)) return;
    const end = line.search(/[ \t]/);
    const word = line.slice(0, end < 0 ? line.length : end);
    const places = [this.wanted.get(word), ...(this.lower.get(word) ?? [])].filter((place) => place !== undefined);
    if (places.length === 0 && !isFirst) return;
    const numbers = this.numbersIn(line, isFirst);
    if (!numbers) return;
    for (const place of places) {
      const found = this.wanted.get(word) === place ? this.own : this.others;
      if (!found.has(place)) found.set(place, numbers);
    }
  }

  /** Whether a first line counts words and numbers. @throws DatasetError for another number of numbers */
  private isHeader(line: string): boolean {
    const counts = header.exec(line);
    // With vectors of one number, a word may be a number too.
    if (!counts || (this.width === 1 && counts[2] !== '1')) return false;
    this.requireWidth(Number(counts[2]));
    return true;
  }

  private requireWidth(width: number): void {
    if (width !== this.width)
      throw new DatasetError(`has vectors of ${width} numbers, not ${this.width}; set model.embeddingSize: ${width}`);
  }

  /** The numbers of a line; undefined for a word that contains spaces. @throws DatasetError */
  private numbersIn(line: string, isFirst: boolean): Float32Array | undefined {
    const fields = line.trimEnd().split(/[ \t]+/);
    const count = fields.length - 1;
    const numbers = Float32Array.from(fields.slice(1), Number);
    const areNumbers = count > 0 && fields.slice(1).every((field) => field !== '' && Number.isFinite(Number(field)));
    if (isFirst && !areNumbers) throw noVectors();
    if (isFirst) this.requireWidth(count);
    if (count > this.width) return undefined;
    if (count < this.width || !areNumbers)
      throw new DatasetError(`line ${this.lines}: ${JSON.stringify(fields[0])} does not have ${this.width} numbers`);
    return numbers;
  }

  /** @throws DatasetError for an empty file */
  found(): WordVectors {
    if (this.lines === 0) throw new DatasetError('is empty');
    const others = [...this.others].filter(([place]) => !this.own.has(place));
    return { vectors: new Map([...this.own, ...others]), inLowerCase: others.length };
  }
}

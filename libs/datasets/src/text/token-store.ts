import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatasetError, tokensInMemory, type TokenSource } from '../prepared/data';
import type { Stretch } from '../prepared/split';

/** A sink for the tokens of a text, written in batches. */
export interface TokenStore {
  append(tokens: Uint16Array): void;
  /** Everything written. */
  source(): TokenSource;
}

/** `length`: how many tokens there are at most. */
export function storeInMemory(length: number): TokenStore {
  const all = new Uint16Array(length);
  let end = 0;
  return {
    append(tokens) {
      all.set(tokens, end);
      end += tokens.length;
    },
    source: () => tokensInMemory(end < length ? all.slice(0, end) : all),
  };
}

/** Closes the file of an unreachable store: a trainer is long-lived, but keeps few data sets. */
const abandoned = new FinalizationRegistry<number>((file) => closeSync(file));

/**
 * A temporary file with two bytes per token. It is unlinked at once, so that it disappears with the process however that ends. Reads
 * are small and served from the operating system's page cache where possible. `length`: how many tokens there are at most.
 * @throws DatasetError if there is no space for it
 */
export function storeOnDisk(length: number): TokenStore {
  const folder = mkdtempSync(join(tmpdir(), 'unroll-tokens-'));
  const file = openSync(join(folder, 'tokens'), 'wx+', 0o600);
  rmSync(folder, { recursive: true });
  let end = 0;
  const read = (from: number, count: number): Uint16Array => {
    const tokens = new Uint16Array(Math.max(0, Math.min(count, end - from)));
    const bytes = new Uint8Array(tokens.buffer);
    for (let done = 0; done < bytes.length;)
      done += readSync(file, bytes, done, bytes.length - done, 2 * from + done) || throwTruncated(end);
    return tokens;
  };
  // Every part of the text references this function, so its collection means that the store is unreachable.
  abandoned.register(read, file);
  return {
    append(tokens) {
      const bytes = new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength);
      for (let done = 0; done < bytes.length;) done += written(file, bytes, done, 2 * end + done, length);
      end += tokens.length;
    },
    source: () => ({ length: end, read }),
  };
}

function throwTruncated(length: number): never {
  throw new Error(`the temporary file of ${length} tokens was truncated`);
}

function written(file: number, bytes: Uint8Array, from: number, position: number, length: number): number {
  try {
    return writeSync(file, bytes, from, bytes.length - from, position);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    throw new DatasetError(
      `${tmpdir()} has no space for the tokens of the text (${Math.ceil((2 * length) / 1e6)} MB): free some, or set TMPDIR`,
    );
  }
}

/** Several ranges of a source, concatenated. */
export function concatenated(source: TokenSource, stretches: readonly Stretch[]): TokenSource {
  const length = stretches.reduce((sum, { begin, end }) => sum + end - begin, 0);
  return {
    length,
    read(from, count) {
      const wanted = Math.max(0, Math.min(count, length - from));
      let before = 0;
      const parts = stretches.flatMap(({ begin, end }) => {
        const first = Math.max(0, from - before);
        const last = Math.min(end - begin, from + wanted - before);
        before += end - begin;
        return last > first ? [source.read(begin + first, last - first)] : [];
      });
      if (parts.length === 1) return parts[0]!;
      const joined = new Uint16Array(wanted);
      parts.reduce((at, part) => (joined.set(part, at), at + part.length), 0);
      return joined;
    },
  };
}

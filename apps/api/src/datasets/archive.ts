import { datasetKindDefinitions, type RegisteredKind } from '@unroll/contracts';
import {
  DatasetError,
  isRecording,
  isVisible,
  mostArchiveBytes,
  mostFileBytes,
  requireRecordings,
  requireWav,
  tableFormat,
} from '@unroll/datasets';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Parser, type ReadEntry } from 'tar';
import { Utf8Check } from './utf8-check';

/** What examines the parts of one file. Both throw DatasetError. */
interface Check {
  read(chunk: Buffer): void;
  end(): void;
}

const checkText = (name: string): Check => new Utf8Check(`${name}: the text`);

/** A text, or a table with types, which the first look reads. */
function checkRows(name: string): Check {
  let check: Check | undefined;
  return {
    read(chunk) {
      check ??= tableFormat(chunk) ? { read: () => undefined, end: () => undefined } : checkText(name);
      check.read(chunk);
    },
    end: () => check?.end(),
  };
}

/** The header of a recording is checked against its length. */
function checkRecording(name: string): Check {
  const chunks: Buffer[] = [];
  return { read: (chunk) => void chunks.push(chunk), end: () => requireWav(Buffer.concat(chunks), name) };
}

/**
 * Checks a .tar or .tar.gz archive of recordings or labelled texts. It is read as a stream, up to the first problem, with one recording in
 * memory at most.
 * @throws DatasetError if the archive or a file in it is damaged, too large or not of the data set's kind
 */
export async function requireArchive(path: string, kind: RegisteredKind): Promise<void> {
  const hasRecordings = datasetKindDefinitions[kind].archiveHolds === 'recordings';
  const isWanted = hasRecordings ? isRecording : isVisible;
  const ended = new AbortController();
  let [bytes, files] = [0, 0];
  let problem: Error | undefined;
  // An error thrown in a listener would not be caught.
  const attempt = (run: () => void): void => {
    if (problem) return;
    try {
      run();
    } catch (error) {
      problem = error as Error;
      ended.abort();
    }
  };
  const onReadEntry = (entry: ReadEntry): void => {
    const name = entry.path.replace(/^(\.?\/)+/, '');
    attempt(() => requireModest(name, entry.size, (bytes += entry.size)));
    if (problem || !isFile(entry) || !isWanted(name)) return entry.resume();
    files += 1;
    const check = hasRecordings ? checkRecording(name) : checkRows(name);
    entry.on('data', (chunk: Buffer) => attempt(() => check.read(chunk)));
    // One that is cut short is a problem of the archive.
    entry.on('end', () => entry.remain === 0 && attempt(() => check.end()));
  };
  const parser = new Parser({ strict: true, onReadEntry });
  // eslint-disable-next-line eslint-core/no-restricted-syntax -- tar types its parser, which is a stream, as an emitter of events
  await pipeline(createReadStream(path), parser as unknown as NodeJS.WritableStream, { signal: ended.signal }).catch(
    (error: Error) => {
      throw problem ?? new DatasetError(`the archive is damaged: ${error.message}`);
    },
  );
  if (problem) throw problem;
  if (hasRecordings) requireRecordings(files);
  else if (files === 0) throw new DatasetError('the archive has no files');
}

function requireModest(name: string, size: number, total: number): void {
  if (size > mostFileBytes)
    throw new DatasetError(`${name}: has ${size} bytes, more than ${mostFileBytes}: split it, or leave it out`);
  if (total > mostArchiveBytes)
    throw new DatasetError(`the archive has more than ${mostArchiveBytes} bytes uncompressed: use a part of it`);
}

const isFile = ({ type }: ReadEntry): boolean => type === 'File' || type === 'OldFile';

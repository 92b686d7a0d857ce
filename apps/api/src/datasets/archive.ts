import { datasetKindDefinitions, type DatasetKind } from '@unroll/contracts';
import {
  DatasetError,
  isRecording,
  isVisible,
  mostArchiveBytes,
  requireRecordings,
  requireWav,
} from '@unroll/datasets';
import { list, type ReadEntry } from 'tar';

/**
 * Checks a .tar or .tar.gz archive of recordings or labelled texts, with one file in memory at a time.
 * @throws DatasetError if the archive or a file in it is damaged or is not of the data set's kind
 */
export async function requireArchive(path: string, kind: DatasetKind): Promise<void> {
  let [bytes, files] = [0, 0];
  let problem: DatasetError | undefined;
  const hasRecordings = datasetKindDefinitions[kind].archiveHolds === 'recordings';
  const isWanted = hasRecordings ? isRecording : isVisible;
  const check = hasRecordings ? requireWav : requireUtf8;
  const onReadEntry = (entry: ReadEntry): void => {
    const name = entry.path.replace(/^(\.?\/)+/, '');
    bytes += entry.size;
    if (problem || !isFile(entry) || !isWanted(name) || bytes > mostArchiveBytes) return entry.resume();
    files += 1;
    const chunks: Buffer[] = [];
    entry.on('data', (chunk: Buffer) => chunks.push(chunk));
    // An error thrown in this listener would not be caught.
    entry.on('end', () => (problem ??= catchError(() => check(Buffer.concat(chunks), name))));
  };
  await list({ file: path, strict: true, onReadEntry }).catch((error: Error) => {
    throw new DatasetError(`the archive is damaged: ${error.message}`);
  });
  if (bytes > mostArchiveBytes)
    throw new DatasetError(`the archive has more than ${mostArchiveBytes} bytes uncompressed: use a part of it`);
  if (problem) throw problem;
  if (hasRecordings) requireRecordings(files);
  else if (files === 0) throw new DatasetError('the archive has no files');
}

const isFile = ({ type }: ReadEntry): boolean => type === 'File' || type === 'OldFile';

function requireUtf8(bytes: Buffer, name: string): void {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new DatasetError(`${name}: the text is not valid UTF-8: convert it, for example with iconv`);
  }
}

function catchError(run: () => void): DatasetError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error as DatasetError;
  }
}

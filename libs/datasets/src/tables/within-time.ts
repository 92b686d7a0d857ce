import { runInNewContext } from 'node:vm';
import { DatasetError } from '../prepared/data';

/** Milliseconds, of which a whole file of the largest size takes a fraction. */
const longest = 120_000;

/**
 * Runs a reader of another library, and ends it where a damaged file keeps it busy: only a script can be ended from outside.
 * @throws DatasetError for one that takes too long
 */
export function withinTime<Result>(format: string, read: () => Result, limit = longest): Result {
  try {
    return runInNewContext('read()', { read }, { timeout: limit }) as Result;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new DatasetError(`the ${format} file is damaged: reading it takes more than ${limit / 1000} seconds`);
  }
}

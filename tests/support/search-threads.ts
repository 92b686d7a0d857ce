import { join } from 'node:path';
import { SearchThreads } from '../../apps/api/src/search/search-threads';

/** The file that search threads of specs start from. */
export const searchThreadFile = join(__dirname, 'search-thread.cjs');

/** Gives the surrounding block search threads. */
export function useSearchThreads(): SearchThreads {
  const threads = new SearchThreads(searchThreadFile);
  afterAll(() => threads.beforeApplicationShutdown());
  return threads;
}

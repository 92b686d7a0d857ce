import { readConfig } from '@unroll/config';
import { rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import type { Caller } from '../../apps/api/src/access/caller';
import { createApi } from '../../apps/api/src/api';
import type { TestDatabase } from './database';
import { searchThreadFile } from './search-threads';
import { temporaryFolder } from './servers.cjs';

export interface TestApi {
  readonly url: string;
  readonly key: string;
  /** Calls the API with the key. */
  call(path: string, options?: RequestInit): Promise<Response>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

/** Whom the API takes a request with `testKey` for. */
export const testCaller: Caller = { teamId: 'local', member: 'local', role: 'admin', key: null };

export const testKey = 'a-key-for-tests-alone';

/** Starts an API in this process, on its own port and data folder. */
export async function openApi(databaseUrl: string, environment: Record<string, string> = {}): Promise<TestApi> {
  const dataFolder = temporaryFolder();
  const config = readConfig({
    DATABASE_URL: databaseUrl,
    UNROLL_DATA: dataFolder,
    UNROLL_KEY: testKey,
    UNROLL_LOG_LEVEL: 'silent',
    ...environment,
  });
  const app = await createApi(config, searchThreadFile);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const call = (path: string, options: RequestInit = {}): Promise<Response> =>
    fetch(url + path, {
      ...options,
      headers: { authorization: `Bearer ${testKey}`, ...(options.headers as Record<string, string>) },
    });
  let closed: Promise<void> | undefined;
  return {
    url,
    key: testKey,
    call,
    post: (path, body, headers = {}) =>
      call(path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    close: () => (closed ??= app.close().then(() => rm(dataFolder, { recursive: true, force: true }))),
  };
}

/** Gives the surrounding block a running API over its database. `environment` is read when the API starts. */
export function useApi(database: TestDatabase, environment?: () => Record<string, string>): TestApi {
  let api: TestApi | undefined;
  beforeAll(async () => {
    api = await openApi(database.url, environment?.());
  });
  database.closing.push(() => api?.close());
  return {
    get url() {
      return api!.url;
    },
    key: testKey,
    call: (...request) => api!.call(...request),
    post: (...request) => api!.post(...request),
    close: () => api!.close(),
  };
}

/** Registers a data set with these contents. */
export function uploadDataset(
  api: Pick<TestApi, 'call'>,
  name: string,
  kind: string,
  content: string | Uint8Array,
): Promise<Response> {
  const body = new FormData();
  body.set('name', name);
  body.set('kind', kind);
  body.set('file', new Blob([content]), 'file');
  return api.call('/v1/datasets', { method: 'POST', body });
}

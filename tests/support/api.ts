import { readConfig } from '@unroll/config';
import { mkdtemp } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApi } from '../../apps/api/src/api';

export interface TestApi {
  url: string;
  key: string;
  /** Calls the API with the key. */
  call(path: string, options?: RequestInit): Promise<Response>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

export const testKey = 'a-key-for-tests-alone';

/** An API in this process, on a port and a data folder of its own. */
export async function openApi(databaseUrl: string, environment: Record<string, string> = {}): Promise<TestApi> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'unroll-api-'));
  const config = readConfig({
    DATABASE_URL: databaseUrl,
    UNROLL_DATA: dataFolder,
    UNROLL_KEY: testKey,
    UNROLL_LOG_LEVEL: 'silent',
    ...environment,
  });
  const app = await createApi(config);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const call = (path: string, options: RequestInit = {}): Promise<Response> =>
    fetch(url + path, {
      ...options,
      headers: { authorization: `Bearer ${testKey}`, ...(options.headers as Record<string, string>) },
    });
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
    close: () => app.close(),
  };
}

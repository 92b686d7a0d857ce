import { isLoopback } from '@unroll/config';
import type { Problem } from '@unroll/contracts';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CommandFailed } from '../errors/command-failed';
import { readInstance } from '../stack/instance';
import { readCredentials } from './credentials';

/** The address of the API and its key. */
export interface Connection {
  url: string;
  key: string;
}

/** The data folder of the local stack: UNROLL_DATA, or `.unroll` in the working directory. */
export function dataFolder(given?: string): string {
  return resolve(given ?? process.env.UNROLL_DATA ?? '.unroll');
}

function connection(): Connection {
  const folder = dataFolder();
  const local = readInstance(folder)?.url;
  const { current, keys } = readCredentials();
  const given = process.env.UNROLL_URL ?? local ?? current;
  if (given === undefined)
    throw new CommandFailed(
      `no Unroll stack is running from ${folder}: start one with "npx unroll start", or sign in to one with "npx unroll login URL"`,
    );
  const url = withoutSlash(given);
  const keyFile = join(folder, 'key');
  // The key of this folder's stack is for this machine only, wherever UNROLL_URL points.
  const isOwn = URL.canParse(url) && isLoopback(new URL(url).hostname);
  const inFile = isOwn && existsSync(keyFile) ? readFileSync(keyFile, 'utf8').trim() : undefined;
  const key = process.env.UNROLL_KEY ?? (given === local ? (inFile ?? keys[url]) : (keys[url] ?? inFile));
  if (key === undefined)
    throw new CommandFailed(`there is no key for ${url}: sign in with "npx unroll login ${url}", or set UNROLL_KEY`, 2);
  return { url, key };
}

/** The address of the API that commands use. @throws CommandFailed */
export const serverUrl = (): string => connection().url;

/** Query parameters; those without a value are left out. */
export type Query = Record<string, string | number | readonly string[] | undefined>;

/** An address as it is stored and compared. */
export const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

interface Call {
  /** Default: those of this machine's stack, or of the last sign-in. */
  connection?: Connection;
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  query?: Query;
  body?: string | FormData;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Statuses that mean the request itself was wrong. */
const badUsage = new Set([400, 404, 409, 413, 415, 422]);

/**
 * The answer to a request, which was a success. After a broken connection, a request is sent once more if that does no more than sending it
 * once. @throws CommandFailed
 */
async function send(
  path: string,
  { connection: to = connection(), method = 'GET', query = {}, body, headers = {}, signal }: Call,
): Promise<Response> {
  const { url, key } = to;
  const parameters = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((each): [string, string] => [name, String(each)]),
  );
  const search = parameters.length > 0 ? `?${new URLSearchParams(parameters).toString()}` : '';
  const request = (): Promise<Response> =>
    fetch(`${url}${path}${search}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...headers },
      ...(body === undefined ? {} : { body }),
      ...(signal ? { signal } : {}),
    });
  // A connection that was kept may have been closed while a command computed, which it learns only when it sends the next request.
  const isRepeatable = method === 'GET' || 'idempotency-key' in headers;
  const response = await request()
    .catch((error: unknown) => {
      if (signal?.aborted || !isRepeatable) throw error;
      return request();
    })
    .catch((error: unknown) => {
      const { cause } = error as { cause?: { code?: string } };
      throw new CommandFailed(
        `the API at ${url} is not reachable (${cause?.code ?? String(error)}): start it with "npx unroll start"`,
      );
    });
  if (response.ok) return response;
  const text = await response.text();
  let detail = text.slice(0, 200);
  try {
    detail = (JSON.parse(text) as Problem).detail;
  } catch {
    // Not a problem document: show the body as received.
  }
  throw new CommandFailed(
    detail || `the API responded with status ${response.status}`,
    badUsage.has(response.status) ? 2 : 1,
  );
}

/** Calls the API and returns the parsed response. @throws CommandFailed with the problem's detail */
export async function call<Answer>(path: string, options: Call = {}): Promise<Answer> {
  const response = await send(path, options);
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

/** Streams a response body. @throws CommandFailed */
export async function download(path: string, query: Query = {}): Promise<ReadableStream<Uint8Array>> {
  const { body } = await send(path, { query });
  if (!body) throw new CommandFailed('the API sent an empty response');
  return body;
}

/** Yields server-sent events as they arrive, starting after the one with the id `after`. */
export async function* openEvents(
  path: string,
  after: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { body } = await send(path, { headers: after === undefined ? {} : { 'last-event-id': after }, signal });
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of body ?? []) {
    text += decoder.decode(bytes as Uint8Array, { stream: true });
    const parts = text.split('\n\n');
    text = parts.pop()!;
    yield* parts;
  }
}

/** The address of the API. */
export function apiUrl(): string {
  return connection().url;
}

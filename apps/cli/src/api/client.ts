import type { Problem } from '@unroll/contracts';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CommandFailed } from '../errors/command-failed';
import { readInstance } from '../stack/instance';

/** Where the API is, and the key that opens it. */
interface Place {
  url: string;
  key: string;
}

/** The folder of the local stack: UNROLL_DATA, or `.unroll` here. */
export function dataFolder(given?: string): string {
  return resolve(given ?? process.env.UNROLL_DATA ?? '.unroll');
}

function place(): Place {
  const folder = dataFolder();
  const url = process.env.UNROLL_URL ?? readInstance(folder)?.url;
  if (url === undefined)
    throw new CommandFailed(
      `no Unroll runs from ${folder}: start one with "npx unroll start", or name one in UNROLL_URL and UNROLL_KEY`,
    );
  const keyFile = join(folder, 'key');
  const key = process.env.UNROLL_KEY ?? (existsSync(keyFile) ? readFileSync(keyFile, 'utf8').trim() : undefined);
  if (key === undefined) throw new CommandFailed(`there is no key in ${keyFile}: give it in UNROLL_KEY`, 2);
  return { url: url.replace(/\/$/, ''), key };
}

interface Call {
  method?: 'GET' | 'POST' | 'DELETE';
  query?: Record<string, string | number | readonly string[] | undefined>;
  body?: string | FormData;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Statuses that say that the request itself was wrong. */
const badUsage = new Set([400, 404, 409, 413, 415, 422]);

async function send(path: string, { method = 'GET', query = {}, body, headers = {}, signal }: Call): Promise<Response> {
  const { url, key } = place();
  const asked = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((each): [string, string] => [name, String(each)]),
  );
  const search = asked.length > 0 ? `?${new URLSearchParams(asked).toString()}` : '';
  let response: Response;
  try {
    response = await fetch(`${url}${path}${search}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...headers },
      ...(body === undefined ? {} : { body }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    throw new CommandFailed(
      `the API at ${url} does not answer (${cause?.code ?? String(error)}): start it with "npx unroll start"`,
    );
  }
  if (response.ok) return response;
  const text = await response.text();
  let detail = text.slice(0, 200);
  try {
    detail = (JSON.parse(text) as Problem).detail;
  } catch {
    // Not ours: show what came.
  }
  throw new CommandFailed(detail || `the API answered ${response.status}`, badUsage.has(response.status) ? 2 : 1);
}

/** Calls the API and returns what it answers. @throws CommandFailed with the one line that it says */
export async function call<Answer>(path: string, options: Call = {}): Promise<Answer> {
  const response = await send(path, options);
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

/** Calls the API for bytes. */
export async function download(path: string): Promise<ReadableStream<Uint8Array>> {
  const { body } = await send(path, {});
  if (!body) throw new CommandFailed('the API answered nothing');
  return body;
}

/** The parts of a stream of server-sent events as they come, from behind the one with the id `after`. */
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

/** The address that people and commands reach the API at. */
export function apiUrl(): string {
  return place().url;
}

import type { Problem } from '@unroll/contracts';
import { forgetKey, storedKey } from './key';
import { queryText, type Query } from './query-text';

export { queryText, type Query };

/** A rejected request, or an unreachable API, with a one-line message for the user. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    /** HTTP status; 0 if there was no response. */
    readonly status: number,
    message: string,
    readonly errors: NonNullable<Problem['errors']> = [],
  ) {
    super(message);
  }
}

interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  query?: Query;
  body?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Sends a request to the API. @throws ApiError with the problem's detail */
export async function send(path: string, { method = 'GET', query, body, headers, signal }: Call = {}) {
  const key = storedKey();
  let response: Response;
  try {
    response = await fetch(path + queryText(query), {
      method,
      headers: { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...headers },
      ...(body === undefined ? {} : { body }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, 'the API is not reachable; retrying in a moment');
  }
  if (response.ok) return response;
  // The key is no longer valid: forget it, which shows the sign-in page.
  if (response.status === 401) forgetKey();
  throw await refusal(response);
}

async function refusal(response: Response): Promise<ApiError> {
  const text = await response.text();
  try {
    const { detail, errors } = JSON.parse(text) as Problem;
    return new ApiError(response.status, detail, errors);
  } catch {
    return new ApiError(response.status, text.slice(0, 200) || `the API responded with status ${response.status}`);
  }
}

/** Sends a request and parses the JSON response. @throws ApiError */
export async function call<Answer>(path: string, options?: Call): Promise<Answer> {
  const response = await send(path, options);
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

/** Downloads a response as a file. @throws ApiError */
export async function save(path: string, file: string, query?: Query): Promise<void> {
  const response = await send(path, { query: query ?? {} });
  const address = URL.createObjectURL(await response.blob());
  const link = Object.assign(document.createElement('a'), { href: address, download: file });
  link.click();
  URL.revokeObjectURL(address);
}

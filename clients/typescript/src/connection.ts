import { Refused, Unreachable, type FieldError } from './errors.ts';

/** Parameters of a query; those that are undefined are left out, lists are repeated. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

interface Sent {
  query?: Query;
  /** An object is sent as JSON, a text as YAML, of which JSON is a part. */
  body?: object | string;
  /** Whether sending it twice does no more than sending it once, by its key or by what it is. */
  repeatable?: boolean;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

const searchOf = (query: Query): string => {
  const parameters = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((each): [string, string] => [name, String(each)]),
  );
  return parameters.length > 0 ? `?${new URLSearchParams(parameters).toString()}` : '';
};

async function refusal(response: Response): Promise<Refused> {
  const text = await response.text();
  let problem: { detail?: string; errors?: FieldError[] } = {};
  try {
    problem = JSON.parse(text) as typeof problem;
  } catch {
    // No problem document: what came is shown as it is.
  }
  const detail = problem.detail ?? (text.slice(0, 200) || `the API answered with status ${response.status}`);
  return new Refused(response.status, detail, problem.errors ?? []);
}

/** An API and the key for it. */
export class Connection {
  constructor(
    readonly url: string,
    private readonly key: string | undefined,
  ) {}

  /**
   * The answer to a request, which was a success. After a broken connection, a request is sent once more if that does no more than sending
   * it once. @throws Refused, Unreachable; the reason of `signal` once that is aborted
   */
  async open(method: string, path: string, sent: Sent = {}): Promise<Response> {
    const { query = {}, body, signal } = sent;
    const repeatable = method === 'GET' || sent.repeatable === true;
    const type = typeof body === 'string' ? 'application/yaml' : 'application/json';
    const headers = {
      ...(this.key === undefined ? {} : { authorization: `Bearer ${this.key}` }),
      ...(body === undefined ? {} : { 'content-type': type }),
      ...(repeatable && method === 'POST' ? { 'idempotency-key': crypto.randomUUID() } : {}),
      ...sent.headers,
    };
    const content = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    const send = (): Promise<Response> =>
      fetch(`${this.url}${path}${searchOf(query)}`, { method, headers, ...content, ...(signal ? { signal } : {}) });
    const response = await send()
      .catch((error: unknown) => {
        if (signal?.aborted || !repeatable) throw error;
        return send();
      })
      .catch((error: unknown) => {
        if (signal?.aborted) throw error;
        const { cause } = error as { cause?: { code?: string } };
        throw new Unreachable(`the API at ${this.url} is not reachable: ${cause?.code ?? String(error)}`);
      });
    if (!response.ok) throw await refusal(response);
    return response;
  }

  /** The same, read as JSON; undefined for an answer without content. */
  async call<Answer>(method: string, path: string, sent: Sent = {}): Promise<Answer> {
    const response = await this.open(method, path, sent);
    return (response.status === 204 ? undefined : await response.json()) as Answer;
  }

  /** The items of a list, read page by page as they are asked for. */
  async *items<Item>(path: string, query: Query = {}): AsyncGenerator<Item, void, undefined> {
    let cursor: string | undefined;
    do {
      const page = await this.call<Page<Item>>('GET', path, { query: { limit: 200, ...query, cursor } });
      yield* page.items;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }

  /** The objects of an answer with one on each line, as they arrive. */
  async *lines<Line>(path: string, query: Query): AsyncGenerator<Line, void, undefined> {
    const { body } = await this.open('GET', path, { query });
    const decoder = new TextDecoder();
    let rest = '';
    for await (const bytes of body ?? []) {
      const lines = (rest + decoder.decode(bytes as Uint8Array, { stream: true })).split('\n');
      rest = lines.pop()!;
      for (const line of lines) yield JSON.parse(line) as Line;
    }
    if (rest !== '') yield JSON.parse(rest) as Line;
  }
}

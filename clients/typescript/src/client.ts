import { Connection } from './connection.ts';
import { Unreachable } from './errors.ts';
import { listen, type LiveEvent } from './events.ts';
import type { StudySpec, SweepPlan, SweepSpec, SweepView, TrialView } from './schemas.ts';
import { Study, type Parameters } from './study.ts';
import { Sweep } from './sweep.ts';
import { Trial } from './trial.ts';

export interface ClientOptions {
  /** Address of the API. */
  url: string;
  key?: string | undefined;
  /** Where trials of studies run, for the list of attempts. */
  host?: string | undefined;
}

/** Whether an address is of this machine. */
function isLocal(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

/** A connection to an API. Works wherever there is `fetch`; `Client.local` needs Node. */
export class Client {
  readonly url: string;
  private readonly connection: Connection;
  private readonly host: string;

  constructor({ url, key, host = 'unknown' }: ClientOptions) {
    this.url = url.replace(/\/+$/, '');
    this.host = host;
    this.connection = new Connection(this.url, key);
  }

  /**
   * The API of UNROLL_URL and UNROLL_KEY, else of the stack that runs from UNROLL_DATA or `.unroll`. @throws Unreachable if there is none
   */
  static async local(): Promise<Client> {
    const [{ readFile }, path, { hostname }] = await Promise.all([
      import('node:fs/promises'),
      import('node:path'),
      import('node:os'),
    ]);
    const { UNROLL_URL, UNROLL_KEY, UNROLL_DATA = '.unroll' } = process.env;
    const read = (name: string): Promise<string | undefined> =>
      readFile(path.join(UNROLL_DATA, name), 'utf8').catch(() => undefined);
    // A stack that is starting has no address yet.
    const instance = JSON.parse((await read('instance.json')) ?? '{}') as { url?: string };
    const url = UNROLL_URL ?? instance.url;
    if (url === undefined)
      throw new Unreachable(
        'no Unroll stack is running here: start one with "npx unroll start", or set UNROLL_URL and UNROLL_KEY',
      );
    // The key of the folder's stack is for this machine only, wherever UNROLL_URL points.
    const key = UNROLL_KEY ?? (isLocal(url) ? (await read('key'))?.trim() : undefined);
    return new Client({ url, key, host: hostname() });
  }

  /** Submits a sweep: an object, or the text of a sweep file in YAML or JSON. @throws Refused with one line for each error */
  async submit(spec: SweepSpec | string): Promise<Sweep> {
    const view = await this.connection.call<SweepView>('POST', '/v1/sweeps', { body: spec, repeatable: true });
    return new Sweep(this.connection, view);
  }

  /** What a sweep would do. Creates nothing. */
  plan(spec: SweepSpec | string): Promise<SweepPlan> {
    return this.connection.call('POST', '/v1/sweeps', { body: spec, query: { dryRun: true } });
  }

  /** A sweep by its id, a prefix of it, or `last`. */
  async sweep(id = 'last'): Promise<Sweep> {
    const view = await this.connection.call<SweepView>('GET', `/v1/sweeps/${encodeURIComponent(id)}`);
    return new Sweep(this.connection, view);
  }

  /** All sweeps that are not archived, newest first, read page by page. */
  async *sweeps(): AsyncGenerator<Sweep, void, undefined> {
    for await (const view of this.connection.items<SweepView>('/v1/sweeps')) yield new Sweep(this.connection, view);
  }

  /** A trial by its id, a prefix of it, `best`, `SWEEP:best` or `last`. */
  async trial(id = 'best'): Promise<Trial> {
    const view = await this.connection.call<TrialView>('GET', `/v1/trials/${encodeURIComponent(id)}`);
    return new Trial(this.connection, view);
  }

  /** Creates a study: a search whose trials are run here, by `ask`, `report` and `tell`. */
  async study<Given extends Parameters = Parameters>(spec: StudySpec): Promise<Study<Given>> {
    const view = await this.connection.call<SweepView>('POST', '/v1/studies', { body: spec, repeatable: true });
    return new Study<Given>(this.connection, view, this.host);
  }

  /** What changes of all sweeps, trials and workers, as it happens, until `signal` is aborted. */
  events(options: { signal?: AbortSignal; after?: string } = {}): AsyncGenerator<LiveEvent> {
    return listen(this.connection, '/v1/events', options);
  }
}
